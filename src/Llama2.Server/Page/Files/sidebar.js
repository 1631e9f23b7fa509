// @ts-check
// The list of conversations: search, rename, delete, export and import.

import { element, find, icon } from "./dom.js";
import { text as say } from "./texts.js";

/** @import { ConversationData } from "./types" */

/**
 * @typedef {object} SidebarActions
 * @property {() => void} create
 * @property {(id: string) => void} open
 * @property {(id: string, title: string) => void} rename
 * @property {(id: string) => void} remove
 * @property {(id: string | null) => void} save all conversations if the id is null
 * @property {(file: File) => void} load
 */

export class Sidebar {
  #list = find("conversation-list", HTMLUListElement);
  #search = find("search", HTMLInputElement);
  #panel = find("sidebar", HTMLElement);
  #narrow = matchMedia("(max-width: 800px)");
  /** @type {ConversationData[]} */
  #all = [];
  #current = "";
  #isRenaming = false;
  #isStale = false;

  /** @param {SidebarActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#search.addEventListener("input", () => this.#draw());
    find("new-conversation", HTMLButtonElement).addEventListener("click", () => actions.create());
    find("export-all", HTMLButtonElement).addEventListener("click", () => actions.save(null));
    const file = find("import-file", HTMLInputElement);
    find("import", HTMLButtonElement).addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      if (file.files?.[0]) actions.load(file.files[0]);
      file.value = "";
    });
    find("open-menu", HTMLButtonElement).addEventListener("click", () => this.toggle(true));
    find("close-menu", HTMLButtonElement).addEventListener("click", () => this.toggle(false));
    find("backdrop", HTMLElement).addEventListener("click", () => this.toggle(false));
    this.#panel.addEventListener("keydown", event => {
      if (event.key === "Escape" && this.isOverlay && !event.defaultPrevented) this.toggle(false);
    });
    this.#narrow.addEventListener("change", () => this.toggle(false));
    this.toggle(false);
  }

  /** Whether the list covers the conversation. */
  get isOverlay() { return this.#narrow.matches && document.body.classList.contains("menu-open"); }

  /** On a narrow screen, shows or hides the list. @param {boolean} isOpen */
  toggle(isOpen) {
    const wasOpen = this.isOverlay;
    document.body.classList.toggle("menu-open", isOpen && this.#narrow.matches);
    // What is covered or hidden cannot be reached by keyboard either.
    this.#panel.inert = this.#narrow.matches && !isOpen;
    find("main", HTMLElement).inert = this.isOverlay;
    find("open-menu", HTMLButtonElement).setAttribute("aria-expanded", String(this.isOverlay));
    if (this.isOverlay) find("close-menu", HTMLButtonElement).focus();
    else if (wasOpen && this.#narrow.matches) find("open-menu", HTMLButtonElement).focus();
  }

  focusSearch() {
    this.toggle(true);
    this.#search.focus();
    this.#search.select();
  }

  /** @param {ConversationData[]} all @param {string} current the id of the one that is shown */
  show(all, current) {
    this.#all = all;
    this.#current = current;
    this.#draw();
  }

  #draw() {
    // Not while a title is being typed or a menu is open: both would vanish.
    this.#isStale = this.#isRenaming || this.#list.querySelector(":popover-open") !== null;
    if (this.#isStale) return;
    const wanted = this.#search.value.trim().toLowerCase();
    const shown = wanted ? this.#all.filter(item => matches(item, wanted)) : this.#all;
    const focused = document.activeElement?.closest("li")?.dataset.id;
    this.#list.replaceChildren(...shown.map(item => this.#entry(item)));
    if (focused) /** @type {HTMLElement | null} */ (this.#list.querySelector(`li[data-id="${CSS.escape(focused)}"] .conversation`))?.focus();
    const note = find("list-note", HTMLElement);
    note.textContent = shown.length > 0 ? "" : say(wanted ? "noMatches" : "noConversations");
  }

  /** @param {ConversationData} item */
  #entry(item) {
    const title = item.title || say("untitled");
    const open = element("button", { type: "button", class: "conversation", "aria-current": item.id === this.#current ? "page" : null, title, dir: "auto", onclick: () => {
      this.toggle(false);
      this.actions.open(item.id);
    } }, title);
    const menu = element("div", { class: "menu", popover: "auto", id: `menu-${item.id}` });
    const more = element("button", { type: "button", class: "icon-button more", "aria-label": say("actionsFor", { title }), title: say("actionsFor", { title }), popovertarget: menu.id }, icon("more"));
    const entry = element("li", { "data-id": item.id }, open, more, menu);
    const add = (/** @type {import("./dom.js").IconName} */ drawing, /** @type {string} */ label, /** @type {() => void} */ act) => {
      menu.append(element("button", { type: "button", class: "menu-item", onclick: () => {
        menu.hidePopover();
        act();
      } }, icon(drawing), label));
    };
    add("edit", say("rename"), () => this.#rename(entry, item));
    add("save", say("exportOne"), () => this.actions.save(item.id));
    add("remove", say("remove"), () => this.actions.remove(item.id));
    menu.addEventListener("toggle", event => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") placeMenu(menu, more);
      else if (this.#isStale) this.#draw();
    });
    return entry;
  }

  /** @param {HTMLElement} entry @param {ConversationData} item */
  #rename(entry, item) {
    const field = element("input", { class: "field", "aria-label": say("newTitle"), maxlength: 200, dir: "auto" });
    field.value = item.title;
    this.#isRenaming = true;
    const end = (/** @type {boolean} */ isKept) => {
      if (!this.#isRenaming) return;
      this.#isRenaming = false;
      if (isKept && field.value.trim()) this.actions.rename(item.id, field.value.trim());
      this.#draw();
      /** @type {HTMLElement | null} */ (this.#list.querySelector(`li[data-id="${CSS.escape(item.id)}"] .conversation`))?.focus();
    };
    field.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      end(event.key === "Enter");
    });
    field.addEventListener("blur", () => end(true));
    entry.replaceChildren(field);
    field.focus();
    field.select();
  }
}

/** Puts a menu beside its button. @param {HTMLElement} menu @param {HTMLElement} button */
function placeMenu(menu, button) {
  const place = button.getBoundingClientRect(), size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(place.right - size.width, innerWidth - size.width - 8))}px`;
  menu.style.top = `${place.bottom + size.height + 8 > innerHeight ? place.top - size.height - 4 : place.bottom + 4}px`;
  /** @type {HTMLElement | null} */ (menu.querySelector("button"))?.focus();
}

/** @param {ConversationData} item @param {string} wanted in lower case */
const matches = (item, wanted) => item.title.toLowerCase().includes(wanted) || item.messages.some(message => message.content.toLowerCase().includes(wanted));
