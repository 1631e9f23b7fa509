// @ts-check
// JSON as a tree that can be collapsed. The children of a value are built when they are first shown, so neither depth nor size makes it slow.

import { element, showBidi } from "./dom.js";
import { counted, number, text as say } from "./texts.js";

const pageSize = 100, openDepth = 2, maxOpenCount = 20, maxTextLength = 20_000;

/** @param {unknown} value @returns {HTMLElement} */
export const jsonTree = value => element("div", { class: "tree" }, entry(null, value, 0));

/** @param {string | null} name @param {unknown} value @param {number} depth @returns {HTMLElement} */
function entry(name, value, depth) {
  const label = name === null ? null : element("span", { class: "tree-name", text: showBidi(name), dir: "auto" });
  if (typeof value !== "object" || value === null) return element("div", { class: "tree-leaf" }, label, label && ": ", leaf(value));
  const isList = Array.isArray(value);
  const entries = isList ? value : Object.entries(value);
  const size = element("span", { class: "tree-size", text: isList ? counted(entries.length, "items", "oneItem") : counted(entries.length, "fields", "oneField") });
  const box = element("div", { class: "tree-children" });
  const details = element("details", { open: depth < openDepth && entries.length <= maxOpenCount }, element("summary", {}, label, label && ": ", size), box);
  const fill = () => {
    if (details.open && !box.hasChildNodes()) addPage(box, value, isList ? null : Object.keys(value), 0, depth + 1);
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

/** @param {HTMLElement} box @param {any} value @param {string[] | null} names @param {number} from @param {number} depth */
function addPage(box, value, names, from, depth) {
  const count = names?.length ?? value.length, to = Math.min(count, from + pageSize);
  for (let i = from; i < to; i++) box.append(entry(names ? names[i] : String(i), names ? value[names[i]] : value[i], depth));
  if (to === count) return;
  const more = element("button", { type: "button", class: "link-button", text: say("showMore", { count: number(Math.min(pageSize, count - to)) }), onclick: () => {
    more.remove();
    addPage(box, value, names, to, depth);
    const next = box.children[to];
    if (next instanceof HTMLElement) (next.querySelector("summary") ?? next).scrollIntoView({ block: "nearest" });
  } });
  box.append(more);
}

/** @param {unknown} value */
function leaf(value) {
  const kind = value === null ? "null" : typeof value;
  const shown = typeof value === "string" ? `"${value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value}"` : String(value);
  return element("span", { class: `tree-${kind}`, text: showBidi(shown), dir: kind === "string" ? "auto" : null });
}

/** The object or list that a text is, undefined if it is none. @param {string} text @returns {object | undefined} */
export function parseJson(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
