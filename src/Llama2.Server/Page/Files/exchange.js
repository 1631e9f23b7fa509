// @ts-check
// Conversations as JSON files. A file may come from anywhere, so each field is checked, and what is not valid is left out or refused.

import { newId, newSettings, titleOf } from "./conversation.js";
import { element } from "./dom.js";

/** @import { Call, ConversationData, Figures, Message, Settings } from "./types" */

const format = "llama2-conversations";
const version = 1;
/** In bytes. */
const maxFileSize = 64 << 20;
const maxConversationCount = 10_000, maxMessageCount = 100_000, maxTextLength = 4 << 20;

/** Lets the browser save a file. @param {ConversationData[]} conversations @param {string} name what the file has, for its name */
export function saveFile(conversations, name) {
  const address = URL.createObjectURL(new Blob([JSON.stringify({ format, version, conversations }, null, 2)], { type: "application/json" }));
  element("a", { href: address, download: `llama2-${name}-${new Date().toISOString().slice(0, 10)}.json` }).click();
  // The browser reads the address after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * Reads a file. Conversations get new ids, so that none is replaced.
 * @param {File} chosen
 * @returns {Promise<ConversationData[] | null>} null if it is not a file of conversations
 */
export async function readFile(chosen) {
  if (chosen.size > maxFileSize) return null;
  let file;
  try { file = JSON.parse(await chosen.text()); } catch { return null; }
  if (file?.format !== format || file.version !== version || !Array.isArray(file.conversations) || file.conversations.length > maxConversationCount) return null;
  const read = file.conversations.map(readConversation);
  return read.includes(null) ? null : read;
}

/** @param {any} value @returns {string} */
const text = value => typeof value === "string" ? value.slice(0, maxTextLength) : "";

/** @param {any} value @returns {number | null} */
const number = value => typeof value === "number" && Number.isFinite(value) ? value : null;

/** @param {any} value @returns {any[]} */
const list = value => Array.isArray(value) ? value : [];

/** @param {any} value @returns {ConversationData | null} */
function readConversation(value) {
  if (typeof value !== "object" || value === null || list(value.messages).length > maxMessageCount) return null;
  /** @type {Map<string, string>} */
  const ids = new Map([["", ""]]);
  /** @type {Message[]} */
  const messages = [];
  for (const item of list(value.messages)) {
    const parent = ids.get(item?.parent);
    // A parent comes before its children, so there are no cycles.
    if (parent === undefined || typeof item.id !== "string" || ids.has(item.id) || !["user", "assistant", "tool"].includes(item.role)) return null;
    const id = newId();
    ids.set(item.id, id);
    messages.push(readMessage(item, id, parent));
  }
  /** @type {Record<string, string>} */
  const selected = {};
  for (const [parent, child] of Object.entries(value.selected ?? {})) {
    const from = ids.get(parent), to = ids.get(/** @type {string} */ (child));
    if (from !== undefined && to) selected[from] = to;
  }
  const now = Date.now();
  return {
    id: newId(), title: titleOf(text(value.title)), created: number(value.created) ?? now, updated: number(value.updated) ?? now, model: text(value.model),
    settings: readSettings(value.settings), messages, selected,
  };
}

/** @param {any} item @param {string} id @param {string} parent @returns {Message} */
function readMessage(item, id, parent) {
  const finish = text(item.finish);
  return {
    id, parent, role: item.role, content: text(item.content), calls: list(item.calls).map(readCall), callId: text(item.callId), isJson: item.isJson === true,
    model: text(item.model), finish: /** @type {Message["finish"]} */ (["stop", "length", "tool_calls", "stopped"].includes(finish) ? finish : ""),
    figures: readFigures(item.figures), failure: null, created: number(item.created) ?? Date.now(),
  };
}

/** @param {any} call @returns {Call} */
const readCall = call => ({ id: text(call?.id), name: text(call?.name), arguments: text(call?.arguments) });

/** @param {any} value @returns {Figures | null} */
function readFigures(value) {
  if (typeof value !== "object" || value === null) return null;
  return {
    promptTokens: number(value.promptTokens) ?? 0, cachedTokens: number(value.cachedTokens) ?? 0, completionTokens: number(value.completionTokens) ?? 0,
    firstTokenTime: number(value.firstTokenTime) ?? 0, writingTime: number(value.writingTime) ?? 0,
  };
}

/** @param {any} value @returns {Settings} */
export function readSettings(value) {
  const settings = newSettings();
  if (typeof value !== "object" || value === null) return settings;
  return {
    system: text(value.system), temperature: number(value.temperature), topP: number(value.topP), maxTokens: number(value.maxTokens), seed: number(value.seed),
    frequencyPenalty: number(value.frequencyPenalty), presencePenalty: number(value.presencePenalty), stop: list(value.stop).map(text).filter(Boolean).slice(0, 4),
    schema: text(value.schema), tools: text(value.tools), toolChoice: ["auto", "required", "none"].includes(value.toolChoice) ? value.toolChoice : "auto",
  };
}
