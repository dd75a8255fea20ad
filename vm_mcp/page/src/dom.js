/** @typedef {Node | string | false | null | undefined} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Props */

/**
 * Return a new element. Texts become text nodes and nothing else, so nothing that a caller says can become markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props] Attributes; a function is a listener, its name `on` and the event's.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  setProps(element, tag === "button" ? { type: "button", ...props } : props);
  element.append(...present(children));
  return element;
}

/**
 * @param {string} tag
 * @param {Props} props
 * @param {...Child} children
 */
export function svg(tag, props, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setProps(element, props);
  element.append(...present(children));
  return element;
}

/**
 * @param {Element} element
 * @param {Props} props
 */
function setProps(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
export function present(children) {
  return /** @type {(Node | string)[]} */ (children.filter((child) => child !== false && child !== null && child !== undefined && child !== ""));
}

const PATHS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  back: "M15 5l-7 7 7 7",
  refresh: "M19 12a7 7 0 1 1-2-5M17.5 3v4.2h-4.2",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  end: "M12 4v8M7 7a7.4 7.4 0 1 0 10 0",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
};

/**
 * Return an icon that screen readers pass over.
 *
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const isSolid = name === "play" || name === "pause";
  const props = { viewBox: "0 0 24 24", "aria-hidden": "true", class: isSolid ? "icon solid" : "icon" };
  return svg("svg", props, svg("path", { d: PATHS[name] }));
}

/**
 * Return a button with an icon and a name.
 *
 * @param {keyof typeof PATHS} name
 * @param {string} label
 * @param {() => void} onclick
 */
export function iconButton(name, label, onclick) {
  return el("button", { class: "icon-button", "aria-label": label, title: label, onclick }, icon(name));
}
