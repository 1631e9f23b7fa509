// @ts-check
// The blocks of Markdown: headings, lists, quotes, tables, code. The depth of nesting is limited; deeper marks stay text.

import { CodeView } from "./code.js";
import { element } from "./dom.js";
import { renderInline } from "./inline.js";
import { isTableStart, TableView } from "./table.js";
import { text as say } from "./texts.js";

const maxDepth = 8;

export const fencePattern = /^( {0,3})(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
export const headingPattern = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
export const rulePattern = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
export const itemPattern = /^( {0,3})([-*+]|\d{1,9}[.)])(?:( +)(?=\S)|[ \t]*$)/;
const quotePattern = /^ {0,3}> ?/;
const underlinePattern = /^ {0,3}(?:=+|-+)[ \t]*$/;

/** @param {string} line */
const isBlank = line => line.trim() === "";

/** Whether a line ends a paragraph before it. @param {string} line */
export const startsBlock = line => fencePattern.test(line) || headingPattern.test(line) || rulePattern.test(line) || quotePattern.test(line)
  || /^ {0,3}(?:[-*+]|1[.)]) +\S/.test(line);

/** Whether a code fence ends at a line. @param {string} line @param {string} fence */
export const endsFence = (line, fence) => {
  const found = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line);
  return found !== null && found[1][0] === fence[0] && found[1].length >= fence.length;
};

/** @typedef {{ top: number }} Headings the level of the text's first heading; 0 before it */

/** Puts blocks into an element. @param {HTMLElement} parent @param {string[]} lines @param {Headings} headings @param {number} [depth] */
export function renderBlocks(parent, lines, headings, depth = 0) {
  new BlockRenderer(parent, lines, headings, depth).run();
}

class BlockRenderer {
  #at = 0;

  /** @param {HTMLElement} parent @param {string[]} lines @param {Headings} headings @param {number} depth */
  constructor(parent, lines, headings, depth) {
    this.parent = parent;
    this.lines = lines;
    this.headings = headings;
    this.depth = depth;
  }

  run() {
    while (this.#at < this.lines.length) {
      const line = this.lines[this.#at];
      if (isBlank(line)) this.#at++;
      else if (!(this.#fence(line) || this.#heading(line) || this.#rule(line) || this.#quote(line) || this.#list(line) || this.#table())) this.#paragraph();
    }
  }

  /** @param {string} line */
  #fence(line) {
    const found = fencePattern.exec(line);
    if (!found) return false;
    const view = new CodeView(found[3]);
    for (this.#at++; this.#at < this.lines.length && !endsFence(this.lines[this.#at], found[2]); this.#at++) view.addLine(dedent(this.lines[this.#at], found[1].length));
    this.#at++;
    view.end();
    this.parent.append(view.root);
    return true;
  }

  /** @param {string} line */
  #heading(line) {
    const found = headingPattern.exec(line);
    if (!found) return false;
    this.#addHeading(found[1].length, found[2] ?? "");
    this.#at++;
    return true;
  }

  /** @param {number} level @param {string} content */
  #addHeading(level, content) {
    this.headings.top ||= level;
    // The page's own headings are of the levels 1 and 2, and no level is left out after them, wherever the text begins.
    const heading = element(/** @type {"h3"} */ (`h${Math.min(3 + Math.max(0, level - this.headings.top), 6)}`), { class: `level-${level}`, dir: "auto" });
    renderInline(heading, content);
    this.parent.append(heading);
  }

  /** @param {string} line */
  #rule(line) {
    if (!rulePattern.test(line)) return false;
    this.parent.append(element("hr"));
    this.#at++;
    return true;
  }

  /** @param {string} line */
  #quote(line) {
    if (this.depth >= maxDepth || !quotePattern.test(line)) return false;
    const inner = [];
    while (this.#at < this.lines.length) {
      const next = this.lines[this.#at];
      // A paragraph may go on without the mark.
      if (!quotePattern.test(next) && (isBlank(next) || isBlank(inner.at(-1) ?? "") || startsBlock(next))) break;
      inner.push(next.replace(quotePattern, ""));
      this.#at++;
    }
    const quote = element("blockquote");
    renderBlocks(quote, inner, this.headings, this.depth + 1);
    this.parent.append(quote);
    return true;
  }

  /** @param {string} line */
  #list(line) {
    const found = this.depth < maxDepth && itemPattern.exec(line);
    if (!found) return false;
    const isOrdered = /\d/.test(found[2]);
    const list = element(isOrdered ? "ol" : "ul");
    if (isOrdered && Number.parseInt(found[2], 10) !== 1) list.setAttribute("start", String(Number.parseInt(found[2], 10)));
    const kind = found[2].at(-1);
    let isLoose = false;
    for (;;) {
      const item = this.lines[this.#at] === undefined ? null : itemPattern.exec(this.lines[this.#at]);
      if (!item || item[2].at(-1) !== kind || rulePattern.test(this.lines[this.#at])) break;
      const { inner, hasBlank } = this.#itemLines(item);
      isLoose ||= hasBlank;
      list.append(this.#item(inner));
    }
    if (isLoose) list.className = "loose";
    this.parent.append(list);
    return true;
  }

  /** Takes the lines of an item. @param {RegExpExecArray} item */
  #itemLines(item) {
    const indent = Math.min(item[0].length || item[1].length + item[2].length + 1, item[1].length + item[2].length + 4);
    // Models often indent the lists inside numbered items by two.
    const least = Math.min(indent, item[1].length + 2);
    const inner = [this.lines[this.#at++].slice(item[0].length)];
    let hasBlank = false;
    while (this.#at < this.lines.length) {
      const line = this.lines[this.#at];
      if (!isBlank(line)) {
        const isInside = line.length - line.trimStart().length >= least;
        if (!isInside && (isBlank(inner.at(-1) ?? "") || startsBlock(line) || itemPattern.test(line))) break;
        hasBlank ||= isBlank(inner.at(-1) ?? "x") && inner.length > 1;
      }
      inner.push(dedent(line, indent));
      this.#at++;
    }
    // Blank lines between two items belong to neither.
    if (isBlank(inner.at(-1) ?? "x") && inner.length > 1 && this.#at < this.lines.length && itemPattern.test(this.lines[this.#at])) hasBlank = true;
    return { inner, hasBlank };
  }

  /** @param {string[]} inner */
  #item(inner) {
    const made = element("li", { dir: "auto" });
    const task = /^\[([ xX])\] +/.exec(inner[0]);
    if (task) {
      inner[0] = inner[0].slice(task[0].length);
      const isDone = task[1] !== " ";
      made.className = "task";
      made.append(element("span", { role: "img", "aria-label": say(isDone ? "taskDone" : "taskOpen"), class: "task-mark", text: isDone ? "☑" : "☐" }));
    }
    renderBlocks(made, inner, this.headings, this.depth + 1);
    return made;
  }

  #table() {
    if (!isTableStart(this.lines[this.#at], this.lines[this.#at + 1])) return false;
    const view = new TableView(this.lines[this.#at], this.lines[this.#at + 1]);
    for (this.#at += 2; this.#at < this.lines.length && !isBlank(this.lines[this.#at]) && !startsBlock(this.lines[this.#at]); this.#at++) view.addRow(this.lines[this.#at]);
    this.parent.append(view.root);
    return true;
  }

  #paragraph() {
    const lines = [this.lines[this.#at++].trimStart()];
    while (this.#at < this.lines.length) {
      const line = this.lines[this.#at];
      if (underlinePattern.test(line)) {
        this.#at++;
        return this.#addHeading(line.includes("=") ? 1 : 2, lines.join("\n"));
      }
      if (isBlank(line) || startsBlock(line) || isTableStart(line, this.lines[this.#at + 1])) break;
      lines.push(line.trimStart());
      this.#at++;
    }
    const paragraph = element("p", { dir: "auto" });
    renderInline(paragraph, lines.join("\n").trimEnd());
    this.parent.append(paragraph);
  }
}

/** @param {string} line @param {number} width */
function dedent(line, width) {
  let at = 0;
  while (at < width && line[at] === " ") at++;
  return line.slice(at);
}
