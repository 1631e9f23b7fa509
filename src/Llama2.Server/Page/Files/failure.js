// @ts-check
// A failed answer in plain words, with what can be done about it. If the server says when to come back, the page does so by itself.

import { element, icon } from "./dom.js";
import { text as say } from "./texts.js";

/** @import { Failure } from "./types" */

const names = /** @type {const} */ ({
  offline: "failedOffline", key: "failedKey", busy: "failedBusy", unavailable: "failedUnavailable", refused: "failedRefused", fault: "failedFault", cut: "failedCut",
  model: "failedModel",
});

/**
 * @param {Failure} failure
 * @param {{ retry: () => void, enterKey: () => void, retriesItself: boolean }} actions
 */
export function failureView(failure, actions) {
  const retry = element("button", { type: "button", class: "button small", onclick: actions.retry }, icon("again"));
  const label = element("span", { text: say("retry") });
  retry.append(label);
  const buttons = element("div", { class: "failure-actions" }, retry);
  if (failure.kind === "key") buttons.prepend(element("button", { type: "button", class: "button small primary", text: say("enterKey"), onclick: actions.enterKey }));
  const root = element("div", { class: "failure", role: "alert" }, icon("warning"),
    element("div", {}, element("p", { class: "failure-title", text: say(names[failure.kind]) }),
      failure.detail && element("p", { class: "failure-detail", text: failure.detail, dir: "auto" }), buttons));
  if (failure.retryAfter !== null && actions.retriesItself) countDown(buttons, label, failure.retryAfter, actions.retry);
  return root;
}

/** @param {HTMLElement} buttons @param {HTMLElement} label of the button that retries @param {number} seconds @param {() => void} retry */
function countDown(buttons, label, seconds, retry) {
  let left = seconds;
  const shown = element("span", { class: "countdown", role: "timer", "aria-live": "off", text: say("retryIn", { count: left }) });
  const timer = setInterval(() => {
    // Another branch or conversation is shown, or the user did not wait.
    if (!shown.isConnected) return clearInterval(timer);
    if (--left > 0) {
      shown.textContent = say("retryIn", { count: left });
      return;
    }
    clearInterval(timer);
    retry();
  }, 1000);
  const cancel = element("button", { type: "button", class: "link-button", text: say("cancel"), onclick: () => {
    shown.remove();
    cancel.remove();
    label.textContent = say("retry");
  } });
  label.textContent = say("retryNow");
  buttons.append(shown, cancel);
}
