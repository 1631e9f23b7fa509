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
  /** The fields by what is called: the same call has the same result. @type {Map<string, HTMLTextAreaElement>} */
  const fields = new Map();
  for (const call of calls) {
    const card = element("section", { class: "call", "aria-label": say("calls", { name: call.name }) },
      element("p", { class: "call-head" }, icon("tool"), element("span", { text: say("calls", { name: "" }).trim() }), " ", element("code", { text: call.name })),
      argumentsView(call.arguments));
    if (open.includes(call)) {
      if (fields.has(keyOf(call))) card.append(element("p", { class: "hint", text: say("sameCall") }));
      else fields.set(keyOf(call), resultField(card, call));
    }
    root.append(card);
  }
  if (fields.size > 0) {
    const submit = () => send(open.map(call => ({ call, content: fields.get(keyOf(call))?.value ?? "" })));
    root.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || !(event.target instanceof HTMLTextAreaElement)) return;
      event.preventDefault();
      const next = [...fields.values()].find(field => field.value === "");
      if (next && next !== event.target) next.focus();
      else submit();
    });
    root.append(element("button", { type: "button", class: "button primary small", text: say("sendResults"), onclick: submit }));
  }
  return root;
}

/** @param {Call} call */
const keyOf = call => JSON.stringify([call.name, call.arguments]);

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
