// @ts-check
// Puts the page together: conversations, answers, settings, keys.

import { announce } from "./announcer.js";
import { Answering } from "./answering.js";
import { listModels, readDefaults, RequestError } from "./api.js";
import { ChatView } from "./chat.js";
import { Composer } from "./composer.js";
import { Conversation, newSettings } from "./conversation.js";
import { element, find, icon } from "./dom.js";
import { readFile, readSettings, saveFile } from "./exchange.js";
import { bindKeys } from "./keys.js";
import { notify } from "./notices.js";
import { preference, setPreference } from "./preferences.js";
import { setTheme, SettingsDialog } from "./settings.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { setLanguage, text as say, translate } from "./texts.js";

/** @import { Call, Message } from "./types" */

// How often the page tries again by itself when the server is busy.
const maxRetryCount = 5;

class Page {
  #store = new Store();
  /** @type {string[]} */
  #models = [];
  /** @type {Map<string, Answering>} */
  #answerings = new Map();
  /** @type {Map<string, number>} */
  #retryCounts = new Map();
  /** Ids of deleted conversations: an answer that still ends does not bring one back. @type {Set<string>} */
  #removed = new Set();
  #modelSelect = find("model", HTMLSelectElement);
  /** @type {HTMLElement | null} */
  #keyNotice = null;

  constructor() {
    setLanguage(preference("language"));
    translate(document);
    this.#addIcons();
    this.conversation = Conversation.create("");
    this.chat = new ChatView(
      {
        edit: (message, text) => this.#edit(message, text), again: message => this.#answer(message.parent), goOn: message => this.#goOn(message),
        retry: message => this.#retry(message), retriesItself: message => (this.#retryCounts.get(message.id) ?? 0) < maxRetryCount,
        branch: (message, step) => this.#branch(message, step), sendResults: (message, results) => this.#sendResults(message, results),
        enterKey: () => this.settings.open(this.conversation, "key"), shorten: message => this.#shorten(message), beginNew: () => this.#create(),
      },
      example => this.#send(example), message => this.#answeringOf(message));
    this.composer = new Composer(text => this.#send(text), () => this.#stop(), field => this.settings.open(this.conversation, field));
    this.sidebar = new Sidebar({
      create: () => this.#create(), open: id => this.#open(id), rename: (id, title) => this.#rename(id, title), remove: id => this.#remove(id),
      save: id => this.#export(id), load: file => this.#import(file),
    });
    this.settings = new SettingsDialog(
      () => this.#settingsChanged(), () => this.#languageChanged(), settings => setPreference("settings", JSON.stringify(settings)), () => this.#readModels(),
      () => this.#keyEntered());
    this.#bind();
  }

  async start() {
    await this.#store.open();
    if (!this.#store.isKept) notify(say("notKept"));
    this.#store.watch(id => this.#changedElsewhere(id));
    readDefaults().then(defaults => {
      this.settings.defaults = defaults;
      this.settings.fill();
    }).catch(() => { /* The settings then show no defaults; requests leave the fields out all the same. */ });
    this.#create();
    await Promise.all([this.#readModels(), this.#showList()]);
    document.documentElement.dataset.ready = "true";
  }

  #addIcons() {
    for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(/** @type {import("./dom.js").IconName} */ (/** @type {HTMLElement} */ (node).dataset.icon)));
  }

  #bind() {
    find("open-settings", HTMLButtonElement).addEventListener("click", () => this.settings.open(this.conversation));
    find("switch-theme", HTMLButtonElement).addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
    const help = find("help", HTMLDialogElement);
    find("open-help", HTMLButtonElement).addEventListener("click", () => help.showModal());
    find("close-help", HTMLButtonElement).addEventListener("click", () => help.close());
    help.addEventListener("click", event => { if (event.target === help) help.close(); });
    this.#modelSelect.addEventListener("change", () => {
      this.conversation.data.model = this.#modelSelect.value;
      setPreference("model", this.#modelSelect.value);
      this.#settingsChanged();
      if (this.conversation.path().length === 0) this.chat.show(this.conversation, true);
    });
    bindKeys({
      stop: () => { if (!this.sidebar.isOverlay) this.#stop(); }, create: () => this.#create(), help: () => help.showModal(), search: () => this.sidebar.focusSearch(),
      settings: () => this.settings.open(this.conversation), write: () => this.composer.focus(),
    });
    addEventListener("pagehide", () => { for (const answering of this.#answerings.values()) this.#save(answering.conversation); });
  }

  async #readModels() {
    try {
      this.#models = await listModels();
      this.#keyNotice?.remove();
    } catch (error) {
      // The conversation's first request fails for the same reason, and says so.
      if (error instanceof RequestError && error.failure.kind === "key") this.#keyNotice = notify(say("failedKey"), { label: say("enterKey"), act: () => this.settings.open(this.conversation, "key") });
    }
    if (!this.#models.includes(this.conversation.data.model)) this.conversation.data.model = this.#standardModel();
    this.#showModels();
    if (this.conversation.path().length === 0) this.chat.show(this.conversation, true);
  }

  #standardModel() {
    const last = preference("model");
    return last && this.#models.includes(last) ? last : this.#models[0] ?? "";
  }

  #showModels() {
    this.#modelSelect.replaceChildren(...(this.#models.length > 0 ? this.#models : [""]).map(name => element("option", { value: name, text: name || say("noModel") })));
    this.#modelSelect.value = this.conversation.data.model;
    this.#modelSelect.disabled = this.#models.length === 0;
  }

  #create() {
    const kept = preference("settings");
    let settings = newSettings();
    if (kept) {
      try { settings = readSettings(JSON.parse(kept)); } catch { /* Not what this page has written: the defaults apply. */ }
    }
    this.#show(Conversation.create(this.#standardModel(), settings));
    this.sidebar.toggle(false);
    this.composer.focus();
  }

  /** @param {string} id */
  async #open(id) {
    const held = this.#held(id);
    const data = await this.#dataOf(id);
    if (!data) return;
    const conversation = held ?? new Conversation(data);
    // The time to come back has passed, and nobody expects a conversation to send something when it is opened.
    for (const message of data.messages) if (message.failure) message.failure.retryAfter = null;
    if (this.#models.length > 0 && !this.#models.includes(conversation.data.model)) conversation.data.model = this.#standardModel();
    this.#show(conversation);
    if (!matchMedia("(pointer: coarse)").matches) this.composer.focus();
  }

  /** @param {Conversation} conversation */
  #show(conversation) {
    this.conversation = conversation;
    this.#showModels();
    this.#showState();
    this.chat.show(conversation, true);
    this.chat.scrollToEnd();
    this.#showList();
  }

  #showState() {
    document.body.classList.toggle("is-writing", this.#current !== undefined);
    const last = this.conversation.path().at(-1);
    this.composer.showState(this.#current !== undefined, last !== undefined && last.calls.length > 0);
    this.composer.showSettings(this.conversation.data.settings);
    const title = this.conversation.data.title || say("newConversation");
    find("title", HTMLElement).textContent = title;
    document.title = this.conversation.data.title ? `${title} – Llama2` : "Llama2";
  }

  /** A conversation that changes in this page, because it is shown or an answer is being written in it. @param {string} id */
  #held(id) {
    return id === this.conversation.id ? this.conversation : [...this.#answerings.values()].find(answering => answering.conversation.id === id)?.conversation;
  }

  /** The data of a conversation; what the store has of one that changes in this page would be overwritten. @param {string} id */
  async #dataOf(id) { return this.#held(id)?.data ?? this.#store.read(id); }

  async #showList() { this.sidebar.show(await this.#store.list(), this.conversation.id); }

  /** The answer that is being written in the conversation that is shown. */
  get #current() { return [...this.#answerings.values()].find(answering => answering.conversation === this.conversation); }

  /** @param {Message} message */
  #answeringOf(message) { return this.#answerings.get(message.id); }

  /** Whether an answer can begin. A setting that is not valid is shown instead: an answer without it is not what the user wants. */
  #isReady() {
    if (this.#current) return false;
    const [wrong] = Object.keys(this.conversation.data.settings.invalid ?? {});
    if (wrong === undefined) return true;
    if (!this.settings.isOpen) this.settings.open(this.conversation, wrong);
    return false;
  }

  /** @param {string} text @returns {boolean} whether it was sent */
  #send(text) {
    if (!this.#isReady()) return false;
    const last = this.conversation.path().at(-1);
    this.#answer(this.conversation.add(last?.id ?? "", "user", { content: text }).id);
    this.chat.scrollToEnd();
    return true;
  }

  /** @param {Message} message @param {string} text */
  #edit(message, text) {
    if (message.role === "assistant" ? this.#current : !this.#isReady()) return;
    const edited = this.conversation.add(message.parent, message.role, { content: text, callId: message.callId, isJson: message.isJson, model: message.model });
    if (message.role === "user" || message.role === "tool") this.#answer(edited.id);
    else {
      this.chat.show(this.conversation);
      this.#showState();
      this.#save(this.conversation);
    }
    this.composer.focus();
  }

  /** @param {Message} message @param {{ call: Call, content: string }[]} results */
  #sendResults(message, results) {
    if (!this.#isReady()) return;
    let parent = this.conversation.path().at(-1)?.id ?? message.id;
    for (const { call, content } of results) parent = this.conversation.add(parent, "tool", { callId: call.id, content }).id;
    this.chat.refresh(message);
    this.#answer(parent);
    this.chat.scrollToEnd();
    this.composer.focus();
  }

  /** @param {Message} message @param {number} step */
  #branch(message, step) {
    const siblings = this.conversation.siblings(message.id);
    const chosen = siblings[siblings.indexOf(message.id) + step];
    if (!chosen) return;
    this.conversation.select(chosen);
    this.chat.show(this.conversation);
    this.#showState();
    this.#save(this.conversation);
    // The keyboard's focus stays on the same arrow, or on the other one at the end.
    const root = this.chat.view(this.conversation.message(chosen))?.root;
    const wanted = root?.querySelector(step < 0 ? ".previous-branch:enabled" : ".next-branch:enabled") ?? root?.querySelector(".branches button:enabled");
    if (wanted instanceof HTMLElement) wanted.focus();
    announce(say("branch", { index: siblings.indexOf(chosen) + 1, count: siblings.length }));
  }

  /** @param {Message} message */
  #retry(message) {
    if (!this.#isReady()) return;
    this.#retryCounts.set(message.id, (this.#retryCounts.get(message.id) ?? 0) + 1);
    // What has been written already is discarded: the same request is sent again.
    message.content = "";
    message.calls = [];
    message.figures = null;
    this.#run(message);
    // The button that had the focus is gone; but a retry after a countdown must not take the focus from elsewhere.
    if (document.activeElement === document.body) this.composer.focus();
  }

  /** @param {Message} message a failed answer */
  #shorten(message) {
    if (!this.#current) this.chat.view(this.conversation.message(message.parent))?.edit();
  }

  #keyEntered() {
    const last = this.conversation.path().at(-1);
    if (last?.failure?.kind === "key") this.#retry(last);
  }

  /** Lets the model answer after a message. @param {string} parent */
  #answer(parent) {
    if (!this.#isReady()) return;
    this.#run(this.conversation.add(parent, "assistant"));
  }

  /** @param {Message} message */
  #goOn(message) {
    if (this.#isReady()) this.#run(message);
  }

  /** @param {Message} message */
  async #run(message) {
    const conversation = this.conversation;
    const answering = new Answering(conversation, message, () => { if (this.conversation === conversation) this.chat.grow(message, answering); });
    this.#answerings.set(message.id, answering);
    this.chat.show(conversation);
    this.chat.refresh(message);
    this.#showState();
    announce(say("writing"));
    this.#save(conversation);
    await answering.run();
    this.#answerings.delete(message.id);
    if (!message.failure) {
      this.#retryCounts.delete(message.id);
      this.#keyNotice?.remove();
    }
    await this.#save(conversation);
    if (this.conversation !== conversation) return;
    this.chat.refresh(message);
    this.#showState();
    if (!message.failure) announce(say(message.finish === "stopped" ? "answerStopped" : "answerDone"));
    if (message.calls.length > 0) this.#askForResults(message);
  }

  /** @param {Message} message */
  #askForResults(message) {
    for (const call of message.calls) announce(say("calls", { name: call.name }));
    // Nothing can be sent before the results, so who waits in the empty message field goes on in theirs.
    const isWaiting = this.composer.text === "" && (document.activeElement === document.body || document.activeElement?.closest(".composer"));
    const field = this.chat.view(message)?.root.querySelector(".call textarea");
    if (isWaiting && field instanceof HTMLElement) field.focus();
  }

  #stop() { this.#current?.stop(); }

  #settingsChanged() {
    this.#showState();
    if (this.conversation.data.messages.length > 0) this.#save(this.conversation);
  }

  #languageChanged() {
    setLanguage(preference("language"));
    translate(document);
    this.settings.fill();
    this.#showModels();
    this.#showState();
    this.chat.show(this.conversation, true);
    this.#showList();
  }

  /** @param {Conversation} conversation */
  async #save(conversation) {
    if (this.#removed.has(conversation.id)) return;
    try {
      await this.#store.save(conversation.data);
    } catch (error) {
      // Such as no space left: the conversation goes on, but its user should know.
      notify(say("notSaved", { detail: error instanceof Error ? error.message : String(error) }));
    }
    await this.#showList();
  }

  /** @param {string} id */
  async #changedElsewhere(id) {
    await this.#showList();
    if (id !== this.conversation.id || this.#current) return;
    const data = await this.#store.read(id);
    if (data && data.updated > this.conversation.data.updated) this.#show(new Conversation(data));
  }

  /** @param {string} id @param {string} title */
  async #rename(id, title) {
    const data = await this.#dataOf(id);
    if (!data) return;
    data.title = title;
    await this.#store.save(data);
    await this.#showList();
    this.#showState();
  }

  /** @param {string} id */
  async #remove(id) {
    const data = await this.#dataOf(id);
    if (!data) return;
    this.#removed.add(id);
    for (const answering of this.#answerings.values()) if (answering.conversation.id === id) answering.stop();
    await this.#store.remove(id);
    if (id === this.conversation.id) this.#create();
    await this.#showList();
    notify(say("removed", { title: data.title || say("untitled") }), { label: say("undo"), act: async () => {
      this.#removed.delete(id);
      await this.#store.save(data);
      await this.#open(id);
    } });
  }

  /** @param {string | null} id all conversations if null */
  async #export(id) {
    saveFile((await this.#store.list()).filter(item => id === null || item.id === id).map(item => this.#held(item.id)?.data ?? item), id === null ? "conversations" : "conversation");
  }

  /** @param {File} file */
  async #import(file) {
    const read = await readFile(file);
    if (!read) return notify(say("notImported"));
    for (const data of read) await this.#store.save(data);
    await this.#showList();
    notify(say("imported", { count: read.length }));
  }
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

await new Page().start();
