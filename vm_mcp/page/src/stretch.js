const HOP_SECONDS = 0.012;
const SEARCH_SECONDS = 0.008;

/**
 * Plays samples faster or slower at the same pitch: WSOLA (waveform similarity overlap-add, Verhelst and Roelands 1993).
 *
 * Frames of two hops are taken from the source `speed` hops apart and overlapped by one hop. Each is taken where it
 * resembles most what would have followed the frame before, within a search range, so that the waves of both meet in
 * phase: overlapped blindly, they cancel each other, which sounds hollow.
 */
export class Stretcher {
  /**
   * @param {Float32Array} samples The source; it may be filled while it is read.
   * @param {number} rate In Hz
   * @param {number} speed
   * @param {number} start The first sample to read.
   */
  constructor(samples, rate, speed, start) {
    this.samples = samples;
    this.speed = speed;
    this.position = start;
    this.hop = Math.round(rate * HOP_SECONDS);
    this.search = Math.round(rate * SEARCH_SECONDS);
    this.fade = Float32Array.from({ length: this.hop }, (_, at) => 0.5 - 0.5 * Math.cos((Math.PI * (at + 0.5)) / this.hop));
    /** Where the frame before would have gone on. */
    this.next = start;
  }

  /** How far beyond its position it reads at once. */
  get reach() {
    return 2 * this.hop + this.search;
  }

  /**
   * Return the next samples; none at the end of the source, or of what is here of it.
   *
   * @param {number} count How many, about
   * @param {number} end Where the source ends for now.
   */
  read(count, end) {
    if (this.speed === 1) return this.copy(count, end);
    const hops = Math.ceil(count / this.hop);
    const out = new Float32Array(hops * this.hop);
    let made = 0;
    while (made < hops && this.position < end && (this.position + this.reach <= end || end === this.samples.length)) {
      this.overlap(out.subarray(made * this.hop, ++made * this.hop), end);
    }
    return out.subarray(0, made * this.hop);
  }

  /**
   * @param {number} count
   * @param {number} end
   */
  copy(count, end) {
    const from = Math.floor(this.position);
    this.position = Math.min(from + count, end);
    return this.samples.slice(from, this.position);
  }

  /**
   * @param {Float32Array} out One hop
   * @param {number} end
   */
  overlap(out, end) {
    const from = this.likest(Math.round(this.position), end);
    for (let at = 0; at < this.hop; at++) {
      const before = this.samples[this.next + at] || 0;
      const after = this.samples[from + at] || 0;
      out[at] = before + (after - before) * this.fade[at];
    }
    this.next = from + this.hop;
    this.position = Math.min(this.position + this.hop * this.speed, end);
  }

  /**
   * Return where, near a place, the samples resemble those at `next` most.
   *
   * @param {number} near
   * @param {number} end
   */
  likest(near, end) {
    let [best, most] = [near, -Infinity];
    const last = Math.min(near + this.search, end - this.hop);
    for (let from = Math.max(0, near - this.search); from <= last; from++) {
      let [product, power] = [0, 1e-9];
      for (let at = 0; at < this.hop; at += 2) {
        const sample = this.samples[from + at];
        product += sample * this.samples[this.next + at] || 0;
        power += sample * sample;
      }
      const likeness = product / Math.sqrt(power);
      if (likeness > most) [best, most] = [from, likeness];
    }
    return best;
  }
}
