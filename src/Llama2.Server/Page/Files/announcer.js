// @ts-check
// Tells screen readers what happens: states at once, and an answer paragraph by paragraph, not token by token.

import { element, find } from "./dom.js";

const maxLength = 1500, maxCount = 6;

/** @param {string} text */
export function announce(text) {
  const log = find("announcements", HTMLElement);
  const shown = text.trim().slice(0, maxLength);
  if (!shown) return;
  log.append(element("p", { text: shown }));
  while (log.childElementCount > maxCount) log.firstElementChild?.remove();
}
