/** @import { App } from "./app.js" */

/**
 * Handle the page's keys.
 *
 * @param {App} app
 */
export function listenToKeys(app) {
  /** @type {Record<string, () => void>} */
  const single = {
    j: () => app.step(1),
    k: () => app.step(-1),
    p: () => app.togglePlay(),
    d: () => app.playDoubtful(),
    ",": () => app.changeSpeed(-1),
    ".": () => app.changeSpeed(1),
    e: () => app.toggleDone(),
    b: () => app.mark("told"),
    n: () => app.writeNote(),
    c: () => app.copyNumber(),
    "/": () => app.search.focus(),
    r: () => app.inbox.reload(),
    f: () => app.toggleFull(),
    "?": () => app.help(),
    ArrowLeft: () => app.seekBy(-5),
    ArrowRight: () => app.seekBy(5),
  };
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("dialog")) return;
    if (event.key === "Escape") return app.escape();
    if (target.matches("input, textarea, select")) return;
    if (target.closest(".list") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      return app.step(event.key === "ArrowDown" ? 1 : -1);
    }
    const act = app.hasKeys && (single[event.key] || single[event.key.toLowerCase()]);
    const isSpace = event.key === " " && !target.closest("button, a, [role=button]");
    if (!act && !isSpace) return;
    event.preventDefault();
    if (act) act();
    else app.togglePlay();
  });
}
