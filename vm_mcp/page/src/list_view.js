/** @import { Voicemail } from "./types.js" */
/** @import { App } from "./app.js" */
import { minutes } from "./clock.js";
import { el, present } from "./dom.js";
import { callerOf, keyOf } from "./message_facts.js";
import { chip } from "./message_view.js";
import { t } from "./texts.js";

/** The list of messages. */
export class ListView {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Map<string, HTMLLIElement>} */
    this.rows = new Map();
    this.list = el("ul", { class: "rows", "aria-label": t("messages") });
    this.more = el("button", { class: "button more", onclick: () => app.inbox.more() }, t("more"));
    this.empty = el("p", { class: "empty", role: "status" });
    this.element = el("nav", { class: "list", "aria-label": t("messages") }, this.list, this.empty, this.more);
    new IntersectionObserver(([entry]) => entry.isIntersecting && app.inbox.more(), {
      root: this.element,
      rootMargin: "600px",
    }).observe(this.more);
  }

  /** Show the list as it is now; rows that stay keep their place and focus. */
  show() {
    const { inbox } = this.app;
    const focused = [...this.rows].find(([, row]) => row.contains(document.activeElement))?.[0];
    this.rows = new Map(inbox.messages.map((message) => [keyOf(message), this.row(message)]));
    this.list.replaceChildren(...this.rows.values());
    this.list.hidden = !this.rows.size;
    this.list.setAttribute("aria-busy", String(inbox.isLoading));
    this.more.hidden = !inbox.cursor;
    this.empty.textContent = this.rows.size ? "" : this.absence();
    this.select(this.app.chosen);
    if (focused) this.button(focused)?.focus({ preventScroll: true });
  }

  absence() {
    const { inbox } = this.app;
    if (inbox.error) return "";
    if (!inbox.hasLoaded) return t("loading");
    if (inbox.filter.query) return t("no_hits", { query: inbox.filter.query });
    return inbox.filter.status === "open" ? t("nothing_open") : t("nothing");
  }

  /** @param {Voicemail} message */
  update(message) {
    const key = keyOf(message);
    const old = this.rows.get(key);
    if (!old) return;
    const hadFocus = old.contains(document.activeElement);
    const row = this.row(message);
    this.rows.set(key, row);
    old.replaceWith(row);
    this.select(this.app.chosen);
    if (hadFocus) this.button(key)?.focus({ preventScroll: true });
  }

  /** @param {Voicemail} message */
  row(message) {
    const { inbox } = this.app;
    const button = el("button", { class: "row", onclick: () => this.app.choose(message) },
      el("span", { class: "row-head" },
        el("span", { class: "caller", dir: "auto" }, callerOf(message)),
        el("span", { class: "when" }, inbox.clock.at(message.received_at))),
      el("span", { class: "row-facts" },
        !message.is_read && el("span", { class: "unread" }, t("unread")),
        chip(message),
        el("span", {}, [message.extension, inbox.owners[message.extension || ""]].filter(Boolean).join(" ")),
        message.duration_seconds !== undefined && el("span", {}, minutes(message.duration_seconds))),
      el("span", { class: "begin", dir: "auto" }, ...beginning(message)));
    return el("li", { class: message.is_open ? "" : "is-closed" }, button);
  }

  /** @param {Voicemail | null} chosen */
  select(chosen) {
    for (const row of this.list.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    if (chosen) this.button(keyOf(chosen))?.setAttribute("aria-current", "true");
  }

  /**
   * @param {string} key
   * @returns {HTMLElement | null | undefined}
   */
  button(key) {
    return this.rows.get(key)?.querySelector("button");
  }

  /** @param {string} key */
  focus(key) {
    const button = this.button(key);
    button?.focus();
    button?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * Return how a message begins, or where a search found it; doubtful words and hits are marked.
 *
 * @param {Voicemail} message
 */
function beginning(message) {
  if (message.not_understood) return [t("not_understood")];
  if (message.no_speech) return [t("no_speech")];
  const text = message.snippet || message.first_line || "";
  if (!text) return [el("i", {}, t("no_transcript"))];
  return present(text.split(/(\[\?.*?\]|\*\*.+?\*\*)/).map((part) => {
    if (part.startsWith("[?")) return el("mark", {}, part.slice(2, -1));
    return part.startsWith("**") && part.length > 4 ? el("b", {}, part.slice(2, -2)) : part;
  }));
}
