/** @import { AudioChunk, Bridge } from "./types.js" */

const FIRST_SECONDS = 2;
const NEXT_SECONDS = 30;
const KEPT = 6;

/** ITU-T G.711: the sample of each mu-law code. */
const MU_LAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 255;
  const size = (((bits & 15) << 3) + 132) << ((bits & 112) >> 4);
  return (bits & 128 ? 132 - size : size - 132) / 32768;
});

/** The samples of one message, as far as they were fetched. */
export class Recording {
  /**
   * @param {Bridge} bridge
   * @param {string} uuid
   * @param {() => void} onAsked Called when the phone system has marked it as read, or may have.
   */
  constructor(bridge, uuid, onAsked) {
    this.bridge = bridge;
    this.uuid = uuid;
    this.onAsked = onAsked;
    this.rate = 0;
    this.samples = new Float32Array(0);
    /** Stretches that are here, in order and apart. @type {[from: number, to: number][]} */
    this.stretches = [];
  }

  /** Its length in seconds; 0 before anything was fetched. */
  get seconds() {
    return this.rate ? this.samples.length / this.rate : 0;
  }

  /** Whether all of it is here. */
  get isWhole() {
    return this.rate > 0 && this.endOf(0) === this.samples.length;
  }

  /**
   * Return where the stretch ends that holds a sample; the sample itself if it isn't here.
   *
   * @param {number} sample
   */
  endOf(sample) {
    return this.stretches.find(([from, to]) => from <= sample && sample < to)?.[1] ?? sample;
  }

  /**
   * Fetch what is at a place, unless it is here: little, so that sound begins soon.
   *
   * @param {number} seconds
   */
  async fetch(seconds) {
    const sample = Math.floor(seconds * this.rate);
    if (this.rate && (this.endOf(sample) > sample || sample >= this.samples.length)) return;
    await this.take(seconds, FIRST_SECONDS);
  }

  /**
   * Fetch more, after what is here of a place.
   *
   * @param {number} sample
   */
  async fetchAfter(sample) {
    await this.take(this.endOf(sample) / this.rate, NEXT_SECONDS);
  }

  /**
   * @param {number} start_seconds
   * @param {number} seconds
   */
  async take(start_seconds, seconds) {
    /** @type {AudioChunk} */
    const chunk = await this.bridge.call("inbox_audio", { uuid: this.uuid, start_seconds, seconds }).catch((error) => {
      this.onAsked(); // what can't be played may have been retrieved all the same
      throw error;
    });
    if (!this.rate) {
      this.rate = chunk.sample_rate;
      this.samples = new Float32Array(chunk.total_samples);
    }
    if (chunk.marked_read) this.onAsked();
    const codes = atob(chunk.data);
    if (!codes && chunk.offset < chunk.total_samples) throw new Error("The server sent no samples.");
    for (let index = 0; index < codes.length; index++) this.samples[chunk.offset + index] = MU_LAW[codes.charCodeAt(index)];
    this.add(chunk.offset, Math.min(chunk.offset + codes.length, this.samples.length));
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  add(from, to) {
    const apart = this.stretches.filter(([start, end]) => end < from || to < start);
    const met = this.stretches.filter(([start, end]) => end >= from && to >= start);
    apart.push([Math.min(from, ...met.map(([start]) => start)), Math.max(to, ...met.map(([, end]) => end))]);
    this.stretches = apart.sort(([a], [b]) => a - b);
  }

  /**
   * Return the loudness of the whole, as the server writes it: one byte a bar, the loudest 255.
   *
   * @param {number} bars
   */
  peaks(bars) {
    const width = this.samples.length / bars;
    const loudest = Array.from({ length: bars }, (_, bar) => {
      let peak = 0;
      for (let at = Math.floor(bar * width); at < (bar + 1) * width; at++) peak = Math.max(peak, Math.abs(this.samples[at]));
      return peak;
    });
    const top = Math.max(...loudest, 0.001);
    return loudest.map((peak) => (255 * peak) / top);
  }
}

/** The recordings that were played last. */
export class Recordings {
  /**
   * @param {Bridge} bridge
   * @param {(uuid: string) => void} onAsked See `Recording`.
   */
  constructor(bridge, onAsked) {
    this.bridge = bridge;
    this.onAsked = onAsked;
    /** @type {Map<string, Recording>} */
    this.kept = new Map();
  }

  /**
   * Return a message's recording.
   *
   * @param {string} uuid
   */
  of(uuid) {
    const recording = this.kept.get(uuid) || new Recording(this.bridge, uuid, () => this.onAsked(uuid));
    this.kept.delete(uuid);
    this.kept.set(uuid, recording);
    if (this.kept.size > KEPT) this.kept.delete(/** @type {string} */ (this.kept.keys().next().value));
    return recording;
  }

  /**
   * Return whether some of a recording was fetched, so that playing it changes nothing.
   *
   * @param {string} uuid
   */
  has(uuid) {
    return (this.kept.get(uuid)?.rate || 0) > 0;
  }
}
