/** @import { Recording } from "./recording.js" */
import { Stretcher } from "./stretch.js";

const FIRST_BLOCK = 0.1;
const BLOCK = 0.5;
/** How much is scheduled ahead: a hidden page's timers run once a second. */
const AHEAD = 2.5;
const TICK = 100;
const FADE = 0.006;

/** @typedef {"stopped" | "fetching" | "playing"} PlayerState */

/** Plays one recording at a time, through Web Audio alone: the strictest hosts allow no media elements. */
export class Player {
  /**
   * @param {() => void} onChange Called whenever the state or the place has changed.
   * @param {(error: unknown) => void} onError
   */
  constructor(onChange, onError) {
    this.onChange = onChange;
    this.onError = onError;
    /** @type {PlayerState} */
    this.state = "stopped";
    /** @type {Recording | null} */
    this.recording = null;
    this.speed = 1;
    this.place = 0;
    /** Counts starts and stops, so that what was waited for in vain is recognised. */
    this.turn = 0;
    /** @type {Map<number, AudioContext>} */
    this.contexts = new Map();
    /** @type {{from: number, to: number, place: number}[]} In the context's seconds, and the recording's */
    this.blocks = [];
    /** @type {Set<AudioBufferSourceNode>} */
    this.sources = new Set();
    this.timer = 0;
    this.isFetching = false;
  }

  /**
   * Play a recording from a place, or go there while it plays.
   *
   * @param {Recording} recording
   * @param {number} seconds
   */
  async play(recording, seconds) {
    this.silence();
    const turn = this.turn;
    this.recording = recording;
    this.place = Math.max(0, recording.rate ? Math.min(seconds, recording.seconds) : seconds);
    this.contextOf(recording.rate || 8000); // now, since only a click may start one
    this.set("fetching");
    try {
      await recording.fetch(this.place);
      if (turn === this.turn) await this.begin(recording);
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.onError(error);
    }
  }

  /** Stop, and stay at the place. */
  stop() {
    this.silence();
    this.set("stopped");
  }

  /**
   * Choose how fast it plays; at the same pitch.
   *
   * @param {number} speed
   */
  setSpeed(speed) {
    this.speed = speed;
    if (this.recording && this.state !== "stopped") this.play(this.recording, this.now());
  }

  /** Where it plays, in seconds. */
  now() {
    const time = this.context?.currentTime ?? 0;
    const block = this.blocks.findLast(({ from }) => from <= time);
    if (!block || this.state !== "playing") return this.place;
    return block.place + (Math.min(time, block.to) - block.from) * this.speed;
  }

  /** The sample of the place. */
  get sample() {
    return Math.floor(this.place * (this.recording?.rate || 0));
  }

  /** @param {PlayerState} state */
  set(state) {
    this.state = state;
    this.onChange();
  }

  /** Stop the sound, and forget what was scheduled. */
  silence() {
    this.place = this.now();
    this.turn++;
    clearInterval(this.timer);
    for (const source of this.sources) source.stop();
    this.sources.clear();
    this.blocks = [];
  }

  /** @param {Recording} recording */
  async begin(recording) {
    const turn = this.turn;
    this.context = this.contextOf(recording.rate);
    if (this.context.state !== "running") await this.context.resume();
    if (turn !== this.turn) return;
    this.stretcher = new Stretcher(recording.samples, recording.rate, this.speed, this.sample);
    this.schedule(FIRST_BLOCK);
    this.set("playing");
    this.timer = setInterval(() => this.tick(recording), TICK);
    this.tick(recording);
  }

  /**
   * A context of the recording's own rate: the browser then resamples all of it alike, and blocks join without a click.
   *
   * @param {number} rate
   */
  contextOf(rate) {
    let context = this.contexts.get(rate);
    if (!context) {
      context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
      this.contexts.set(rate, context);
    }
    if (context.state === "suspended") context.resume().catch(() => {});
    return context;
  }

  /** @param {Recording} recording */
  tick(recording) {
    const time = this.context?.currentTime ?? 0;
    while (this.scheduledTo - time < AHEAD && this.schedule(BLOCK));
    this.fetchOn(recording);
    const isAtEnd = (this.stretcher?.position ?? 0) >= recording.samples.length;
    if (time < this.scheduledTo || this.isFetching) return this.onChange();
    if (isAtEnd) {
      this.stop();
      this.place = 0;
      this.onChange();
    }
  }

  /** Until when something is scheduled, in the context's seconds. */
  get scheduledTo() {
    return this.blocks.at(-1)?.to ?? 0;
  }

  /**
   * Schedule the next block; return whether there was one.
   *
   * @param {number} seconds
   */
  schedule(seconds) {
    const { context, recording, stretcher } = this;
    if (!context || !recording || !stretcher) return false;
    const place = stretcher.position / recording.rate;
    const samples = stretcher.read(Math.round(seconds * recording.rate), recording.endOf(Math.floor(stretcher.position)));
    if (!samples.length) return false;
    const buffer = context.createBuffer(1, samples.length, recording.rate);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    const from = Math.max(this.scheduledTo, context.currentTime + 0.005);
    source.connect(this.output(context, from));
    source.start(from);
    source.onended = () => this.sources.delete(source);
    this.sources.add(source);
    this.blocks.push({ from, to: from + buffer.duration, place });
    return true;
  }

  /**
   * Return what a block plays into; the first, and one after a gap, fades in, which avoids a click.
   *
   * @param {AudioContext} context
   * @param {number} from
   */
  output(context, from) {
    if (from === this.scheduledTo) return context.destination;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(1, from + FADE);
    gain.connect(context.destination);
    return gain;
  }

  /**
   * Fetch what follows, one part at a time, while it plays.
   *
   * @param {Recording} recording
   */
  async fetchOn(recording) {
    const sample = Math.floor(this.stretcher?.position ?? 0);
    if (this.isFetching || recording.endOf(sample) >= recording.samples.length) return;
    this.isFetching = true;
    const turn = this.turn;
    try {
      await recording.fetchAfter(sample);
    } catch (error) {
      if (turn === this.turn) {
        this.stop();
        this.onError(error);
      }
    } finally {
      this.isFetching = false;
      this.onChange();
    }
  }
}
