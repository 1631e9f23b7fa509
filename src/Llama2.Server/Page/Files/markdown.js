// @ts-check
// Shows Markdown while it arrives. Finished blocks are never touched again; only the last one is built again, and a long one only after it has grown by a
// fifth, so that the work for a text is proportional to its length.

import { endsFence, fencePattern, headingPattern, itemPattern, renderBlocks, rulePattern, startsBlock } from "./blocks.js";
import { CodeView } from "./code.js";
import { element } from "./dom.js";
import { isTableStart, TableView } from "./table.js";

// In characters: a block up to this length is built again for each frame.
const smallLength = 4096;
const growth = 1.2;

export class MarkdownView {
  /** What has arrived of the last line. */
  #line = "";
  /** The lines of the open block. @type {string[]} */
  #lines = [];
  #length = 0;
  #drawnLength = 0;
  #headings = { top: 0 };
  #isList = false;
  #afterBlank = false;
  /** @type {HTMLElement | null} */
  #open = null;
  /** @type {{ view: CodeView, fence: string } | null} */
  #code = null;
  /** @type {TableView | null} */
  #table = null;

  /** @param {(block: HTMLElement) => void} [finished] is told of each block that is finished */
  constructor(finished = () => {}) {
    this.root = element("div", { class: "markdown" });
    this.finished = finished;
  }

  /** The whole text at once. @param {string} text */
  static of(text) {
    const view = new MarkdownView();
    view.append(text);
    view.end();
    return view;
  }

  /** @param {string} text */
  append(text) {
    const lines = (this.#line + text).replace(/\r\n?/g, "\n").split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#addLine(line.replace(/\t/g, "    "));
    this.#draw(false);
  }

  end() {
    if (this.#line) this.#addLine(this.#line.replace(/\t/g, "    "));
    this.#line = "";
    this.#finish();
  }

  /** @param {string} line */
  #addLine(line) {
    if (this.#code) return this.#addCode(line);
    const isBlank = line.trim() === "";
    if (this.#table && !isBlank && !startsBlock(line)) return this.#table.addRow(line);
    if (isBlank) return this.#addBlank();
    if (this.#table || this.#endsBlock(line)) this.#finish();
    this.#afterBlank = false;
    const fence = fencePattern.exec(line);
    if (fence && !this.#isList) return this.#openCode(fence);
    if (this.#lines.length === 0) this.#isList = itemPattern.test(line) && !rulePattern.test(line);
    this.#lines.push(line);
    this.#length += line.length + 1;
    this.#finishIfWhole(line);
  }

  #addBlank() {
    if (!this.#isList) return this.#finish();
    // A list goes on after a blank line if an item or an indented line follows.
    this.#afterBlank = true;
    this.#lines.push("");
    this.#length++;
  }

  /** Whether a line begins a new block beside the open one. @param {string} line */
  #endsBlock(line) {
    if (this.#lines.length === 0) return false;
    const isInside = this.#isList && (/^ {2}/.test(line) || itemPattern.test(line) && !rulePattern.test(line));
    return this.#isList ? !isInside && (this.#afterBlank || startsBlock(line)) : startsBlock(line) && !/^ {0,3}>/.test(line) && !isUnderline(line);
  }

  /** @param {string} line the last line of the open block */
  #finishIfWhole(line) {
    if (this.#isList) return;
    const count = this.#lines.length;
    if (count === 1 && (headingPattern.test(line) || rulePattern.test(line))) return this.#finish();
    if (count >= 2 && isTableStart(this.#lines[count - 2], line)) this.#openTable();
  }

  #openTable() {
    const ruler = /** @type {string} */ (this.#lines.pop()), header = /** @type {string} */ (this.#lines.pop());
    this.#finish();
    this.#table = new TableView(header, ruler);
    this.root.append(this.#table.root);
  }

  /** @param {RegExpExecArray} fence */
  #openCode(fence) {
    this.#finish();
    this.#code = { view: new CodeView(fence[3]), fence: fence[2] };
    this.root.append(this.#code.view.root);
  }

  /** @param {string} line */
  #addCode(line) {
    const code = /** @type {{ view: CodeView, fence: string }} */ (this.#code);
    if (endsFence(line, code.fence)) this.#finish();
    else code.view.addLine(line);
  }

  /** Shows the open block with what has arrived of its last line. @param {boolean} isWhole */
  #draw(isWhole) {
    if (this.#code) return this.#code.view.showPart(this.#line);
    // The last row of a table is shown when it is whole.
    if (this.#table) return;
    const length = this.#length + this.#line.length;
    if (length === 0 || !isWhole && length > smallLength && length < this.#drawnLength * growth) return;
    this.#drawnLength = length;
    if (!this.#open) this.root.append(this.#open = element("div", { class: "block" }));
    this.#open.replaceChildren();
    // What is not whole may still turn into another heading.
    renderBlocks(this.#open, this.#line ? [...this.#lines, this.#line] : this.#lines, isWhole ? this.#headings : { ...this.#headings });
  }

  #finish() {
    const block = this.#code?.view.root ?? this.#table?.root ?? this.#open;
    if (this.#code) this.#code.view.end();
    else if (!this.#table && this.#lines.length > 0) {
      const line = this.#line;
      this.#line = "";
      this.#draw(true);
      this.#line = line;
    }
    const finished = this.#open ?? block;
    if (!this.#code && !this.#table && this.#lines.length === 0) this.#open?.remove();
    else if (finished) this.finished(/** @type {HTMLElement} */ (finished));
    this.#code = this.#table = this.#open = null;
    this.#lines = [];
    this.#length = this.#drawnLength = 0;
    this.#isList = this.#afterBlank = false;
  }
}

/** Whether a line may make a heading of the paragraph before it. @param {string} line */
const isUnderline = line => /^ {0,3}-+[ \t]*$/.test(line);
