// @ts-check
// What the browser remembers besides conversations. A browser may refuse storage; the page then forgets when it is closed.

/** @type {Map<string, string>} */
const memory = new Map();
const prefix = "llama2.";

/** @param {Storage} storage @param {string} name @returns {string | null} */
function read(storage, name) {
  try { return storage.getItem(prefix + name); } catch { return memory.get(name) ?? null; }
}

/** @param {Storage} storage @param {string} name @param {string | null} value */
function write(storage, name, value) {
  try {
    if (value === null) storage.removeItem(prefix + name);
    else storage.setItem(prefix + name, value);
  } catch {
    if (value === null) memory.delete(name);
    else memory.set(name, value);
  }
}

/** @param {string} name @returns {string | null} */
export const preference = name => read(localStorage, name);

/** @param {string} name @param {string | null} value null removes it */
export const setPreference = (name, value) => write(localStorage, name, value);

/** The API key; empty if there is none. */
export const apiKey = () => read(sessionStorage, "key") ?? read(localStorage, "key") ?? "";

/** Whether the key outlives the tab. */
export const keepsApiKey = () => read(localStorage, "key") !== null;

/** @param {string} key @param {boolean} keep */
export function setApiKey(key, keep) {
  write(sessionStorage, "key", key && !keep ? key : null);
  write(localStorage, "key", key && keep ? key : null);
}
