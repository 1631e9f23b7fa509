// @ts-check
// Keeps conversations in the browser's database. If the browser refuses one (private windows of some browsers), they last as long as the page.

/** @import { ConversationData } from "./types" */

const databaseName = "llama2", storeName = "conversations";

export class Store {
  /** @type {IDBDatabase | null} */
  #database = null;
  /** @type {Map<string, ConversationData>} */
  #memory = new Map();
  #channel = new BroadcastChannel("llama2.conversations");

  /** Whether conversations outlive the page. */
  get isKept() { return this.#database !== null; }

  async open() {
    try {
      const request = indexedDB.open(databaseName, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: "id" });
      this.#database = await promise(request);
    } catch {
      this.#database = null;
    }
  }

  /** Calls back when another tab has changed a conversation. @param {(id: string) => void} changed */
  watch(changed) {
    this.#channel.onmessage = event => changed(String(event.data));
  }

  /** All conversations, the last changed first. @returns {Promise<ConversationData[]>} */
  async list() {
    /** @type {ConversationData[]} */
    const all = this.#database ? await promise(this.#transaction("readonly").getAll()) : [...this.#memory.values()];
    return all.sort((a, b) => b.updated - a.updated);
  }

  /** @param {string} id @returns {Promise<ConversationData | undefined>} */
  async read(id) {
    return this.#database ? promise(this.#transaction("readonly").get(id)) : this.#memory.get(id);
  }

  /** @param {ConversationData} conversation */
  async save(conversation) {
    if (this.#database) await promise(this.#transaction("readwrite").put(conversation));
    else this.#memory.set(conversation.id, conversation);
    this.#channel.postMessage(conversation.id);
  }

  /** @param {string} id */
  async remove(id) {
    if (this.#database) await promise(this.#transaction("readwrite").delete(id));
    else this.#memory.delete(id);
    this.#channel.postMessage(id);
  }

  /** @param {IDBTransactionMode} mode */
  #transaction(mode) {
    if (!this.#database) throw new Error("The database is not open.");
    return this.#database.transaction(storeName, mode).objectStore(storeName);
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const promise = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
