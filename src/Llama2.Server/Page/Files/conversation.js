// @ts-check
// A conversation is a tree of messages: an edited message and a further answer are branches. The chosen branches make up the conversation that is shown.

/** @import { Call, ConversationData, Message, Role, Settings } from "./types" */

/** @returns {Settings} */
export const newSettings = () => ({
  system: "", temperature: null, topP: null, maxTokens: null, seed: null, frequencyPenalty: null, presencePenalty: null, stop: [], schema: "", tools: "",
  toolChoice: "auto",
});

// crypto.randomUUID exists only in secure contexts; a server in a local network is often reached without TLS.
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");

export class Conversation {
  /** @param {ConversationData} data */
  constructor(data) {
    this.data = data;
    /** @type {Map<string, Message>} */
    this.byId = new Map();
    /** @type {Map<string, string[]>} */
    this.children = new Map();
    for (const message of data.messages) this.#index(message);
  }

  /** @param {string} model @param {Settings} [settings] */
  static create(model, settings = newSettings()) {
    const now = Date.now();
    return new Conversation({ id: newId(), title: "", created: now, updated: now, model, settings, messages: [], selected: {} });
  }

  get id() { return this.data.id; }

  /** The messages of the chosen branches, first to last. @returns {Message[]} */
  path() {
    const path = [];
    for (let id = this.#chosen(""); id !== ""; id = this.#chosen(id)) path.push(this.message(id));
    return path;
  }

  /** @param {string} id @returns {Message} */
  message(id) {
    const message = this.byId.get(id);
    if (!message) throw new Error(`The conversation has no message '${id}'.`);
    return message;
  }

  /** The messages from the first to the given one. @param {string} id empty for none @returns {Message[]} */
  upTo(id) {
    const path = [];
    for (let at = id; at !== ""; at = this.message(at).parent) path.push(this.message(at));
    return path.reverse();
  }

  /** The alternatives to a message, including itself. @param {string} id */
  siblings(id) { return this.children.get(this.message(id).parent) ?? []; }

  /** Adds a message after another, and chooses it. @param {string} parent @param {Role} role @param {Partial<Message>} [fields] */
  add(parent, role, fields = {}) {
    /** @type {Message} */
    const message = {
      id: newId(), parent, role, content: "", calls: [], callId: "", isJson: false, model: "", finish: "", figures: null, failure: null, created: Date.now(), ...fields,
    };
    this.data.messages.push(message);
    this.#index(message);
    this.select(message.id);
    if (role === "user" && this.data.title === "") this.data.title = titleOf(message.content);
    this.data.updated = Date.now();
    return message;
  }

  /** Chooses the branch that begins with a message. @param {string} id */
  select(id) { this.data.selected[this.message(id).parent] = id; }

  /** The calls of a message for which the chosen branch has no result yet. @param {Message} message @returns {Call[]} */
  openCalls(message) {
    const path = this.path();
    const at = path.indexOf(message);
    const answered = new Set();
    for (let i = at + 1; i < path.length && path[i].role === "tool"; i++) answered.add(path[i].callId);
    return message.calls.filter(call => !answered.has(call.id));
  }

  /** @param {Message} message */
  #index(message) {
    this.byId.set(message.id, message);
    const siblings = this.children.get(message.parent);
    if (siblings) siblings.push(message.id);
    else this.children.set(message.parent, [message.id]);
  }

  /** @param {string} parent */
  #chosen(parent) {
    const siblings = this.children.get(parent) ?? [];
    const chosen = this.data.selected[parent];
    return chosen !== undefined && siblings.includes(chosen) ? chosen : siblings.at(-1) ?? "";
  }
}

/** @param {string} text */
export const titleOf = text => {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line.length > 60 ? `${Array.from(line).slice(0, 58).join("")}…` : line;
};
