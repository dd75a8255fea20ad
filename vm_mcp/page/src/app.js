/** @import { Bridge, MarkState, Voicemail } from "./types.js" */
import { askForNote, askToPlay, showKeys } from "./dialogs.js";
import { el, iconButton, present } from "./dom.js";
import { asBridgeError, Inbox } from "./inbox.js";
import { listenToKeys } from "./keyboard.js";
import { ListView } from "./list_view.js";
import { grouped, keyOf } from "./message_facts.js";
import { MessageView } from "./message_view.js";
import { Player } from "./player.js";
import { Recordings } from "./recording.js";
import { t } from "./texts.js";

const STATUSES = /** @type {const} */ (["open", "unheard", "unread", "read", "all"]);
const REFRESH_SECONDS = 60;
/** How long after the last touch it refreshes by itself; a page that is left open lets its server end. */
const AWAKE_SECONDS = 600;
const INLINE_HEIGHT = 500;
const TYPING = 250;

/** The page: what is shown of what, and what happens when something is clicked. */
export class App {
  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    this.inbox = new Inbox(bridge, () => this.showList(), (message) => this.showChanged(message));
    this.recordings = new Recordings(bridge, (uuid) => this.whole(uuid));
    this.player = new Player(() => this.follow(), (error) => this.tell(asBridgeError(error)));
    /** @type {Voicemail | null} */
    this.chosen = null;
    /** Where each message was stopped, in seconds. @type {Map<string, number>} */
    this.places = new Map();
    const days = [1, 7, 30, 90, 365].map((count) => /** @type {const} */ ([`${count}d`, t("days", { count })]));
    this.asks = true;
    this.hasKeys = true;
    this.isFollowing = false;
    this.touched = Date.now();
    this.narrow = matchMedia("(max-width: 719px)");
    this.status = select(t("show"), STATUSES.map((status) => [status, t(`status_${status}`)]), (status) => this.filter({ status }));
    this.mailbox = select(t("mailbox"), [["", t("every_mailbox")]], (extension) => this.filter({ extension }));
    this.since = select(t("since"), days, (since) => this.filter({ since }));
    this.search = el("input", { type: "search", "aria-label": t("search"), placeholder: t("search_hint"), maxlength: 300, oninput: () => this.type() });
    this.typing = 0;
    this.count = el("span", { class: "count" });
    this.fullButton = iconButton("full", t("full"), () => this.toggleFull());
    this.alert = el("div", { role: "alert", class: "alert" });
    this.notice = el("p", { role: "status", class: "notice" });
    this.toast = el("div", { role: "status", class: "toast" });
    this.list = new ListView(this);
    this.message = new MessageView(this);
    this.element = el("main", { class: "app" },
      el("header", { class: "bar" },
        el("h1", {}, t("title"), " ", this.count),
        el("div", { class: "filters", role: "search" }, this.search, this.status, this.mailbox, this.since),
        el("div", { class: "tools" }, ...present([
          iconButton("refresh", t("refresh"), () => this.inbox.reload()),
          this.fullButton,
          el("button", { class: "icon-button", "aria-label": t("help"), title: t("help"), onclick: () => this.help() }, "?"),
          bridge.end && iconButton("end", t("end"), () => this.end()),
        ]))),
      this.alert,
      this.notice,
      el("div", { class: "panes" }, this.list.element, this.message.element),
      this.toast);
  }

  /** Show the page, and keep it as the server and the host are. */
  start() {
    document.body.replaceChildren(this.element);
    document.title = t("title");
    listenToKeys(this);
    this.fit();
    this.bridge.onContext(() => this.fit());
    this.bridge.onEnd(() => this.player.stop());
    this.narrow.addEventListener("change", () => this.message.show(this.chosen));
    new ResizeObserver(() => this.bridge.sizeTo(Math.ceil(this.element.getBoundingClientRect().height))).observe(this.element);
    this.bridge.asked().then(({ extension, since }) => {
      if (extension || since) this.filter({ extension: extension || "", since: since || "30d" });
    });
    for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, () => this.touch());
    document.addEventListener("visibilitychange", () => document.hidden || this.inbox.reload());
    if (!this.bridge.isHosted) setInterval(() => this.keepFresh(), REFRESH_SECONDS * 1000);
    return this.inbox.reload();
  }

  keepFresh() {
    const isAwake = !document.hidden && Date.now() - this.touched < AWAKE_SECONDS * 1000;
    if (isAwake && !this.inbox.isLoading && this.inbox.error?.kind !== "expired") this.inbox.reload();
  }

  /** Refresh at the first touch after a pause. */
  touch() {
    const wasAwake = Date.now() - this.touched < AWAKE_SECONDS * 1000;
    this.touched = Date.now();
    if (!wasAwake) this.keepFresh();
  }

  /** Take the colours, the mode and the height from the host. */
  fit() {
    const { theme, styles, displayMode, availableDisplayModes, containerDimensions } = this.bridge.context;
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    for (const [name, value] of Object.entries(styles?.variables || {})) if (value) root.style.setProperty(name, value);
    const isInline = (displayMode || "inline") !== "fullscreen";
    const most = Math.min(INLINE_HEIGHT, containerDimensions?.height || containerDimensions?.maxHeight || INLINE_HEIGHT);
    this.element.classList.toggle("inline", isInline);
    this.element.style.maxHeight = isInline ? `${most}px` : "";
    const label = isInline ? t("full") : t("inline");
    this.fullButton.hidden = !this.bridge.show || !availableDisplayModes?.includes("fullscreen");
    this.fullButton.setAttribute("aria-label", label);
    this.fullButton.title = label;
  }

  get isNarrow() {
    return this.narrow.matches;
  }

  /** @param {Partial<Inbox["filter"]>} filter */
  filter(filter) {
    this.inbox.choose(filter);
  }

  type() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.filter({ query: this.search.value.trim() }), TYPING);
  }

  showList() {
    const { inbox } = this;
    this.list.show();
    const options = inbox.mailboxes.map((extension) => [extension, [extension, inbox.owners[extension]].filter(Boolean).join(" ")]);
    setOptions(this.mailbox, [["", t("every_mailbox")], ...options], inbox.filter.extension);
    choose(this.since, inbox.filter.since);
    const total = inbox.total || inbox.messages.length;
    this.count.textContent = inbox.hasLoaded ? (total > inbox.messages.length ? t("count", { shown: inbox.messages.length, total }) : String(total)) : "";
    this.status.disabled = Boolean(inbox.filter.query);
    if (this.notice.textContent !== inbox.notice) this.notice.textContent = inbox.notice;
    if (inbox.error) this.tell(inbox.error);
    else if (inbox.hasLoaded && !inbox.isLoading) this.alert.replaceChildren();
    if (!inbox.isLoading) this.keepChosen();
  }

  /** Keep the message that is shown as the list has it; in a wide page, begin with the first. */
  keepChosen() {
    const { chosen, inbox } = this;
    const found = chosen && inbox.messages.find((message) => keyOf(message) === keyOf(chosen));
    if (found) this.present(found);
    else if (!chosen && !this.isNarrow && inbox.messages[0]) this.present(inbox.messages[0]);
    else if (!chosen) this.message.show(null);
  }

  /** @param {Voicemail} message */
  present(message) {
    const isSame = this.chosen && JSON.stringify(this.chosen) === JSON.stringify(message);
    this.chosen = message;
    if (!isSame) this.message.show(message);
    this.list.select(message);
    if (message.transcript?.is_cut && !isSame) this.whole(message.uuid);
  }

  /** @param {string} uuid */
  whole(uuid) {
    this.inbox.refresh(uuid).catch((error) => this.tell(asBridgeError(error)));
  }

  /**
   * Show a message that was clicked.
   *
   * @param {Voicemail} message
   */
  choose(message) {
    if (this.chosen && this.chosen.uuid !== message.uuid) {
      this.pause();
      this.toast.replaceChildren();
    }
    this.present(message);
    this.element.classList.add("reading");
    if (this.isNarrow) this.message.element.focus();
  }

  /** Go back to the list, where the page shows one of both. */
  leave() {
    this.element.classList.remove("reading");
    if (this.chosen) this.list.focus(keyOf(this.chosen));
  }

  escape() {
    if (this.player.state !== "stopped") this.pause();
    else if (document.activeElement === this.search && this.search.value) {
      this.search.value = "";
      this.type();
    } else this.leave();
  }

  /** @param {1 | -1} by */
  step(by) {
    const { messages } = this.inbox;
    const at = messages.findIndex((message) => this.chosen && keyOf(message) === keyOf(this.chosen));
    const next = messages[Math.min(messages.length - 1, Math.max(0, at + by))];
    if (!next) return;
    this.choose(next);
    if (!this.isNarrow) this.list.focus(keyOf(next));
  }

  /** @param {Voicemail} message */
  showChanged(message) {
    this.list.update(message);
    const { chosen, inbox } = this;
    if (chosen?.uuid !== message.uuid) return;
    const { extension } = chosen;
    // The other mailbox's message is shown by its own change, unless it is not listed any more.
    if (extension !== message.extension && inbox.messages.some((other) => keyOf(other) === keyOf(chosen))) return;
    this.chosen = { ...message, extension };
    this.message.show(this.chosen);
  }

  // Playing

  /**
   * Return whether playing it would mark a message as read, which nobody has agreed to yet.
   *
   * @param {Voicemail} message
   */
  asksFor(message) {
    return message.playing_marks_read && !this.recordings.has(message.uuid);
  }

  /**
   * Play the message that is shown; the first time, ask before that marks it as read.
   *
   * @param {number} seconds
   */
  async play(seconds) {
    const message = this.chosen;
    if (!message || !this.inbox.canPlay) return;
    if (this.asks && this.asksFor(message)) {
      const answer = await askToPlay();
      if (answer === "no") return;
      this.asks = answer !== "always";
    }
    await this.player.play(this.recordings.of(message.uuid), seconds);
  }

  pause() {
    if (this.player.recording) this.places.set(this.player.recording.uuid, this.player.now());
    this.player.stop();
  }

  togglePlay() {
    if (this.player.state !== "stopped") this.pause();
    else if (this.chosen) this.play(this.placeOf(this.chosen));
  }

  /** @param {number} seconds */
  seek(seconds) {
    const { chosen, player } = this;
    if (!chosen) return;
    this.places.set(chosen.uuid, seconds);
    if (player.recording?.uuid !== chosen.uuid) return;
    if (player.state === "stopped") player.place = seconds;
    else this.play(seconds);
  }

  /** @param {number} seconds */
  seekBy(seconds) {
    if (!this.chosen) return;
    this.seek(Math.max(0, this.placeOf(this.chosen) + seconds));
    this.message.showPlayer();
  }

  playDoubtful() {
    if (this.chosen) this.message.transcript.playDoubtful(this.placeOf(this.chosen));
  }

  /** @param {1 | -1} by */
  changeSpeed(by) {
    const { speed } = this.message;
    speed.selectedIndex = Math.min(speed.options.length - 1, Math.max(0, speed.selectedIndex + by));
    this.player.setSpeed(Number(speed.value));
  }

  /**
   * Return where a message plays, or where it was stopped.
   *
   * @param {Voicemail} message
   */
  placeOf({ uuid }) {
    return this.player.recording?.uuid === uuid ? this.player.now() : this.places.get(uuid) || 0;
  }

  /** Show where it plays, a frame at a time while it does. */
  follow() {
    this.message.showPlayer();
    if (this.isFollowing || this.player.state !== "playing") return;
    this.isFollowing = true;
    const show = () => {
      this.message.showPlayer();
      this.isFollowing = this.player.state === "playing";
      if (this.isFollowing) requestAnimationFrame(show);
    };
    requestAnimationFrame(show);
  }

  // What a person says of a message

  toggleDone() {
    return this.mark(this.chosen?.is_open ? "done" : "open");
  }

  /**
   * Note what somebody says of a message, and offer to take it back.
   *
   * @param {MarkState} state
   */
  async mark(state, message = this.chosen) {
    if (!message || !this.inbox.canUpdate) return;
    const before = message.mark?.state || "open";
    if (!(await this.tried(() => this.inbox.mark(message, { state })))) return;
    this.say(t(`said_${state}`), state === "open" || state === before ? null : () => this.mark(before, message));
  }

  async writeNote() {
    const message = this.chosen;
    if (!message || !this.inbox.canUpdate) return;
    const note = await askForNote(message.note || "");
    if (note === null || note === (message.note || "")) return;
    if (await this.tried(() => this.inbox.mark(message, { note }))) this.say(t(note ? "saved" : "deleted"));
  }

  /** @param {() => Promise<void>} act */
  async tried(act) {
    try {
      await act();
      return true;
    } catch (error) {
      this.tell(asBridgeError(error));
      return false;
    }
  }

  copyNumber() {
    if (this.chosen?.caller_id_number) this.copy(grouped(this.chosen.caller_id_number));
  }

  /** @param {string} number */
  async copy(number) {
    const isCopied = await navigator.clipboard?.writeText(number).then(() => true, () => false);
    this.say(t(isCopied || copySelected(number) ? "copied" : "not_copied", { number }));
  }

  // The page

  async help() {
    this.hasKeys = await showKeys(this.hasKeys);
  }

  toggleFull() {
    const isInline = this.bridge.context.displayMode !== "fullscreen";
    this.bridge.show?.(isInline ? "fullscreen" : "inline").catch((error) => this.tell(asBridgeError(error)));
  }

  async end() {
    if (await this.tried(async () => this.bridge.end?.())) {
      this.player.stop();
      document.body.replaceChildren(el("p", { class: "empty", role: "status" }, t("ended")));
    }
  }

  /** @param {import("./bridge.js").BridgeError} error */
  tell(error) {
    const text = error.kind === "tool" ? error.message : [t(error.kind), error.message].filter(Boolean).join(" ");
    if (this.alert.dataset.told === text && this.alert.firstChild) return;
    this.alert.dataset.told = text;
    this.alert.replaceChildren(
      el("span", {}, text),
      el("button", { class: "button", onclick: () => this.inbox.reload() }, t("retry")),
      el("button", { class: "button", onclick: () => this.alert.replaceChildren() }, t("dismiss")),
    );
  }

  /**
   * Say something in passing.
   *
   * @param {string} text
   * @param {(() => void) | null} [undo]
   */
  say(text, undo = null) {
    this.toast.replaceChildren(el("span", {}, text), ...(undo ? [el("button", { class: "button", onclick: undo }, t("undo"))] : []));
  }
}

/**
 * @param {string} label
 * @param {(readonly [string, string])[]} options
 * @param {(value: string) => void} onchange
 */
function select(label, options, onchange) {
  const element = el("select", { "aria-label": label, title: label, onchange: () => onchange(element.value) });
  setOptions(element, options, options[0][0]);
  return element;
}

/**
 * @param {HTMLSelectElement} element
 * @param {(readonly [string, string] | string[])[]} options
 * @param {string} value
 */
function setOptions(element, options, value) {
  if (options.length !== element.options.length || options.some(([, text], at) => element.options[at].text !== text)) {
    element.replaceChildren(...options.map(([key, text]) => el("option", { value: key }, text)));
  }
  choose(element, value);
}

/**
 * Choose an option, which is added if there is none such.
 *
 * @param {HTMLSelectElement} element
 * @param {string} value
 */
function choose(element, value) {
  if (![...element.options].some((option) => option.value === value)) element.append(el("option", { value }, value));
  element.value = value;
}

/**
 * Copy a text where a frame may not use the clipboard's interface.
 *
 * @param {string} text
 */
function copySelected(text) {
  const area = el("textarea", { readonly: true, class: "unseen", "aria-hidden": "true" });
  area.value = text;
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return isCopied;
}
