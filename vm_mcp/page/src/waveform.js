import { minutes } from "./clock.js";
import { el, svg } from "./dom.js";
import { t } from "./texts.js";

const BARS = 120;

/** The loudness of a recording, and a slider over it that shows and chooses the place. */
export class Waveform {
  /** @param {(seconds: number) => void} onSeek */
  constructor(onSeek) {
    this.seconds = 0;
    this.rest = svg("path", { class: "wave-rest" });
    this.played = svg("path", { class: "wave-played" });
    this.clip = svg("rect", { x: 0, y: 0, width: 0, height: 100 });
    const drawing = svg(
      "svg",
      { viewBox: `0 0 ${BARS} 100`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("clipPath", { id: "played" }, this.clip),
      this.rest,
      svg("g", { "clip-path": "url(#played)" }, this.played),
    );
    this.slider = el("input", {
      type: "range",
      min: 0,
      step: 0.1,
      "aria-label": t("place"),
      oninput: () => {
        this.show(this.slider.valueAsNumber);
        onSeek(this.slider.valueAsNumber);
      },
    });
    this.time = el("span", { class: "place" });
    this.element = el("div", { class: "wave" }, el("div", { class: "wave-box" }, drawing, this.slider), this.time);
  }

  /**
   * Draw a recording.
   *
   * @param {number} seconds Its length
   * @param {ArrayLike<number>} peaks Loudness, 0 to 255, evenly over all of it; none is a flat line.
   */
  draw(seconds, peaks) {
    this.seconds = seconds;
    this.slider.max = String(seconds);
    const bars = Array.from({ length: BARS }, (_, bar) => {
      const from = Math.floor((bar * peaks.length) / BARS);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / BARS));
      let peak = 0;
      for (let at = from; at < to && at < peaks.length; at++) peak = Math.max(peak, peaks[at]);
      const half = Math.max(2, (46 * peak) / 255);
      return `M${bar + 0.5} ${50 - half}V${50 + half}`;
    });
    for (const path of [this.rest, this.played]) path.setAttribute("d", bars.join(""));
  }

  /**
   * Show a place.
   *
   * @param {number} place In seconds
   */
  show(place) {
    const shown = Math.min(place, this.seconds);
    this.clip.setAttribute("width", String(this.seconds ? (BARS * shown) / this.seconds : 0));
    this.slider.value = String(shown);
    const values = { place: minutes(shown), length: minutes(this.seconds) };
    this.slider.setAttribute("aria-valuetext", t("place_is", values));
    this.time.textContent = `${values.place} / ${values.length}`;
  }
}

/**
 * Return the bytes of the peaks that the server sent.
 *
 * @param {string | undefined} base64
 */
export function peaksOf(base64) {
  return base64 ? Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)) : [];
}
