// @ts-check
// Texts in the chosen language, and numbers as that language writes them.

import { english } from "./english.js";
import { german } from "./german.js";

/** @typedef {keyof typeof english} TextName */
/** @typedef {"en" | "de"} Language */

/** @type {Record<Language, typeof english>} */
export const texts = { en: english, de: german };

/** @type {Language} */
let current = "en";

export const language = () => current;

/** @param {string | null} name of the language; anything unknown means that of the browser */
export function setLanguage(name) {
  current = name === "en" || name === "de" ? name : navigator.languages.map(item => item.slice(0, 2)).find(item => item === "en" || item === "de") === "de" ? "de" : "en";
  document.documentElement.lang = current;
}

/** A text with its values. @param {TextName} name @param {Record<string, string | number>} [values] */
export const text = (name, values = {}) => texts[current][name].replace(/\{(\w+)\}/g, (whole, key) => key in values ? String(values[key]) : whole);

/** A text with a count, or that for one. @param {number} count @param {TextName} several @param {TextName} one */
export const counted = (count, several, one) => count === 1 ? text(one) : text(several, { count: number(count) });

/** @param {number} value @param {number} [digits] after the point */
export const number = (value, digits = 0) => new Intl.NumberFormat(current, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);

/** Sets the texts of the elements that name one. @param {ParentNode} root */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text(/** @type {TextName} */ (/** @type {HTMLElement} */ (node).dataset.text));
  for (const node of root.querySelectorAll("[data-label]")) {
    const label = text(/** @type {TextName} */ (/** @type {HTMLElement} */ (node).dataset.label));
    node.setAttribute("aria-label", label);
    // Such a button shows only a drawing, and the list of models only a name.
    if (node.matches("button, select")) node.setAttribute("title", label);
  }
  for (const node of root.querySelectorAll("[data-hint]")) node.setAttribute("placeholder", text(/** @type {TextName} */ (/** @type {HTMLElement} */ (node).dataset.hint)));
}
