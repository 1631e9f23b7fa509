// @ts-check
// The field for the next message.

import { element, find, icon } from "./dom.js";
import { readTools } from "./answering.js";
import { text as say } from "./texts.js";

/** @import { CheckedName, Settings } from "./types" */

export class Composer {
  #field = find("message", HTMLTextAreaElement);
  #send = find("send", HTMLButtonElement);
  #stop = find("stop-answer", HTMLButtonElement);
  #note = find("composer-note", HTMLElement);
  #chips = find("chips", HTMLElement);
  #isBlocked = false;

  /** @param {(text: string) => boolean} send answers whether the text was sent @param {() => void} stop @param {(field: string) => void} openSettings */
  constructor(send, stop, openSettings) {
    this.send = send;
    this.openSettings = openSettings;
    this.#send.append(icon("send"));
    this.#stop.append(icon("stop"));
    this.#send.addEventListener("click", () => this.#submit());
    this.#stop.addEventListener("click", () => {
      stop();
      this.focus();
    });
    this.#field.addEventListener("input", () => this.#fit());
    this.#field.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  focus() { this.#field.focus(); }

  get text() { return this.#field.value; }

  set text(value) {
    this.#field.value = value;
    this.#fit();
  }

  /** @param {boolean} isWriting whether an answer is being written @param {boolean} needsResults whether calls wait for their results */
  showState(isWriting, needsResults) {
    const hadFocus = document.activeElement === this.#send || document.activeElement === this.#stop;
    this.#isBlocked = isWriting || needsResults;
    this.#send.hidden = isWriting;
    this.#stop.hidden = !isWriting;
    this.#note.textContent = say(needsResults && !isWriting ? "callsFirst" : "sendHint");
    if (hadFocus) (isWriting ? this.#stop : this.#send).focus();
    this.#fit();
  }

  /** Shows which settings shape the answers. @param {Settings} settings */
  showSettings(settings) {
    this.#chips.replaceChildren();
    const { invalid = {} } = settings;
    const add = (/** @type {string} */ label, /** @type {string} */ field, kind = "") =>
      this.#chips.append(element("button", { type: "button", class: `chip ${kind}`.trim(), text: label, onclick: () => this.openSettings(field) }));
    for (const name of /** @type {CheckedName[]} */ (Object.keys(invalid))) add(say("notValid", { name: say(name) }), name, "invalid");
    if (settings.system.trim()) add(say("systemPromptIsSet"), "system");
    if (settings.schema.trim() && invalid.schema === undefined) add(say("jsonIsSet"), "schema");
    if (settings.tools.trim() && invalid.tools === undefined) add(say("toolsAreSet", { count: readTools(settings.tools)?.length ?? 0 }), "tools");
  }

  #submit() {
    const text = this.#field.value;
    if (this.#isBlocked || text.trim() === "") return;
    if (this.send(text)) this.text = "";
  }

  // The field grows with its text, up to the limit of the style sheet.
  #fit() {
    this.#send.disabled = this.#isBlocked || this.#field.value.trim() === "";
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
