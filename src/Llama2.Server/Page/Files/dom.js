// @ts-check
// Builds elements. Text is only ever set as text: nothing on this page makes markup of a string.

/**
 * @typedef {Record<string, string | number | boolean | EventListener | null | undefined>} Properties
 * Attributes by their names; class, text and listeners (onclick, …). False, null and undefined leave an attribute out; true sets it empty.
 */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (name === "text") made.textContent = String(value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function find(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} '${id}'.`);
  return found;
}

const shapes = {
  add: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  settings: "M4 8h8m4 0h4M4 16h4m4 0h8M14 6v4M10 14v4",
  send: "M12 19V6m-6 6 6-6 6 6",
  stop: "M8 8h8v8H8z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  previous: "M15 6l-6 6 6 6",
  next: "M9 6l6 6-6 6",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  save: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  open: "M12 16V5m-5 5 5-5 5 5M5 20h14",
  down: "M12 5v13m-6-6 6 6 6-6",
  tool: "M14 7a4 4 0 0 1 5-3l-3 3 1 1 3-3a4 4 0 0 1-5 5l-8 8-2-2 8-8z",
  warning: "M12 4 3 20h18zM12 10v4m0 3h.01",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  help: "M9.5 9a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 1-1 1.7m0 3h.01M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zm5-2 4 4",
};

/** @typedef {keyof typeof shapes} IconName */

/** A drawing that screen readers skip. @param {IconName} name @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that shows only a drawing; the label is its name for screen readers and its tooltip.
 * @param {IconName} name @param {string} label @param {() => void} act @param {string} [kind]
 */
export const iconButton = (name, label, act, kind = "") =>
  element("button", { type: "button", class: `icon-button ${kind}`.trim(), "aria-label": label, title: label, onclick: act }, icon(name));

// Characters that change the direction of the text after them: they can make code and addresses look like others.
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes such characters visible. @param {string} text */
export const showBidi = text => text.replace(bidi, char => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

/** Copies a text; answers whether the browser allowed it. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers offer the clipboard only over HTTPS and on this machine.
    const area = element("textarea", { class: "offscreen", "aria-hidden": "true", tabindex: -1 });
    const focused = document.activeElement;
    const place = document.querySelector("dialog[open]") ?? document.body;
    area.value = text;
    place.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}
