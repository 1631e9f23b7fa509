// The page's data. This file is read by the type checker only, and is not part of the assembly.

export type Role = "user" | "assistant" | "tool";

export interface Call { id: string; name: string; arguments: string; }

export interface Figures {
  promptTokens: number; cachedTokens: number; completionTokens: number;
  /** From the request to the first text or call, in milliseconds. */
  firstTokenTime: number;
  /** From the first text or call to the last, in milliseconds. */
  writingTime: number;
}

export interface Failure {
  /** Names a text that explains the failure. */
  kind: "offline" | "key" | "busy" | "unavailable" | "refused" | "fault" | "cut" | "model" | "limit" | "tokenLimit" | "context";
  /** What the server says; empty if it says nothing. */
  detail: string;
  /** Seconds until a further try may succeed; null if no time is known. */
  retryAfter: number | null;
}

export interface Message {
  id: string;
  /** The message before it; empty for the first of a conversation. */
  parent: string;
  role: Role;
  content: string;
  calls: Call[];
  /** The call whose result a message of the role tool is. */
  callId: string;
  /** Whether the answer was asked for as JSON that fits a schema. */
  isJson: boolean;
  model: string;
  finish: "" | "stop" | "length" | "tool_calls" | "stopped";
  figures: Figures | null;
  failure: Failure | null;
  created: number;
}

export type NumberName = "temperature" | "topP" | "maxTokens" | "seed" | "frequencyPenalty" | "presencePenalty";

/** The settings whose texts can be not valid. */
export type CheckedName = NumberName | "schema" | "tools";

export interface Settings {
  system: string;
  temperature: number | null; topP: number | null; maxTokens: number | null; seed: number | null;
  frequencyPenalty: number | null; presencePenalty: number | null;
  stop: string[];
  schema: string;
  tools: string;
  toolChoice: "auto" | "required" | "none";
  /** What the user has typed into fields that need correction; nothing is sent before that. Missing if there is nothing to correct. */
  invalid?: Partial<Record<CheckedName, string>>;
}

export interface ConversationData {
  id: string; title: string; created: number; updated: number; model: string;
  settings: Settings;
  /** Each message comes after the message before which it stands in the conversation. */
  messages: Message[];
  /** The chosen branch after a message, by that message's id. */
  selected: Record<string, string>;
}

export interface Defaults {
  temperature: number; topP: number; frequencyPenalty: number; presencePenalty: number;
  maxTokens: number | null; seed: number | null; stop: string[];
}

export type StreamEvent =
  | { kind: "text"; text: string }
  | { kind: "calls"; calls: Call[] }
  | { kind: "finish"; reason: string }
  | { kind: "usage"; promptTokens: number; cachedTokens: number; completionTokens: number };
