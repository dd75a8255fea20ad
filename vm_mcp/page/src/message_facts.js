/** @import { Callback, PhoneNumber, SaidTime, Voicemail } from "./types.js" */
/** @import { Clock } from "./clock.js" */
import { minutes } from "./clock.js";
import { remarkText } from "./phrases.js";
import { t } from "./texts.js";

/** Tells a message from any other: one call may leave the same recording in two mailboxes. @param {Voicemail} message */
export function keyOf(message) {
  return `${message.uuid} ${message.extension || ""}`;
}

/** @param {Voicemail} message */
export function callerOf(message) {
  const contact = isShared(message) ? "" : message.contact;
  return contact || message.caller_id_name || grouped(message.caller_id_number) || t("hidden_number");
}

/**
 * Return what else is known of who called: what `callerOf` doesn't say.
 *
 * @param {Voicemail} message
 */
export function otherNames(message) {
  const { caller_id_name: name = "", contact = "" } = message;
  if (isShared(message)) return remarkText(contact);
  return contact.toLocaleLowerCase().includes(name.toLocaleLowerCase()) ? "" : name && contact && name;
}

/** Whether a number is several contacts', so that none of them is who called. @param {Voicemail} message */
function isShared({ contact }) {
  return contact?.startsWith("shared by ") || false;
}

/**
 * Return a telephone number in groups, as people write it; anything else as it is.
 *
 * @param {string | undefined} number
 */
export function grouped(number) {
  const national = /^(?:0|90|\+90|0090)([2-5]\d{2})(\d{3})(\d{2})(\d{2})$/.exec(number || "");
  return national ? `0${national[1]} ${national.slice(2).join(" ")}` : number || "";
}

/** @param {Voicemail} message */
export function stateText(message) {
  return t(`state_${message.state || (message.is_open ? "new" : "done")}`);
}

/**
 * Return what became of a message, a fact a line.
 *
 * @param {Voicemail} message
 * @param {Clock} clock
 */
export function historyOf({ callback, mark, opening, handled, heard_by, note }, clock) {
  /** @param {{at?: string, by?: string}} event */
  const when = ({ at, by }) => ({ at: clock.at(at), by: by ? t("by", { who: by }) : "" });
  const facts = [
    heard_by && t(`heard_${heard_by}`),
    opening && t("opening", when(opening)),
    ...(callback ? calledBack(callback, clock) : []),
    mark && t(`mark_${mark.state}`, when(mark)),
  ].filter(Boolean);
  return /** @type {string[]} */ (facts.length || !handled || note ? facts : [handled]);
}

/**
 * @param {Callback} callback
 * @param {Clock} clock
 */
function calledBack({ state, at, extension, extension_name, talk_seconds, reason, rang_again_at }, clock) {
  const who = [extension, extension_name].filter(Boolean).join(" ");
  const values = { at: clock.at(at), by: who ? t("by", { who }) : "" };
  return [
    state === "called_back" && t("called_back", values),
    state === "called_back" && talk_seconds !== undefined && t("talked", { length: minutes(talk_seconds) }),
    state === "tried" && t("tried", values),
    reason === "withheld" && t("withheld"),
    rang_again_at && t("rang_again", { at: clock.at(rang_again_at) }),
  ];
}

/**
 * Return a time that was said, and what to ask of it.
 *
 * @param {SaidTime} said
 * @param {Clock} clock
 */
export function saidTime(said, clock) {
  const time = [clock.said(said.value), said.until && endOf(said.value, said.until, clock)].filter(Boolean).join(" – ");
  return said.bound ? t(`bound_${said.bound}`, { time }) : time;
}

/**
 * @param {string} start
 * @param {string} until
 * @param {Clock} clock
 */
function endOf(start, until, clock) {
  const isSameDay = until.includes("T") && until.slice(0, 10) === start.slice(0, 10);
  return isSameDay ? until.slice(11, 16) : clock.said(until);
}

/**
 * Return a number in parts; the doubtful digits are the odd ones.
 *
 * @param {PhoneNumber} said
 */
export function numberParts(said) {
  return (said.in_doubt || said.number || "").split(/[{}]/);
}
