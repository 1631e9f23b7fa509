// @ts-check
// Short notices at the edge of the page, with an action at most. They stay until they are dismissed or replaced, because reading takes as long as it takes.

import { element, find, iconButton } from "./dom.js";
import { text as say } from "./texts.js";

/** Answers the notice, which can be removed. @param {string} message @param {{ label: string, act: () => void }} [action] @returns {HTMLElement} */
export function notify(message, action) {
  const area = find("notices", HTMLElement);
  const notice = element("div", { class: "notice" }, element("span", { text: message }));
  if (action) {
    notice.append(element("button", { type: "button", class: "link-button", text: action.label, onclick: () => {
      notice.remove();
      action.act();
    } }));
  }
  notice.append(iconButton("close", say("dismiss"), () => notice.remove()));
  area.replaceChildren(notice);
  return notice;
}
