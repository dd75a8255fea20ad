/** @import { Child } from "./dom.js" */
import { el } from "./dom.js";
import { t } from "./texts.js";

const KEYS = /** @type {const} */ ([
  ["J  K", "key_move"],
  ["P", "key_play"],
  ["←  →", "key_seek"],
  ["D", "key_doubt"],
  [",  .", "key_speed"],
  ["E", "key_done"],
  ["B", "key_told"],
  ["N", "key_note"],
  ["C", "key_copy"],
  ["/", "key_search"],
  ["R", "key_refresh"],
  ["F", "key_full"],
  ["?", "key_help"],
  ["Esc", "key_back"],
]);

/**
 * Ask before a message is marked as read by playing it.
 *
 * @returns {Promise<"no" | "yes" | "always">}
 */
export async function askToPlay() {
  const always = el("input", { type: "checkbox" });
  const answer = await ask(t("ask_title"), t("play"), el("p", {}, t("ask_text")), el("label", { class: "check" }, always, t("ask_stop")));
  return answer ? (always.checked ? "always" : "yes") : "no";
}

/**
 * Ask for a note; null: none was written.
 *
 * @param {string} before
 */
export async function askForNote(before) {
  const text = el("textarea", { rows: 4, maxlength: 300, "aria-label": t("note"), dir: "auto" });
  text.value = before;
  return (await ask(t("note"), t("save"), text)) ? text.value.trim() : null;
}

/**
 * Show the keys.
 *
 * @param {boolean} areOn Whether single keys are used.
 * @returns {Promise<boolean>} Whether they are from now on.
 */
export async function showKeys(areOn) {
  const on = el("input", { type: "checkbox" });
  on.checked = areOn;
  const rows = KEYS.map(([keys, text]) => el("div", {}, el("dt", {}, ...keys.split("  ").flatMap((key) => [el("kbd", {}, key), " "])), el("dd", {}, t(text))));
  await ask(t("keys"), "", el("dl", { class: "keys" }, ...rows), el("label", { class: "check" }, on, t("keys_on")));
  return on.checked;
}

/**
 * Show a dialog, and return whether it was confirmed.
 *
 * @param {string} title
 * @param {string} yes The button that confirms; empty: there is nothing to confirm.
 * @param {...Child} content
 * @returns {Promise<boolean>}
 */
function ask(title, yes, ...content) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const confirm = el("button", { class: "button primary", onclick: () => dialog.close("yes") }, yes || t("ok"));
  const cancel = el("button", { class: "button", onclick: () => dialog.close("") }, t("cancel"));
  const dialog = el("dialog", { "aria-label": title }, el("h2", {}, title), ...content,
    el("div", { class: "actions" }, yes ? cancel : "", confirm));
  document.body.append(dialog);
  dialog.showModal();
  if (!content.some((child) => child instanceof HTMLTextAreaElement)) confirm.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
      resolve(dialog.returnValue === "yes");
    });
  });
}
