// @ts-check
// A failed answer in plain words, with what can be done about it. If the server says when to come back, the page does so by itself.

import { element, icon } from "./dom.js";
import { text as say } from "./texts.js";

/** @import { Failure } from "./types" */

const names = /** @type {const} */ ({
  offline: "failedOffline", key: "failedKey", busy: "failedBusy", unavailable: "failedUnavailable", refused: "failedRefused", fault: "failedFault", cut: "failedCut",
  model: "failedModel", limit: "failedLimit", tokenLimit: "failedTokenLimit", context: "failedContext",
});

/**
 * @param {Failure} failure
 * @param {{ retry: () => void, enterKey: () => void, shorten: () => void, beginNew: () => void, retriesItself: boolean }} actions
 */
export function failureView(failure, actions) {
  const label = element("span", { text: say("retry") });
  const buttons = element("div", { class: "failure-actions" });
  if (failure.kind === "key") buttons.append(button("enterKey", actions.enterKey, "primary"));
  if (failure.kind === "context") buttons.append(button("edit", actions.shorten, "primary"), button("newConversation", actions.beginNew));
  if (canRetry(failure)) buttons.append(element("button", { type: "button", class: "button small", onclick: actions.retry }, icon("again"), label));
  const root = element("div", { class: "failure", role: "alert" }, icon("warning"),
    element("div", {}, element("p", { class: "failure-title", text: say(names[failure.kind]) }),
      ...detailsOf(failure), buttons));
  if (failure.retryAfter !== null && canRetry(failure) && actions.retriesItself) countDown(buttons, label, failure.retryAfter, actions.retry);
  return root;
}

/** Whether the same request may succeed later. @param {Failure} failure */
export const canRetry = failure => failure.kind !== "context";

/** @param {import("./texts.js").TextName} label @param {() => void} act @param {string} [kind] */
const button = (label, act, kind = "") => element("button", { type: "button", class: `button small ${kind}`.trim(), text: say(label), onclick: act });

/** What explains the failure. Where the page has advice for its user, the words of the server, which are for its operator, are folded. @param {Failure} failure @returns {HTMLElement[]} */
function detailsOf(failure) {
  const { kind } = failure;
  // The title says it, and the countdown shows when.
  if (kind === "limit" || kind === "tokenLimit") return [];
  const said = failure.detail ? element("p", { class: "failure-detail", text: failure.detail, dir: "auto" }) : null;
  if (kind !== "offline" && kind !== "context") return said ? [said] : [];
  const advice = element("p", { class: "failure-detail", text: say(kind === "offline" ? "failedOfflineAdvice" : "failedContextAdvice") });
  return said ? [advice, element("details", { class: "failure-said" }, element("summary", { text: say("serverSays") }), said)] : [advice];
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
    end();
    retry();
  }, 1000);
  const end = () => {
    clearInterval(timer);
    shown.remove();
    cancel.remove();
    label.textContent = say("retry");
  };
  const cancel = element("button", { type: "button", class: "link-button", text: say("cancel"), onclick: end });
  label.textContent = say("retryNow");
  buttons.append(shown, cancel);
}
