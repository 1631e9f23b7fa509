// @ts-check
// Reads server-sent events.

// In characters. An event of the server is far smaller; a longer one is not read into memory.
const maxEventLength = 16 << 20;

/** The connection ended before the stream did. */
export class BrokenStream extends Error {}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function readPart(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw new BrokenStream(String(error));
  }
}

/**
 * The data of each event.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<string, void, void>}
 */
export async function* readEvents(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await readPart(reader);
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > maxEventLength) throw new Error("An event of the stream is too long.");
      for (const line of lines) {
        // The server writes each event's data on one line.
        if (line.startsWith("data:")) yield line.slice(5).trim();
      }
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
