// @ts-check
// One message of the conversation, with what can be done with it.

import { leastTime } from "./answering.js";
import { AnswerBody, jsonView } from "./body.js";
import { callsView } from "./calls.js";
import { copyText, element, iconButton } from "./dom.js";
import { canRetry, failureView } from "./failure.js";
import { counted, number, text as say } from "./texts.js";
import { parseJson } from "./tree.js";

/** @import { Answering } from "./answering.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Call, Figures, Message } from "./types" */

/**
 * @typedef {object} Actions
 * @property {(message: Message, text: string) => void} edit
 * @property {(message: Message) => void} again
 * @property {(message: Message) => void} goOn
 * @property {(message: Message) => void} retry
 * @property {(message: Message) => boolean} retriesItself
 * @property {(message: Message, step: number) => void} branch
 * @property {(message: Message, results: { call: Call, content: string }[]) => void} sendResults
 * @property {() => void} enterKey
 * @property {(message: Message) => void} shorten lets the user edit the message before a failed answer
 * @property {() => void} beginNew
 */

export class MessageView {
  #frame = 0;
  /** @type {AnswerBody | null} */
  #body = null;
  #content = element("div", { class: "message-body" });
  #footer = element("div", { class: "message-footer" });

  /** @param {Conversation} conversation @param {Message} message @param {Actions} actions @param {Answering | undefined} answering */
  constructor(conversation, message, actions, answering) {
    this.conversation = conversation;
    this.message = message;
    this.actions = actions;
    this.root = element("article", { class: `message ${message.role}`, "data-id": message.id },
      element("h2", { class: message.role === "tool" ? "message-role" : "offscreen", text: this.#title() }), this.#content, this.#footer);
    this.show(answering);
  }

  #title() {
    const { message } = this;
    if (message.role === "user") return say("you");
    if (message.role === "assistant") return say("assistant");
    const call = this.conversation.upTo(message.parent).flatMap(item => item.calls).find(item => item.id === message.callId);
    return call ? say("callResult", { name: call.name }) : say("result");
  }

  /** Shows the message anew. @param {Answering | undefined} answering if the message is being written */
  show(answering) {
    const { message } = this;
    this.root.classList.toggle("writing", answering !== undefined);
    if (message.role === "assistant") this.#showAnswer(answering);
    else this.#content.replaceChildren(message.role === "tool" ? resultView(message.content) : element("div", { class: "plain", text: message.content, dir: "auto" }));
    this.#showFooter(answering);
  }

  /** Shows what has been added; once a frame at most. @param {Answering} answering */
  grow(answering) {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.root.classList.contains("writing")) return;
      this.#body?.grow();
      this.#content.querySelector(".waiting")?.toggleAttribute("hidden", this.message.content !== "");
      this.#showProgress(answering);
      this.root.dispatchEvent(new CustomEvent("grown", { bubbles: true }));
    });
  }

  /** @param {Answering | undefined} answering */
  #showAnswer(answering) {
    const { message } = this;
    if (this.#body && !answering && this.#body.root.isConnected) this.#body.end();
    else {
      this.#body = new AnswerBody(message, answering !== undefined);
      this.#content.replaceChildren(this.#body.root);
    }
    for (const extra of this.#content.querySelectorAll(":scope > :not(.answer)")) extra.remove();
    if (answering) this.#content.append(element("p", { class: "waiting", hidden: message.content !== "", "aria-hidden": "true" }, element("span", { class: "dots" }, element("i"), element("i"), element("i"))));
    if (answering) return;
    if (message.calls.length > 0) this.#content.append(callsView(message.calls, this.conversation.openCalls(message), results => this.actions.sendResults(message, results)));
    if (message.finish === "length" || message.finish === "stopped") this.#content.append(element("p", { class: "finish-note", text: say(message.finish === "length" ? "finishLength" : "finishStopped") }));
    if (message.failure) {
      const { actions } = this;
      this.#content.append(failureView(message.failure, {
        retry: () => actions.retry(message), enterKey: actions.enterKey, shorten: () => actions.shorten(message), beginNew: actions.beginNew,
        retriesItself: actions.retriesItself(message),
      }));
    }
  }

  /** @param {Answering | undefined} answering */
  #showFooter(answering) {
    this.#footer.replaceChildren();
    if (answering) return this.#showProgress(answering);
    const { message, actions } = this;
    const branches = this.#branches();
    if (branches) this.#footer.append(branches);
    const buttons = element("div", { class: "message-actions" });
    if (message.content) buttons.append(this.#copyButton());
    if (message.content && message.calls.length === 0) buttons.append(iconButton("edit", say("edit"), () => this.edit(), "edit"));
    if (message.role === "assistant") {
      // A failed answer without text has its own button for that.
      if (!message.failure || message.content || !canRetry(message.failure)) buttons.append(iconButton("again", say("again"), () => actions.again(message), "again"));
      if (!message.isJson && message.content && message.calls.length === 0 && (message.finish === "length" || message.finish === "stopped")) {
        buttons.append(element("button", { type: "button", class: "link-button", text: say("goOn"), onclick: () => actions.goOn(message) }));
      }
    }
    this.#footer.append(buttons);
    if (message.figures) this.#footer.append(element("p", { class: "figures", text: figuresText(message.figures), title: message.model }));
  }

  /** @param {Answering} answering */
  #showProgress(answering) {
    const parts = answering.pieceCount === 0 ? [] : [counted(answering.pieceCount, "tokens", "oneToken")];
    if (answering.speed > 0) parts.push(say("speed", { count: number(answering.speed, 1) }));
    let shown = this.#footer.querySelector(".figures");
    if (!shown) this.#footer.append(shown = element("p", { class: "figures", "aria-hidden": "true" }));
    shown.textContent = parts.join(" · ") || say("waiting");
  }

  #copyButton() {
    const button = iconButton("copy", say("copyAnswer"), async () => {
      const label = say(await copyText(this.message.content) ? "copied" : "copyFailed");
      button.setAttribute("aria-label", label);
      button.title = label;
      button.classList.add("is-done");
      button.addEventListener("blur", () => button.replaceWith(this.#copyButton()), { once: true });
    });
    return button;
  }

  #branches() {
    const siblings = this.conversation.siblings(this.message.id);
    if (siblings.length < 2) return null;
    const index = siblings.indexOf(this.message.id);
    const previous = iconButton("previous", say("previousBranch"), () => this.actions.branch(this.message, -1), "previous-branch");
    const next = iconButton("next", say("nextBranch"), () => this.actions.branch(this.message, 1), "next-branch");
    previous.disabled = index === 0;
    next.disabled = index === siblings.length - 1;
    return element("div", { class: "branches", role: "group", "aria-label": say("branch", { index: index + 1, count: siblings.length }) },
      previous, element("span", { class: "branch-place", text: `${index + 1} / ${siblings.length}` }), next);
  }

  /** Shows a field with the text of the message, for a further version. */
  edit() {
    const { message } = this;
    const field = element("textarea", { class: "field edit-field", "aria-label": say("edit"), dir: "auto" });
    field.value = message.content;
    const cancel = () => {
      this.show(undefined);
      /** @type {HTMLElement | null} */ (this.#footer.querySelector(".message-actions button"))?.focus();
    };
    const submit = () => field.value.trim() === "" || field.value === message.content ? cancel() : this.actions.edit(message, field.value);
    field.addEventListener("keydown", event => {
      if (event.key === "Escape") {
        event.stopPropagation();
        cancel();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && message.role !== "assistant") {
        event.preventDefault();
        submit();
      }
    });
    const label = message.role === "assistant" ? "saveEdited" : "sendEdited";
    this.#content.replaceChildren(field, element("div", { class: "edit-actions" },
      element("button", { type: "button", class: "button primary small", text: say(label), onclick: submit }),
      element("button", { type: "button", class: "button small", text: say("cancel"), onclick: cancel }), element("p", { class: "hint", text: say("editHint") })));
    this.#footer.replaceChildren();
    field.focus();
  }
}

/** @param {string} content */
function resultView(content) {
  const value = parseJson(content);
  return value ? jsonView(value) : element("div", { class: "plain", text: content, dir: "auto" });
}

/** @param {Figures} figures */
function figuresText(figures) {
  const parts = [counted(figures.completionTokens, "tokens", "oneToken")];
  const hasSpeed = figures.completionTokens > 1 && figures.writingTime > leastTime;
  parts.push(hasSpeed ? say("speed", { count: number((figures.completionTokens - 1) * 1000 / figures.writingTime, 1) }) : say("unknownSpeed"));
  parts.push(say("firstToken", { time: duration(figures.firstTokenTime) }));
  parts.push(say("promptTokens", { count: number(figures.promptTokens), cached: number(figures.cachedTokens) }));
  return parts.join(" · ");
}

/** @param {number} milliseconds */
const duration = milliseconds => milliseconds < 1000 ? say("milliseconds", { count: number(milliseconds) }) : say("seconds", { count: number(milliseconds / 1000, 1) });
