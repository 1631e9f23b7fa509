// @ts-check
// A block of code: its language, a button that copies it, and colours, line by line.

import { copyText, element, icon, showBidi } from "./dom.js";
import { highlighterFor } from "./highlight.js";
import { text as say } from "./texts.js";

// Lines after these have no colours, so that a long block stays quick.
const maxColouredLineCount = 5000;

export class CodeView {
  /** @type {string[]} */
  #lines = [];
  #part = new Text();
  #code = element("code");

  /** @param {string} language as the text names it; may be empty */
  constructor(language) {
    const name = showBidi(language.slice(0, 30));
    this.highlighter = highlighterFor(language);
    this.#code.append(this.#part);
    const label = element("span", { class: "copy-label", text: say("copy") });
    const copy = element("button", { type: "button", class: "copy-button", onclick: () => this.#copy(copy, label) }, icon("copy"), label);
    this.root = element("div", { class: "code" },
      element("div", { class: "code-head" }, element("span", { class: "code-language", text: name || say("code") }), copy),
      element("pre", { tabindex: 0, role: "region", "aria-label": name ? `${say("code")}: ${name}` : say("code"), dir: "ltr" }, this.#code));
  }

  /** @param {string} line */
  addLine(line) {
    this.#lines.push(line);
    this.#part.data = "";
    const shown = showBidi(line);
    if (this.#lines.length > maxColouredLineCount) return this.#part.before(`${shown}\n`);
    for (const { kind, text } of this.highlighter(shown)) this.#part.before(kind ? element("span", { class: `code-${kind}`, text }) : text);
    this.#part.before("\n");
  }

  /** Shows a line that has not arrived completely. @param {string} line */
  showPart(line) { this.#part.data = showBidi(line); }

  end() { this.#part.data = ""; }

  /** @param {HTMLButtonElement} button @param {HTMLElement} label */
  async #copy(button, label) {
    const isDone = await copyText(this.#lines.join("\n"));
    label.textContent = say(isDone ? "copied" : "copyFailed");
    button.addEventListener("blur", () => { label.textContent = say("copy"); }, { once: true });
  }
}
