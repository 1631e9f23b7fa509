// @ts-check
// The calls of an answer, and the fields for their results: the page executes nothing.

import { element, icon } from "./dom.js";
import { text as say } from "./texts.js";
import { jsonTree, parseJson } from "./tree.js";

/** @import { Call } from "./types" */

/**
 * @param {Call[]} calls
 * @param {Call[]} open those that have no result yet
 * @param {(results: { call: Call, content: string }[]) => void} send
 */
export function callsView(calls, open, send) {
  const root = element("div", { class: "calls" });
  /** @type {{ call: Call, field: HTMLTextAreaElement }[]} */
  const fields = [];
  for (const call of calls) {
    const card = element("section", { class: "call", "aria-label": say("calls", { name: call.name }) },
      element("p", { class: "call-head" }, icon("tool"), element("span", { text: say("calls", { name: "" }).trim() }), " ", element("code", { text: call.name })),
      argumentsView(call.arguments));
    if (open.includes(call)) fields.push({ call, field: resultField(card, call) });
    root.append(card);
  }
  if (fields.length > 0) {
    const submit = () => send(fields.map(({ call, field }) => ({ call, content: field.value })));
    root.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || !(event.target instanceof HTMLTextAreaElement)) return;
      event.preventDefault();
      const next = fields.find(({ field }) => field.value === "");
      if (next && next.field !== event.target) next.field.focus();
      else submit();
    });
    root.append(element("button", { type: "button", class: "button primary small", text: say("sendResults"), onclick: submit }));
  }
  return root;
}

/** @param {string} text */
function argumentsView(text) {
  const value = parseJson(text);
  return value ? jsonTree(value) : element("pre", { tabindex: 0, text });
}

/** @param {HTMLElement} card @param {Call} call */
function resultField(card, call) {
  const field = element("textarea", { rows: 2, class: "field code-field", placeholder: say("callResultHint"), "aria-label": say("callResult", { name: call.name }), spellcheck: "false" });
  card.append(field);
  return field;
}
