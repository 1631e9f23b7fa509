// @ts-check
// The server's protocol.

import { BrokenStream, readEvents } from "./events.js";
import { apiKey } from "./preferences.js";

/** @import { Defaults, Failure, StreamEvent } from "./types" */

/** A request that failed. */
export class RequestError extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.detail || failure.kind);
    this.failure = failure;
  }
}

/** @param {Failure["kind"]} kind @param {string} [detail] @param {number | null} [retryAfter] */
const failed = (kind, detail = "", retryAfter = null) => new RequestError({ kind, detail, retryAfter });

/** @returns {Record<string, string>} */
function authorization() {
  const key = apiKey();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** @param {string} path relative to the page @param {RequestInit} [options] */
async function send(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...authorization(), .../** @type {Record<string, string>} */ (options.headers ?? {}) } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw failed("offline");
  }
  if (response.ok) return response;
  throw await readFailure(response);
}

/** @param {Response} response */
async function readFailure(response) {
  let detail = "", code = "", type = "";
  try {
    const body = await response.json();
    detail = String(body?.error?.message ?? "").slice(0, 1000);
    code = String(body?.error?.code ?? "");
    type = String(body?.error?.type ?? "");
  } catch { /* Not the server's own error, but that of a proxy: the status has to do. */ }
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  const retryAfter = Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 1), 3600) : null;
  if (response.status === 429) return failed(limitOf(type, response.headers), detail, retryAfter);
  return failed(kindOf(response.status, code), detail, retryAfter);
}

/** @param {number} status @param {string} code @returns {Failure["kind"]} */
function kindOf(status, code) {
  if (status === 401 || status === 403) return "key";
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  if (code === "model_not_found") return "model";
  if (code === "context_length_exceeded") return "context";
  return status >= 500 ? "fault" : "refused";
}

/** Which limit a request has met: that of this client per minute, or that of the server. @param {string} type @param {Headers} headers @returns {Failure["kind"]} */
function limitOf(type, headers) {
  if (type === "tokens") return "tokenLimit";
  return headers.get("x-ratelimit-remaining-requests") === "0" ? "limit" : "busy";
}

/** The names of the server's models. @returns {Promise<string[]>} */
export async function listModels() {
  const body = await (await send("v1/models")).json();
  return Array.isArray(body?.data) ? body.data.map((/** @type {any} */ entry) => String(entry?.id ?? "")).filter(Boolean) : [];
}

/** How the server chooses tokens by default. @returns {Promise<Defaults>} */
export const readDefaults = async () => (await send("page/defaults.json")).json();

/**
 * Sends a chat and reads its answer.
 * @param {object} request the body
 * @param {AbortSignal} signal ends the request
 * @returns {AsyncGenerator<StreamEvent, void, void>}
 */
export async function* streamChat(request, signal) {
  const response = await send("v1/chat/completions", {
    method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(request),
  });
  if (!response.body) throw failed("cut");
  let isComplete = false;
  try {
    for await (const data of readEvents(response.body)) {
      // The body is read to its end all the same: otherwise the browser would usually report a cancelled request.
      if (data === "[DONE]") isComplete = true;
      else if (!isComplete) yield* readChunk(JSON.parse(data));
    }
  } catch (error) {
    // Any other error is a fault, of the server's answer or of this page, and is shown as one.
    if (!(error instanceof BrokenStream) || signal.aborted) throw error;
  }
  if (!isComplete) throw failed("cut");
}

/** @param {any} error @returns {Failure["kind"]} */
function kindOfChunk(error) {
  if (error.code === "context_length_exceeded") return "context";
  if (error.type === "requests") return "busy";
  return error.type === "server_error" ? "fault" : "refused";
}

/** @param {any} chunk @returns {Generator<StreamEvent, void, void>} */
function* readChunk(chunk) {
  if (chunk.error) throw failed(kindOfChunk(chunk.error), String(chunk.error.message ?? "").slice(0, 1000));
  for (const choice of chunk.choices ?? []) {
    if (choice.delta?.content) yield { kind: "text", text: String(choice.delta.content) };
    if (Array.isArray(choice.delta?.tool_calls)) {
      yield {
        kind: "calls",
        calls: choice.delta.tool_calls.map((/** @type {any} */ call) =>
          ({ id: String(call.id ?? ""), name: String(call.function?.name ?? ""), arguments: String(call.function?.arguments ?? "") })),
      };
    }
    if (choice.finish_reason) yield { kind: "finish", reason: String(choice.finish_reason) };
  }
  if (chunk.usage) {
    yield {
      kind: "usage", promptTokens: Number(chunk.usage.prompt_tokens) || 0, completionTokens: Number(chunk.usage.completion_tokens) || 0,
      cachedTokens: Number(chunk.usage.prompt_tokens_details?.cached_tokens) || 0,
    };
  }
}
