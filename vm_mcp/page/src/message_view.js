/** @import { HeardOtherwise, PhoneNumber, SaidTime, Voicemail } from "./types.js" */
/** @import { App } from "./app.js" */
import { minutes } from "./clock.js";
import { el, icon, iconButton, present } from "./dom.js";
import { callerOf, grouped, historyOf, numberParts, otherNames, saidTime, stateText } from "./message_facts.js";
import { remarkText } from "./phrases.js";
import { t } from "./texts.js";
import { TranscriptView } from "./transcript.js";
import { peaksOf, Waveform } from "./waveform.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

/** One message: who, when, the player, what was said, and what to do about it. */
export class MessageView {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Voicemail | null} */
    this.message = null;
    this.hasOwnPeaks = false;
    this.waveform = new Waveform((seconds) => app.seek(seconds));
    this.transcript = new TranscriptView((seconds) => app.play(seconds));
    this.playButton = el("button", { class: "play", onclick: () => app.togglePlay() });
    this.speed = el(
      "select",
      { "aria-label": t("speed"), onchange: () => app.player.setSpeed(Number(this.speed.value)) },
      ...SPEEDS.map((speed) => el("option", { value: speed, selected: speed === 1 }, `${speed.toLocaleString(document.documentElement.lang)}×`)),
    );
    this.playNote = el("p", { class: "play-note", role: "status" });
    this.head = el("header");
    this.player = el("div", { class: "player" }, this.playButton, this.waveform.element, this.speed);
    this.facts = el("div", { class: "facts" });
    this.actions = el("footer", { class: "actions" });
    this.body = el("div", { class: "message-body" }, this.head, this.player, this.playNote, this.transcript.element, this.facts);
    this.element = el("article", { class: "message", "aria-label": t("title"), tabindex: -1 });
    this.show(null);
  }

  /**
   * Show a message; null: none is chosen.
   *
   * @param {Voicemail | null} message
   */
  show(message) {
    const isOther = !message || !this.message || message.uuid !== this.message.uuid;
    this.message = message;
    if (!message) {
      this.element.replaceChildren(el("p", { class: "empty" }, this.app.inbox.messages.length ? t("choose") : ""));
      return;
    }
    if (!this.body.isConnected) this.element.replaceChildren(this.body, this.actions);
    if (isOther) this.body.scrollTop = 0;
    const { canPlay } = this.app.inbox;
    this.head.replaceChildren(...this.headline(message));
    this.player.hidden = !canPlay;
    this.drawWave();
    this.transcript.show(message, canPlay);
    this.facts.replaceChildren(...this.said(message));
    this.actions.replaceChildren(...this.buttons(message));
    this.showPlayer();
  }

  /** @param {Voicemail} message */
  headline(message) {
    const { inbox } = this.app;
    const number = message.caller_id_number;
    const owner = inbox.owners[message.extension || ""];
    const places = [
      inbox.clock.at(message.received_at),
      [message.extension, owner].filter(Boolean).join(" "),
      message.duration_seconds !== undefined && minutes(message.duration_seconds),
    ];
    return present([
      el("div", { class: "title" },
        this.app.isNarrow && iconButton("back", t("back"), () => this.app.leave()),
        el("h2", { dir: "auto" }, callerOf(message)),
        chip(message)),
      otherNames(message) && el("p", { class: "other-name", dir: "auto" }, otherNames(message)),
      el("p", { class: "places" }, ...places.filter(Boolean).map((place) => el("span", {}, place || "")), number && this.number(number, number)),
      history(historyOf(message, inbox.clock)),
      message.note && el("p", { class: "note", dir: "auto" }, el("b", {}, `${t("note")}: `), message.note),
    ]);
  }

  /**
   * Return a number with what can be done with it.
   *
   * @param {string} number As it is copied.
   * @param {string} dialled
   */
  number(number, dialled) {
    const shown = grouped(number);
    const isCallable = !this.app.bridge.isHosted && /^\+?\d{3,15}$/.test(dialled);
    return el("span", { class: "number" },
      isCallable ? el("a", { href: `tel:${dialled}`, title: t("call", { number: shown }) }, shown) : shown,
      iconButton("copy", t("copy", { number: shown }), () => this.app.copy(shown)));
  }

  /** @param {Voicemail} message */
  said({ phone_numbers, heard_otherwise, times }) {
    return present([
      list(t("numbers"), phone_numbers, (said) => this.saidNumber(said)),
      list(t("otherwise"), heard_otherwise, (said) => this.saidOtherwise(said)),
      list(t("times"), times, (said) => this.saidTime(said)),
    ]);
  }

  /** @param {PhoneNumber} said */
  saidNumber(said) {
    const parts = numberParts(said).map((part, index) => (index % 2 ? el("mark", { class: "digit" }, part) : part));
    const number = said.e164 || said.number;
    const facts = [
      said.same_as_caller === "yes" && !said.verdict && t("same_as_caller"),
      said.number && !said.is_valid && t("unsure"),
      said.verdict && remarkText(said.verdict),
      said.number && said.confidence !== undefined && t("chance", { chance: Math.round(said.confidence * 100) }),
      heardAs(said.heard),
    ];
    return [
      el("div", { class: "said-head" },
        said.number ? el("strong", { class: said.is_valid ? "sure" : "" }, ...present(parts)) : "",
        this.listen(said.start_seconds),
        number && iconButton("copy", t("copy", { number: said.number || "" }), () => this.app.copy(number))),
      el("p", {}, facts.filter(Boolean).join(" · ")),
    ];
  }

  /** @param {HeardOtherwise} said */
  saidOtherwise(said) {
    return [el("div", { class: "said-head" },
      el("span", {}, el("q", {}, said.heard), ` ${t("or")} `, el("q", {}, said.other)),
      this.listen(said.start_seconds))];
  }

  /** @param {SaidTime} said */
  saidTime(said) {
    const { clock } = this.app.inbox;
    const facts = [
      said.question && remarkText(said.question),
      said.passed ? t("passed") : said.is_sure && clock.ahead(said.value),
      heardAs(said.heard),
    ];
    return [
      el("div", { class: "said-head" }, el("strong", { class: said.is_sure ? "sure" : "" }, saidTime(said, clock))),
      el("p", {}, facts.filter(Boolean).join(" · ")),
    ];
  }

  /** @param {number | undefined} start */
  listen(start) {
    if (start === undefined || !this.app.inbox.canPlay) return null;
    const at = minutes(start);
    const label = t("listen", { at });
    return el("button", { class: "listen", "aria-label": label, title: label, onclick: () => this.app.play(Math.max(0, start - 0.5)) },
      icon("play"), at);
  }

  /** @param {Voicemail} message */
  buttons(message) {
    const { app } = this;
    if (!app.inbox.canUpdate) return [];
    const isTold = message.state === "told";
    return present([
      button(message.is_open ? t("done") : t("reopen"), () => app.toggleDone(), message.is_open ? "primary" : ""),
      message.is_open && !isTold && button(t("tell"), () => app.mark("told")),
      button(t("write_note"), () => app.writeNote()),
    ]);
  }

  /** Draw the loudness: the server's, else of the samples once all of them are here. */
  drawWave() {
    const { message } = this;
    if (!message) return;
    const recording = this.app.recordings.has(message.uuid) ? this.app.recordings.of(message.uuid) : null;
    const peaks = message.peaks ? peaksOf(message.peaks) : recording?.isWhole ? recording.peaks(120) : [];
    this.hasOwnPeaks = peaks.length > 0;
    this.waveform.draw(recording?.seconds || message.duration_seconds || 0, peaks);
    this.waveform.show(this.app.placeOf(message));
  }

  /** Show whether it plays, and where. */
  showPlayer() {
    const { message, app } = this;
    if (!message || !app.inbox.canPlay) return;
    const isMine = app.player.recording?.uuid === message.uuid;
    const state = isMine ? app.player.state : "stopped";
    const isOn = state !== "stopped";
    if (this.playButton.dataset.state !== state) {
      this.playButton.replaceChildren(icon(isOn ? "pause" : "play"));
      this.playButton.setAttribute("aria-label", isOn ? t("pause") : t("play"));
      this.playButton.dataset.state = state;
    }
    const note = state === "fetching" ? t("fetching") : app.asksFor(message) ? t("marks_read") : "";
    if (this.playNote.textContent !== note) this.playNote.textContent = note;
    const length = isMine && app.player.recording?.seconds;
    if ((length && length !== this.waveform.seconds) || (!this.hasOwnPeaks && isMine && app.player.recording?.isWhole)) this.drawWave();
    const place = app.placeOf(message);
    this.waveform.show(place);
    this.transcript.follow(isOn || place > 0 ? place : -1);
  }
}

/** @param {Voicemail} message */
export function chip(message) {
  return el("span", { class: `chip ${message.is_open ? message.state || "new" : "closed"}` }, stateText(message));
}

/** @param {string} heard */
function heardAs(heard) {
  return t("heard_as", { words: heard });
}

/** @param {string[]} facts */
function history(facts) {
  return facts.length ? el("p", { class: "history" }, facts.join(" · ")) : null;
}

/**
 * @param {string} label
 * @param {() => void} onclick
 * @param {string} [kind]
 */
function button(label, onclick, kind = "") {
  return el("button", { class: `button ${kind}`, onclick }, label);
}

/**
 * Return a titled list; null if it has no rows.
 *
 * @template Item
 * @param {string} title
 * @param {Item[] | undefined} items
 * @param {(item: Item) => import("./dom.js").Child[]} row
 */
function list(title, items, row) {
  if (!items?.length) return null;
  return el("section", {}, el("h3", {}, title), el("ul", {}, ...items.map((item) => el("li", {}, ...row(item)))));
}
