/** @import { Transcript, Voicemail } from "./types.js" */
import { minutes } from "./clock.js";
import { el } from "./dom.js";
import { remarkText } from "./phrases.js";
import { languageName, t } from "./texts.js";

/** How long before a word it plays, so that one hears it begin. */
const BEFORE = 0.5;

/** A message's words: each can be clicked, those in doubt are marked, and the one that sounds is shown. */
export class TranscriptView {
  /** @param {(seconds: number) => void} onPlay */
  constructor(onPlay) {
    this.onPlay = onPlay;
    /** @type {{element: HTMLElement, start: number, isDoubtful: boolean}[]} */
    this.words = [];
    /** @type {HTMLElement | undefined} */
    this.sounding = undefined;
    this.element = el("section", { class: "transcript" });
  }

  /**
   * @param {Voicemail} message
   * @param {boolean} canPlay
   */
  show(message, canPlay) {
    this.words = [];
    this.sounding = undefined;
    const { transcript } = message;
    const words = transcript?.segments.length ? this.text(transcript, canPlay) : null;
    const remarks = [
      transcript?.hardly_understood && t("hardly"),
      transcript?.by_machine && t("machine"),
      transcript?.heard && remarkText(transcript.heard),
      !words && !transcript?.heard && absence(message),
      message.close?.length && t("close_words", { words: message.close.join(", ") }),
    ].filter(Boolean);
    this.element.replaceChildren(
      el("h3", {}, t("transcript"), transcript?.language ? el("span", { class: "tag" }, transcript.language.split(", ").map(languageName).join(", ")) : ""),
      ...remarks.map((remark) => el("p", { class: "remark" }, remark || "")),
      ...(words ? [words] : []),
      ...(this.words.length && canPlay ? [el("p", { class: "hint" }, t("click_hint"))] : []),
    );
  }

  /**
   * @param {Transcript} transcript
   * @param {boolean} canPlay
   */
  text(transcript, canPlay) {
    const box = el("div", {
      class: canPlay ? "words playable" : "words",
      role: "group",
      "aria-label": canPlay ? t("transcript_hint") : t("transcript"),
      onclick: (/** @type {MouseEvent} */ event) => canPlay && this.playWord(event.target),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.move(event),
    });
    let language = "";
    for (const segment of transcript.segments) {
      const isOther = Boolean(segment.language) && segment.language !== language;
      if (!box.lastElementChild || isOther) box.append(el("p", { lang: segment.language || transcript.language?.slice(0, 2) }));
      language = segment.language || language;
      for (const word of segment.words) box.lastElementChild?.append(this.word(word, canPlay), " ");
    }
    this.words[0]?.element.setAttribute("tabindex", "0");
    return box;
  }

  /**
   * @param {import("./types.js").Word} word
   * @param {boolean} canPlay
   */
  word([text, start, isDoubtful], canPlay) {
    const isPlayable = canPlay && start !== null;
    const element = el(isDoubtful ? "mark" : "span", {
      class: "word",
      tabindex: isPlayable ? -1 : null,
      role: isPlayable && isDoubtful ? "button" : null,
      title: isPlayable ? minutes(start) : null,
    }, text, isDoubtful ? el("span", { class: "unseen" }, t("doubtful")) : "");
    if (start !== null) this.words.push({ element, start, isDoubtful: Boolean(isDoubtful) });
    return element;
  }

  /** @param {EventTarget | null} target */
  playWord(target) {
    const word = this.words.find(({ element }) => element.contains(/** @type {Node} */ (target)));
    if (word) this.onPlay(Math.max(0, word.start - BEFORE));
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const at = this.words.findIndex(({ element }) => element === document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (at < 0 || (!step && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) return this.playWord(event.target);
    this.focus(this.words[Math.min(this.words.length - 1, Math.max(0, at + step))].element);
  }

  /** @param {HTMLElement} element */
  focus(element) {
    for (const { element: other } of this.words) other.setAttribute("tabindex", other === element ? "0" : "-1");
    element.focus();
  }

  /**
   * Play the first doubtful word after a place, or the first of all.
   *
   * @param {number} place In seconds
   */
  playDoubtful(place) {
    const doubtful = this.words.filter((word) => word.isDoubtful);
    const next = doubtful.find(({ start }) => start - BEFORE > place + 0.2) || doubtful[0];
    if (!next) return;
    this.focus(next.element);
    this.onPlay(Math.max(0, next.start - BEFORE));
  }

  /**
   * Show which word sounds; none for a place below 0.
   *
   * @param {number} place In seconds
   */
  follow(place) {
    const sounding = this.words.findLast(({ start }) => start <= place)?.element;
    if (sounding === this.sounding) return;
    this.sounding?.classList.remove("sounding");
    sounding?.classList.add("sounding");
    this.sounding = sounding;
  }
}

/** @param {Voicemail} message */
function absence(message) {
  if (message.not_understood) return t("not_understood");
  return message.no_speech || message.transcript ? t("no_speech") : t("no_transcript");
}
