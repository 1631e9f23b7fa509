// @ts-check
// Lets the model answer: builds the request, reads the stream into the message, and measures.

import { RequestError, streamChat } from "./api.js";

/** @import { Conversation } from "./conversation.js" */
/** @import { Message, Settings } from "./types" */

// In milliseconds: a speed over less time would be that of the network.
export const leastTime = 10;

/** The functions of a settings text in the protocol's form; null if the text is not a list of functions. @param {string} text @returns {object[] | null} */
export function readTools(text) {
  let list;
  try { list = JSON.parse(text); } catch { return null; }
  if (!Array.isArray(list) || !list.every(item => typeof (item?.function ?? item)?.name === "string")) return null;
  return list.map(item => item.function ? item : { type: "function", function: item });
}

/** @param {Conversation} conversation @param {string} parent the last message of the prompt @returns {object[]} */
function messagesOf(conversation, parent) {
  const { system } = conversation.data.settings;
  /** @type {object[]} */
  const messages = system.trim() ? [{ role: "system", content: system }] : [];
  for (const message of conversation.upTo(parent)) {
    if (message.role === "tool") messages.push({ role: "tool", tool_call_id: message.callId, content: message.content });
    else if (message.role === "user") messages.push({ role: "user", content: message.content });
    else if (message.calls.length > 0) messages.push({ role: "assistant", ...(message.content ? { content: message.content } : {}), tool_calls: message.calls.map(toCall) });
    // An answer that failed before its first word says nothing.
    else if (message.content) messages.push({ role: "assistant", content: message.content });
  }
  return messages;
}

/** @param {import("./types").Call} call */
const toCall = call => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } });

/** @param {Settings} settings @param {boolean} hasResult whether the prompt ends with the result of a call @returns {object} */
function optionsOf(settings, hasResult) {
  // The model may use a result that it has got, even if its first answer had to be a call.
  const toolChoice = hasResult && settings.toolChoice === "required" ? "auto" : settings.toolChoice;
  const tools = settings.tools.trim() ? readTools(settings.tools) : null;
  return {
    ...(settings.temperature === null ? {} : { temperature: settings.temperature }),
    ...(settings.topP === null ? {} : { top_p: settings.topP }),
    ...(settings.maxTokens === null ? {} : { max_completion_tokens: settings.maxTokens }),
    ...(settings.seed === null ? {} : { seed: settings.seed }),
    ...(settings.frequencyPenalty === null ? {} : { frequency_penalty: settings.frequencyPenalty }),
    ...(settings.presencePenalty === null ? {} : { presence_penalty: settings.presencePenalty }),
    ...(settings.stop.length ? { stop: settings.stop } : {}),
    ...(settings.schema.trim() ? { response_format: { type: "json_schema", json_schema: { name: "answer", schema: JSON.parse(settings.schema) } } } : {}),
    ...(tools?.length ? { tools, tool_choice: toolChoice } : {}),
  };
}

/** An answer that is being written. */
export class Answering {
  #abort = new AbortController();
  #start = performance.now();
  #first = 0;
  #last = 0;

  /**
   * @param {Conversation} conversation
   * @param {Message} message the answer; what it has already is continued
   * @param {() => void} changed is called after each piece of the answer
   */
  constructor(conversation, message, changed) {
    this.conversation = conversation;
    this.message = message;
    this.changed = changed;
    message.isJson = conversation.data.settings.schema.trim() !== "";
    message.model = conversation.data.model;
    /** Pieces of text so far: about as many as tokens. */
    this.pieceCount = 0;
  }

  stop() { this.#abort.abort(); }

  /** Tokens per second so far; 0 while there is too little to say. */
  get speed() { return this.#last - this.#first > leastTime ? (this.pieceCount - 1) * 1000 / (this.#last - this.#first) : 0; }

  /** Writes the answer into the message, also its failure. */
  async run() {
    const { message } = this;
    message.failure = null;
    message.finish = "";
    try {
      for await (const event of streamChat(this.#request(), this.#abort.signal)) this.#take(event);
      message.finish ||= "stop";
    } catch (error) {
      if (this.#abort.signal.aborted) message.finish = "stopped";
      else message.failure = error instanceof RequestError ? error.failure : { kind: "fault", detail: String(error), retryAfter: null };
    }
    this.conversation.data.updated = Date.now();
  }

  #request() {
    const { conversation, message } = this;
    const { settings, model } = conversation.data;
    // A text at the end that is the assistant's own is continued by the server.
    const messages = messagesOf(conversation, message.content && message.calls.length === 0 ? message.id : message.parent);
    const hasResult = message.parent !== "" && conversation.message(message.parent).role === "tool";
    return { ...(model ? { model } : {}), messages, stream: true, stream_options: { include_usage: true }, ...optionsOf(settings, hasResult) };
  }

  /** @param {import("./types").StreamEvent} event */
  #take(event) {
    const { message } = this;
    if (event.kind === "text" || event.kind === "calls") {
      this.#last = performance.now();
      this.#first ||= this.#last;
      this.pieceCount++;
    }
    if (event.kind === "text") message.content += event.text;
    else if (event.kind === "calls") message.calls.push(...event.calls);
    else if (event.kind === "finish") message.finish = event.reason === "length" || event.reason === "tool_calls" ? event.reason : "stop";
    else {
      message.figures = {
        promptTokens: event.promptTokens, cachedTokens: event.cachedTokens, completionTokens: event.completionTokens,
        firstTokenTime: (this.#first || performance.now()) - this.#start, writingTime: this.#last - this.#first,
      };
    }
    this.changed();
  }
}
