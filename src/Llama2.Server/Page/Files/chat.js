// @ts-check
// The conversation that is shown, and what is shown before its first message.

import { element, find } from "./dom.js";
import { MessageView } from "./message.js";
import { text as say } from "./texts.js";

/** @import { Answering } from "./answering.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Actions } from "./message.js" */
/** @import { Message } from "./types" */

// In CSS pixels: so near the end, the page follows a growing answer.
const nearEnd = 80;

const generalExamples = /** @type {const} */ (["example1", "example2", "example3", "example4"]);

// The repository's demonstration models: they answer nothing but questions like these, whatever the language of the page.
const storyteller = /^storyteller-/;
const storytellerExamples = ["What sound does a cow make?", "Tell me a short story about a rabbit.", "Where does a bear live?", "What sound does a duck make?"];

export class ChatView {
  #box = find("messages", HTMLElement);
  #scroller = find("scroller", HTMLElement);
  #toLatest = find("to-latest", HTMLButtonElement);
  /** @type {MessageView[]} */
  #views = [];
  /** @type {Conversation | null} */
  #shown = null;
  #isAtEnd = true;

  /** @param {Actions} actions @param {(example: string) => void} ask @param {(message: Message) => Answering | undefined} answeringOf */
  constructor(actions, ask, answeringOf) {
    this.actions = actions;
    this.ask = ask;
    this.answeringOf = answeringOf;
    this.#scroller.addEventListener("scroll", () => this.#noteScroll(), { passive: true });
    this.#box.addEventListener("grown", () => this.#follow());
    this.#toLatest.addEventListener("click", () => this.scrollToEnd());
  }

  /**
   * Shows the chosen branches of a conversation. Messages that are shown already stay as they are.
   * @param {Conversation} conversation @param {boolean} [isNew] whether everything is shown anew, such as in another language
   */
  show(conversation, isNew = false) {
    const path = conversation.path();
    let kept = 0;
    if (!isNew && this.#shown === conversation) while (kept < path.length && this.#views[kept]?.message === path[kept]) kept++;
    for (const view of this.#views.splice(kept)) view.root.remove();
    if (kept === 0) this.#box.replaceChildren();
    this.#shown = conversation;
    for (const message of path.slice(kept)) {
      const view = new MessageView(conversation, message, this.actions, this.answeringOf(message));
      this.#views.push(view);
      this.#box.append(view.root);
    }
    document.body.classList.toggle("is-empty", path.length === 0);
    if (path.length === 0) this.#box.append(this.#greeting(conversation));
  }

  /** Shows a message anew whose state has changed. @param {Message} message */
  refresh(message) {
    this.view(message)?.show(this.answeringOf(message));
    this.#follow();
  }

  /** @param {Message} message */
  view(message) { return this.#views.find(view => view.message === message); }

  /** @param {Message} message @param {Answering} answering */
  grow(message, answering) { this.view(message)?.grow(answering); }

  scrollToEnd() {
    this.#isAtEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#noteScroll();
  }

  #noteScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    this.#toLatest.hidden = this.#isAtEnd;
  }

  #follow() {
    if (this.#isAtEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else this.#noteScroll();
  }

  /** @param {Conversation} conversation */
  #greeting(conversation) {
    const { model } = conversation.data;
    const about = element("p", { class: "greeting-about" });
    const [before, after] = say(model ? "aboutModel" : "aboutNoModel").split("{model}");
    about.append(before);
    if (model) about.append(element("strong", { text: model, dir: "auto" }), after ?? "");
    const examples = element("ul", { class: "examples", "aria-label": say("examples") });
    const isStoryteller = storyteller.test(model);
    for (const example of isStoryteller ? storytellerExamples : generalExamples.map(name => say(name))) {
      const button = element("button", { type: "button", class: "example", text: example, lang: isStoryteller ? "en" : null, onclick: () => this.ask(example) });
      examples.append(element("li", {}, button));
    }
    return element("section", { class: "greeting" }, element("h2", { text: say("greeting") }), about, examples,
      isStoryteller && element("p", { class: "greeting-note", text: say("storytellerNote", { model }) }));
  }
}
