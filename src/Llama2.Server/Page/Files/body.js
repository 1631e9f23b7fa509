// @ts-check
// What a message says: Markdown, or JSON as a tree or as text, or plain text. It grows while the answer is written.

import { announce } from "./announcer.js";
import { CodeView } from "./code.js";
import { element } from "./dom.js";
import { MarkdownView } from "./markdown.js";
import { text as say } from "./texts.js";
import { jsonTree, parseJson } from "./tree.js";

/** @import { Message } from "./types" */

export class AnswerBody {
  #length = 0;
  /** @type {MarkdownView | null} */
  #markdown = null;
  /** @type {Text | null} */
  #json = null;

  /** @param {Message} message @param {boolean} isWriting */
  constructor(message, isWriting) {
    this.message = message;
    this.root = element("div", { class: "answer" });
    if (message.isJson) this.#json = this.#addJsonText();
    else {
      this.#markdown = new MarkdownView(block => { if (isWriting) announce(block.textContent ?? ""); });
      this.root.append(this.#markdown.root);
    }
    this.grow();
    if (!isWriting) this.end();
  }

  /** Shows what has been added to the message. */
  grow() {
    const added = this.message.content.slice(this.#length);
    if (!added) return;
    this.#length = this.message.content.length;
    this.#markdown?.append(added);
    this.#json?.appendData(added);
  }

  /** The message is complete. */
  end() {
    this.grow();
    this.#markdown?.end();
    const value = this.#json && parseJson(this.message.content);
    if (value) this.root.replaceChildren(jsonView(value));
  }

  #addJsonText() {
    const text = new Text();
    this.root.append(element("pre", { class: "json-text", tabindex: 0, dir: "ltr", role: "region", "aria-label": "JSON" }, element("code", {}, text)));
    return text;
  }
}

/** A value as a tree, and as text. @param {object} value */
export function jsonView(value) {
  const content = element("div");
  /** @type {HTMLButtonElement[]} */
  const buttons = [];
  /** @param {boolean} isTree */
  const show = isTree => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String((index === 0) === isTree)));
    content.replaceChildren(isTree ? jsonTree(value) : codeOf(JSON.stringify(value, null, 2)));
  };
  buttons.push(element("button", { type: "button", text: say("viewTree"), onclick: () => show(true) }), element("button", { type: "button", text: say("viewText"), onclick: () => show(false) }));
  show(true);
  return element("div", { class: "json" }, element("div", { class: "choice", role: "group", "aria-label": say("view") }, ...buttons), content);
}

/** @param {string} text */
function codeOf(text) {
  const view = new CodeView("json");
  for (const line of text.split("\n")) view.addLine(line);
  view.end();
  return view.root;
}
