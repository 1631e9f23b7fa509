// @ts-check
// Tables of Markdown, row by row, so that a growing table is not built again.

import { element } from "./dom.js";
import { renderInline } from "./inline.js";
import { text as say } from "./texts.js";

const maxColumnCount = 50, maxRowCount = 2000;
const rulerCell = /^:?-+:?$/;

/** Whether a table begins with a line. @param {string} line @param {string | undefined} next */
export function isTableStart(line, next) {
  if (next === undefined || !line.includes("|") || !next.includes("-") || next.length > 4096 || line.length > 65_536) return false;
  const ruler = cellsOf(next);
  return ruler.every(cell => rulerCell.test(cell)) && ruler.length === cellsOf(line).length && (ruler.length > 1 || next.includes("|"));
}

/** @param {string} line */
function cellsOf(line) {
  const cells = [];
  let cell = "", isCode = false;
  const inner = line.trim().replace(/^\|/, "");
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] === "\\" && inner[i + 1] === "|") cell += inner[++i];
    else if (inner[i] === "|" && !isCode) {
      cells.push(cell.trim());
      cell = "";
    } else {
      // A bar inside code does not end the cell, if the code ends on this line.
      if (inner[i] === "`" && (isCode || inner.indexOf("`", i + 1) > 0)) isCode = !isCode;
      cell += inner[i];
    }
  }
  if (cell.trim()) cells.push(cell.trim());
  return cells;
}

export class TableView {
  #rowCount = 0;
  /** @type {HTMLPreElement | null} */
  #rest = null;

  /** @param {string} header @param {string} ruler */
  constructor(header, ruler) {
    const cells = cellsOf(header);
    this.columnCount = Math.min(cells.length, maxColumnCount);
    this.alignments = cellsOf(ruler).map(cell => cell.endsWith(":") ? cell.startsWith(":") ? "center" : "end" : "");
    this.body = element("tbody");
    const row = this.#row(cells, "th");
    // Wide tables scroll in a box of their own, also by keyboard.
    const table = element("table", {}, element("thead", {}, row), this.body);
    this.root = element("div", { class: "table" }, element("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": say("table") }, table));
  }

  /** @param {string} line */
  addRow(line) {
    if (this.#rowCount++ < maxRowCount) return this.body.append(this.#row(cellsOf(line), "td"));
    if (!this.#rest) this.root.append(this.#rest = element("pre", { class: "table-rest", tabindex: 0, role: "region", "aria-label": say("table") }));
    this.#rest.append(`${line}\n`);
  }

  /** @param {string[]} cells @param {"th" | "td"} tag */
  #row(cells, tag) {
    const row = element("tr");
    for (let i = 0; i < this.columnCount; i++) {
      const cell = element(tag, { class: this.alignments[i] || null, dir: "auto", scope: tag === "th" ? "col" : null });
      renderInline(cell, cells[i] ?? "");
      row.append(cell);
    }
    return row;
  }
}
