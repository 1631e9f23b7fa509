// @ts-check
// The keys that work everywhere on the page; the help lists them.

/**
 * @typedef {object} KeyActions
 * @property {() => void} stop
 * @property {() => void} create
 * @property {() => void} help
 * @property {() => void} search
 * @property {() => void} settings
 * @property {() => void} write
 */

/** @param {KeyActions} actions */
export function bindKeys(actions) {
  // On some keyboards the slash needs the shift key.
  /** @type {Record<string, () => void>} */
  const plain = { k: actions.search, ",": actions.settings, "/": actions.help, ".": actions.write };
  /** @type {Record<string, () => void>} */
  const shifted = { o: actions.create, "/": actions.help, "?": actions.help };
  document.addEventListener("keydown", event => {
    // A dialog has keys of its own.
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return actions.stop();
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const act = (event.shiftKey ? shifted : plain)[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
