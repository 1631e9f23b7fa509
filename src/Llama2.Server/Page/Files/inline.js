// @ts-check
// The inline part of Markdown: emphasis, code, links, line breaks. Time and depth are limited whatever the text is; what is not Markdown stays text.

import { hostOf } from "./address.js";
import { element, showBidi } from "./dom.js";
import { Scanner } from "./scanner.js";
import { text as say } from "./texts.js";

/** @import { Token } from "./scanner.js" */

// In characters; a longer text is shown as it is.
const maxLength = 1 << 16;
const maxDepth = 16;

/** Puts a text with inline Markdown into an element. @param {HTMLElement} parent @param {string} text */
export function renderInline(parent, text) {
  if (text.length > maxLength) return parent.append(text);
  const tree = new Tree(parent);
  for (const item of new Scanner(text).scan()) tree.add(item);
}

class Tree {
  /** @type {{ node: HTMLElement, isReal: boolean }[]} */
  #open = [];

  /** @param {HTMLElement} parent */
  constructor(parent) { this.parent = parent; }

  get #top() { return this.#open.at(-1)?.node ?? this.parent; }

  /** @param {Token} item */
  add(item) {
    switch (item.kind) {
      case "code": return this.#top.append(element("code", { text: showBidi(item.text) }));
      case "break": return this.#top.append(element("br"));
      case "delimiter": return this.#addDelimiter(item);
      case "link": return this.#addLink(item.text);
      case "unlink": return void this.#open.pop();
      default: return this.#top.append(item.text);
    }
  }

  /** @param {Token} item */
  #addDelimiter(item) {
    for (let i = 0; i < item.closes.length; i++) this.#open.pop();
    if (item.count > 0) this.#top.append(item.text.repeat(item.count));
    for (const tag of item.opens.reverse()) this.#push(/** @type {"em"} */ (tag), {});
  }

  /** @param {string} address with an exclamation mark for an image */
  #addLink(address) {
    const isImage = address.startsWith("!");
    const href = isImage ? address.slice(1) : address;
    const where = showBidi(hostOf(href));
    const title = isImage ? `${say("imageNotLoaded")}: ${where}` : where;
    this.#push("a", { href, title, target: "_blank", rel: "noopener noreferrer nofollow", class: isImage ? "image-link" : null });
  }

  /** @param {"a" | "em"} tag @param {import("./dom.js").Properties} properties */
  #push(tag, properties) {
    const isReal = this.#open.length < maxDepth;
    const node = isReal ? element(tag, { ...properties, dir: tag === "a" ? "auto" : null }) : this.#top;
    if (isReal) this.#top.append(node);
    this.#open.push({ node, isReal });
  }
}
