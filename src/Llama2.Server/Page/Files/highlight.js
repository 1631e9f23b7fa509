// @ts-check
// Colours code with a small tokenizer: comments, strings, numbers, keywords, names of functions and types. It reads each line once.

import { languages } from "./languages.js";

/** @typedef {"comment" | "string" | "number" | "keyword" | "name" | "type" | "added" | "removed" | "tag" | "key" | ""} Kind */
/** @typedef {{ kind: Kind, text: string }} Piece */
/** @typedef {(line: string) => Piece[]} Highlighter colours the next line of a block */

/**
 * @typedef {object} Language
 * @property {string[]} names
 * @property {string} [keywords] separated by spaces
 * @property {boolean} [ignoresCase]
 * @property {string[]} [lineComments]
 * @property {[string, string][]} [blockComments]
 * @property {string[]} [quotes]
 * @property {string[]} [blockQuotes] strings that may have several lines
 * @property {boolean} [isMarkup] tags instead of keywords
 * @property {boolean} [hasKeys] names before a colon or an equals sign are keys
 * @property {boolean} [isDifference] lines that begin with + and -
 */

// In characters; a longer line is most likely data, and stays without colours.
const maxLineLength = 2000;

/** @param {string} name as a code fence states it @returns {Highlighter} */
export function highlighterFor(name) {
  const language = languages.find(item => item.names.includes(name.toLowerCase()));
  if (!language) return line => [{ kind: "", text: line }];
  if (language.isDifference) return colourDifference;
  const lexer = new Lexer(language);
  return line => lexer.read(line);
}

/** @param {string} line @returns {Piece[]} */
function colourDifference(line) {
  const kind = /^(?:\+\+\+|---|@@|diff |index )/.test(line) ? "comment" : line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "";
  return [{ kind, text: line }];
}

/** @param {string} text */
const quoteMeta = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

class Lexer {
  /** What ends the comment or string that goes on on the next line. @type {{ kind: Kind, end: string } | null} */
  #open = null;

  /** @param {Language} language */
  constructor(language) {
    this.language = language;
    this.keywords = new Set((language.keywords ?? "").split(" "));
    this.openers = [
      ...(language.blockComments ?? []).map(([begin, end]) => ({ begin, end, kind: /** @type {Kind} */ ("comment") })),
      ...(language.blockQuotes ?? []).map(quote => ({ begin: quote, end: quote, kind: /** @type {Kind} */ ("string") })),
    ];
    this.pattern = patternOf(language, this.openers.map(opener => opener.begin));
  }

  /** @param {string} line @returns {Piece[]} */
  read(line) {
    if (line.length > maxLineLength) return [{ kind: "", text: line }];
    /** @type {Piece[]} */
    const pieces = [];
    let at = this.#close(line, 0, pieces);
    let plainFrom = at;
    while (at < line.length) {
      this.pattern.lastIndex = at;
      const found = this.pattern.exec(line);
      if (!found) break;
      if (found.index > plainFrom) pieces.push({ kind: "", text: line.slice(plainFrom, found.index) });
      at = this.#add(line, found, pieces);
      plainFrom = at;
    }
    if (plainFrom < line.length) pieces.push({ kind: "", text: line.slice(plainFrom) });
    return pieces;
  }

  /** Goes on with what an earlier line began. @param {string} line @param {number} from @param {Piece[]} pieces */
  #close(line, from, pieces) {
    if (!this.#open) return from;
    const end = line.indexOf(this.#open.end, from);
    const to = end < 0 ? line.length : end + this.#open.end.length;
    if (to > from) pieces.push({ kind: this.#open.kind, text: line.slice(from, to) });
    if (end >= 0) this.#open = null;
    return to;
  }

  /** @param {string} line @param {RegExpExecArray} found @param {Piece[]} pieces */
  #add(line, found, pieces) {
    const groups = found.groups ?? {}, text = found[0], end = found.index + text.length;
    if (groups.open) {
      const opener = this.openers.find(item => item.begin === text);
      this.#open = { kind: opener?.kind ?? "comment", end: opener?.end ?? "" };
      pieces.push({ kind: this.#open.kind, text });
      return this.#close(line, end, pieces);
    }
    pieces.push({ kind: this.#kindOf(groups, text, line, end), text });
    return end;
  }

  /** @param {Record<string, string | undefined>} groups @param {string} text @param {string} line @param {number} end @returns {Kind} */
  #kindOf(groups, text, line, end) {
    const hasKey = () => this.language.hasKeys && /^\s*[:=]/.test(line.slice(end, end + 20));
    if (groups.comment) return "comment";
    if (groups.tag) return "tag";
    if (groups.string) return hasKey() ? "key" : "string";
    if (groups.number) return "number";
    if (this.keywords.has(this.language.ignoresCase ? text.toLowerCase() : text)) return "keyword";
    if (hasKey()) return "key";
    return line[end] === "(" ? "name" : /^\p{Lu}\w*\p{Ll}/u.test(text) ? "type" : "";
  }
}

/** @param {Language} language @param {string[]} openers */
function patternOf(language, openers) {
  const parts = [];
  // The longer first: three quotes are not an empty string and a quote.
  if (openers.length) parts.push(`(?<open>${openers.map(quoteMeta).join("|")})`);
  if (language.lineComments) parts.push(`(?<comment>(?:${language.lineComments.map(mark => mark === "#" ? "(?<![\\w$&])#" : quoteMeta(mark)).join("|")}).*)`);
  if (language.isMarkup) parts.push("(?<tag><\\/?[A-Za-z][\\w:.-]*|\\/?>)");
  if (language.quotes) parts.push(`(?<string>${language.quotes.map(quote => `${quote}(?:[^${quote}\\\\]|\\\\.)*(?:${quote}|$)`).join("|")})`);
  parts.push("(?<number>(?<![\\w.])(?:0[xX][\\da-fA-F_]+|0[bB][01_]+|\\d[\\d_]*(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)\\w*)");
  const first = language.lineComments?.includes("#") ? "" : "#", inside = language.hasKeys || language.isMarkup ? "-" : "";
  parts.push(`(?<word>[\\p{L}_$@${first}][\\p{L}\\d_$${inside}]*)`);
  return new RegExp(parts.join("|"), "gu");
}
