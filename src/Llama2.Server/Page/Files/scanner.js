// @ts-check
// Splits inline Markdown into tokens: text, code, breaks, delimiters with what they begin and end, and links.

import { safeAddress } from "./address.js";

// How many delimiters a closing one looks back for its opening one; this keeps the time linear.
const maxLookBack = 32;

/**
 * @typedef {object} Token
 * @property {"text" | "code" | "break" | "delimiter" | "bracket" | "open" | "close" | "link" | "unlink"} kind
 * @property {string} text
 * @property {number} count how many characters of a delimiter are still text
 * @property {boolean} canOpen
 * @property {boolean} canClose
 * @property {string[]} opens the elements that begin here, the innermost first
 * @property {string[]} closes the elements that end here, the innermost first
 */

/** @param {Token["kind"]} kind @param {string} [text] @returns {Token} */
const token = (kind, text = "") => ({ kind, text, count: 0, canOpen: false, canClose: false, opens: [], closes: [] });

const plain = /(?:(?!https?:\/\/)[^\\`*_~[\]!<&\n])+/y;
const escaped = /\\([!-/:-@[-`{-~])/y;
const hardBreak = /(?: {2,}|\\)\n|<br\s{0,4}\/?>/y;
const ticks = /`+/y;
const autolink = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2048})>/y;
const bareLink = /https?:\/\/[^\s<>"`]{1,2048}/y;
const destination = /\(\s{0,8}(?:<([^<>\n]{0,2048})>|([^\s()<>]{0,2048}(?:\([^\s()<>]{0,256}\)[^\s()<>]{0,512}){0,4}))(?:\s{1,8}(?:"[^"]{0,256}"|'[^']{0,256}'))?\s{0,8}\)/y;
const entity = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp|ndash|mdash|hellip|copy|deg|times|rarr|larr));/y;
/** @type {Record<string, string>} */
const entities = {
  amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'", nbsp: "\u00a0", ndash: "–", mdash: "—", hellip: "…", copy: "©", deg: "°", times: "×", rarr: "→", larr: "←",
};
const space = /\s/u, punctuation = /[\p{P}\p{S}]/u;

/** @param {RegExp} pattern sticky @param {string} text @param {number} at */
function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Reads a text once, from its beginning to its end. */
export class Scanner {
  /** @type {Token[]} */
  tokens = [];
  /** Indices of delimiters that may still be matched. @type {number[]} */
  delimiters = [];
  /** Opening brackets, each with the number of delimiters before it. @type {{ index: number, delimiterCount: number, isImage: boolean }[]} */
  brackets = [];
  at = 0;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.ticks = findTicks(text);
  }

  scan() {
    while (this.at < this.text.length) this.#next();
    this.#matchEmphasis(0);
    return this.tokens;
  }

  #next() {
    const { text, at } = this;
    const run = match(plain, text, at);
    if (run) {
      // A hard break begins with spaces, which belong to the run.
      const spaces = text[plain.lastIndex] === "\n" ? run[0].length - run[0].trimEnd().length : 0;
      const end = plain.lastIndex - (spaces >= 2 ? spaces : 0);
      if (end > at) return this.#push("text", text.slice(at, end), end);
    }
    const hard = match(hardBreak, text, at);
    if (hard) return this.#push("break", "", hardBreak.lastIndex);
    switch (text[at]) {
      case "\n": return this.#push("text", "\n", at + 1);
      case "\\": return this.#escape();
      case "`": return this.#code();
      case "*": case "_": case "~": return this.#delimiter();
      case "!": return text[at + 1] === "[" ? this.#bracket(true) : this.#push("text", "!", at + 1);
      case "[": return this.#bracket(false);
      case "]": return this.#endBracket();
      case "<": return this.#auto(autolink);
      case "h": return this.#auto(bareLink);
      case "&": return this.#entity();
      default: return this.#push("text", text[at], at + 1);
    }
  }

  /** @param {Token["kind"]} kind @param {string} content @param {number} end */
  #push(kind, content, end) {
    const last = this.tokens.at(-1);
    if (kind === "text" && last?.kind === "text") last.text += content;
    else this.tokens.push(token(kind, content));
    this.at = end;
  }

  #escape() {
    const found = match(escaped, this.text, this.at);
    this.#push("text", found ? found[1] : "\\", this.at + (found ? 2 : 1));
  }

  #entity() {
    const found = match(entity, this.text, this.at);
    if (!found) return this.#push("text", "&", this.at + 1);
    const code = found[1] ? Number.parseInt(found[1], 10) : Number.parseInt(found[2] ?? "0", 16);
    const isValid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    this.#push("text", found[3] ? entities[found[3]] : isValid ? String.fromCodePoint(code) : "\ufffd", this.at + found[0].length);
  }

  #code() {
    const { text, at } = this;
    const length = match(ticks, text, at)?.[0].length ?? 1;
    const places = this.ticks.get(length) ?? [];
    while (places.length > 0 && places[places.length - 1] <= at) places.pop();
    const end = places.at(-1);
    if (end === undefined) return this.#push("text", text.slice(at, at + length), at + length);
    let content = text.slice(at + length, end).replace(/\n/g, " ");
    if (content.startsWith(" ") && content.endsWith(" ") && content.trim()) content = content.slice(1, -1);
    this.#push("code", content, end + length);
  }

  #delimiter() {
    const { text, at } = this;
    const char = text[at];
    let end = at;
    while (text[end] === char) end++;
    const before = at === 0 ? " " : text[at - 1], after = text[end] ?? " ";
    const afterSpace = space.test(after), beforeSpace = space.test(before);
    const afterPunctuation = punctuation.test(after), beforePunctuation = punctuation.test(before);
    const left = !afterSpace && (!afterPunctuation || beforeSpace || beforePunctuation);
    const right = !beforeSpace && (!beforePunctuation || afterSpace || afterPunctuation);
    const made = token("delimiter", char);
    made.count = end - at;
    made.canOpen = char === "_" ? left && (!right || beforePunctuation) : left;
    made.canClose = char === "_" ? right && (!left || afterPunctuation) : right;
    if (char === "~" && made.count !== 2) made.canOpen = made.canClose = false;
    if (made.canOpen || made.canClose) this.delimiters.push(this.tokens.length);
    this.tokens.push(made);
    this.at = end;
  }

  /** @param {boolean} isImage */
  #bracket(isImage) {
    this.brackets.push({ index: this.tokens.length, delimiterCount: this.delimiters.length, isImage });
    this.tokens.push(token("bracket", isImage ? "![" : "["));
    this.at += isImage ? 2 : 1;
  }

  #endBracket() {
    const bracket = this.brackets.pop();
    const found = bracket && match(destination, this.text, this.at + 1);
    const url = found && safeAddress(found[1] ?? found[2] ?? "");
    if (!bracket || !found) return this.#push("text", "]", this.at + 1);
    this.#matchEmphasis(bracket.delimiterCount);
    const open = this.tokens[bracket.index];
    if (url) {
      open.kind = "link";
      open.text = (bracket.isImage ? "!" : "") + url.href;
      // A link contains no links.
      if (!bracket.isImage) this.brackets = [];
      this.#push("unlink", "", destination.lastIndex);
    } else {
      // An address of another kind is shown, so that nobody takes the text for a link.
      this.#push("text", `]${found[0]}`, destination.lastIndex);
    }
  }

  /** @param {RegExp} pattern */
  #auto(pattern) {
    const found = match(pattern, this.text, this.at);
    let address = found ? found[1] ?? found[0] : "";
    // Punctuation after a bare address, and a bracket around it, do not belong to it.
    if (found && !found[1]) {
      address = address.replace(/[.,;:!?'"*_~\]]+$/, "");
      if (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
    }
    const url = found && safeAddress(address);
    if (!found || !url) return this.#push("text", this.text[this.at], this.at + 1);
    const end = this.at + (found[1] ? found[0].length : address.length);
    this.#push("link", url.href, end);
    this.#push("text", address, end);
    this.#push("unlink", "", end);
  }

  /** Matches the delimiters from a place of the list on, and empties the list up to there. @param {number} from */
  #matchEmphasis(from) {
    /** @type {Token[]} */
    const openers = [];
    for (const index of this.delimiters.splice(from)) {
      const closer = this.tokens[index];
      while (closer.canClose && closer.count > 0 && closeWith(openers, closer)) { /* the next pair */ }
      if (closer.canOpen && closer.count > 0) openers.push(closer);
    }
  }
}

/** Matches a closing delimiter with the last opening one that fits. @param {Token[]} openers @param {Token} closer */
function closeWith(openers, closer) {
  for (let i = openers.length - 1; i >= Math.max(0, openers.length - maxLookBack); i--) {
    const opener = openers[i];
    // Rule of multiples of three of CommonMark.
    const isRefused = (opener.canClose || closer.canOpen) && (opener.count + closer.count) % 3 === 0 && (opener.count % 3 !== 0 || closer.count % 3 !== 0);
    if (opener.text !== closer.text || isRefused) continue;
    const width = opener.count >= 2 && closer.count >= 2 ? 2 : 1;
    const tag = opener.text === "~" ? "del" : width === 2 ? "strong" : "em";
    opener.opens.push(tag);
    closer.closes.push(tag);
    opener.count -= width;
    closer.count -= width;
    // Delimiters between the two stay text.
    openers.length = opener.count > 0 ? i + 1 : i;
    return true;
  }
  return false;
}

/** Where runs of backticks begin, by their length; the first is the last of its list. @param {string} text @returns {Map<number, number[]>} */
function findTicks(text) {
  /** @type {Map<number, number[]>} */
  const found = new Map();
  for (const run of text.matchAll(/`+/g)) {
    const places = found.get(run[0].length);
    if (places) places.push(run.index);
    else found.set(run[0].length, [run.index]);
  }
  for (const places of found.values()) places.reverse();
  return found;
}
