import { t, language } from "./texts.js";

/** Writes times as people say them, in the account's zone. */
export class Clock {
  /**
   * @param {string} zone
   * @param {string} now The server's time, in ISO form.
   */
  constructor(zone, now) {
    this.zone = zone;
    this.offset = new Date(now).getTime() - Date.now() || 0;
    const day = /** @type {const} */ ({ weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
    this.days = formatter(language(), day);
    this.daysOfOtherYears = formatter(language(), { ...day, year: "numeric" });
    this.times = formatter(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
    this.keys = formatter("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
    this.near = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  }

  /** @returns {Date} */
  now() {
    return new Date(Date.now() + this.offset);
  }

  /**
   * Return "bugün 09:16", or "27 Kas Cum 09:16"; empty for no time.
   *
   * @param {string | undefined} iso
   */
  at(iso) {
    if (!iso) return "";
    const moment = new Date(iso);
    return `${this.day(this.keys.format(moment))} ${this.times.format(moment)}`;
  }

  /**
   * Return a day as people say it.
   *
   * @param {string} key Such as 2026-11-27.
   */
  day(key) {
    const today = this.keys.format(this.now());
    const distance = Math.round((Date.parse(key) - Date.parse(today)) / 86_400_000);
    if (distance === 0 || distance === -1 || distance === 1) return this.near.format(distance, "day");
    const form = key.slice(0, 4) === today.slice(0, 4) ? this.days : this.daysOfOtherYears;
    return form.format(new Date(key)); // a day alone is midnight in UTC
  }

  /**
   * Return a time that was said: a moment, a day, or a time of day.
   *
   * @param {string} iso
   */
  said(iso) {
    if (iso.includes("T")) return this.at(iso);
    return iso.includes(":") ? iso : this.day(iso);
  }

  /**
   * Return how far off a moment within the next day is; empty for others.
   *
   * @param {string} iso
   */
  ahead(iso) {
    if (!iso.includes("T")) return "";
    const minutes = Math.ceil((new Date(iso).getTime() - this.now().getTime()) / 60_000);
    if (minutes < 0 || minutes > 1440) return "";
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return t("in_time", { time: [hours && `${hours} ${t("hours")}`, `${rest} ${t("minutes")}`].filter(Boolean).join(" ") });
  }
}

/**
 * @param {string} locale
 * @param {Intl.DateTimeFormatOptions} form
 */
function formatter(locale, form) {
  try {
    return new Intl.DateTimeFormat(locale, form);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...form, timeZone: undefined }); // a zone that this browser doesn't know
  }
}

/**
 * Return a length or a place in a recording, "1:05".
 *
 * @param {number} seconds
 */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
