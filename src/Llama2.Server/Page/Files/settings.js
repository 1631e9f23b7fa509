// @ts-check
// The dialog of settings. A value counts as soon as it is valid. One that is not is marked and kept as it was typed; the page sends nothing until it is corrected.

import { readTools } from "./answering.js";
import { element, find } from "./dom.js";
import { apiKey, keepsApiKey, preference, setApiKey, setPreference } from "./preferences.js";
import { language, number, text as say } from "./texts.js";

/** @import { Conversation } from "./conversation.js" */
/** @import { CheckedName, Defaults, NumberName, Settings } from "./types" */

/** @type {Record<NumberName, { from: number, to: number, isWhole?: boolean }>} */
const numbers = {
  temperature: { from: 0, to: 2 }, topP: { from: 0, to: 1 }, maxTokens: { from: 1, to: 2 ** 31 - 1, isWhole: true },
  seed: { from: -Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER, isWhole: true }, frequencyPenalty: { from: -2, to: 2 }, presencePenalty: { from: -2, to: 2 },
};

const exampleSchema = { type: "object", properties: { animal: { enum: ["cow", "duck", "bear"] }, legs: { type: "integer", minimum: 0, maximum: 8 }, sounds: { type: "array", items: { type: "string", maxLength: 20 }, maxItems: 3 } }, required: ["animal", "legs"], additionalProperties: false };
const exampleTools = [{ name: "get_weather", description: "The weather in a city", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }];

export class SettingsDialog {
  #dialog = find("settings", HTMLDialogElement);
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {Defaults | null} */
  defaults = null;

  /**
   * @param {() => void} changed a setting of the conversation has changed
   * @param {() => void} appearanceChanged
   * @param {(settings: Settings) => void} useForNew
   * @param {() => void} closed
   * @param {() => void} keyEntered the user has pressed Enter in the field of the key
   */
  constructor(changed, appearanceChanged, useForNew, closed, keyEntered) {
    this.changed = changed;
    for (const name of /** @type {NumberName[]} */ (Object.keys(numbers))) this.#bindNumber(name);
    this.#bindTexts();
    this.#bindJson("schema", exampleSchema);
    this.#bindJson("tools", exampleTools);
    this.#bindKey(keyEntered);
    this.#bindAppearance(appearanceChanged);
    find("use-for-new", HTMLButtonElement).addEventListener("click", () => {
      const isValid = this.#settings.invalid === undefined;
      if (isValid) useForNew(this.#settings);
      find("used-for-new", HTMLElement).textContent = say(isValid ? "usedForNew" : "correctFirst");
    });
    find("close-settings", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", event => { if (event.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener("close", closed);
  }

  get #settings() {
    if (!this.#conversation) throw new Error("The settings have no conversation.");
    return this.#conversation.data.settings;
  }

  get isOpen() { return this.#dialog.open; }

  /** @param {Conversation} conversation @param {string} [field] the id of the field that gets the focus */
  open(conversation, field) {
    this.#conversation = conversation;
    this.fill();
    find("used-for-new", HTMLElement).textContent = "";
    this.#dialog.showModal();
    if (!field) return void (this.#dialog.querySelector(".dialog-body") ?? this.#dialog).scrollTo(0, 0);
    find(field, HTMLElement).focus();
    find(field, HTMLElement).scrollIntoView({ block: "center" });
  }

  /** Shows the values, and the texts in the chosen language. */
  fill() {
    if (!this.#conversation) return;
    const settings = this.#settings;
    for (const name of /** @type {NumberName[]} */ (Object.keys(numbers))) this.#fillNumber(name);
    find("system", HTMLTextAreaElement).value = settings.system;
    find("stop", HTMLTextAreaElement).value = settings.stop.join("\n");
    find("stop", HTMLTextAreaElement).placeholder = this.defaults?.stop.length ? say("defaultValue", { value: this.defaults.stop.join(" ") }) : "";
    find("tool-choice", HTMLSelectElement).value = settings.toolChoice;
    for (const name of /** @type {const} */ (["schema", "tools"])) {
      this.#fillChecked(name, settings[name]);
    }
    find("key", HTMLInputElement).value = apiKey();
    find("keep-key", HTMLInputElement).checked = keepsApiKey();
    find("theme", HTMLSelectElement).value = preference("theme") ?? "auto";
    find("language", HTMLSelectElement).value = language();
  }

  /** @param {NumberName} name */
  #fillNumber(name) {
    const field = find(name, HTMLInputElement), value = this.#settings[name], standard = this.defaults?.[name];
    // Digits after the point as they are: 0.8 is not 0.80.
    const shown = typeof standard === "number" ? number(standard, (String(standard).split(".")[1] ?? "").length) : say(name === "seed" ? "random" : "noLimit");
    // Nothing where the server did not say what its defaults are.
    field.placeholder = standard === undefined ? "" : say("defaultValue", { value: shown });
    this.#fillChecked(name, value === null ? "" : String(value));
  }

  /** Shows a valid value, or what was typed in its place. @param {CheckedName} name @param {string} valid */
  #fillChecked(name, valid) {
    const field = checkedField(name), typed = this.#settings.invalid?.[name];
    field.value = typed ?? valid;
    showFault(field, typed === undefined ? "" : faultOf(name, typed));
  }

  /** Takes what was typed: a value if it is valid, else only its text. @param {CheckedName} name @param {(text: string) => Partial<Settings>} read a valid text */
  #take(name, read) {
    const field = checkedField(name), text = field.value.trim(), fault = text === "" ? "" : faultOf(name, text);
    showFault(field, fault);
    const { [name]: _, ...others } = this.#settings.invalid ?? {};
    const invalid = fault ? { ...others, [name]: field.value } : others;
    this.#set({ ...(fault ? {} : read(text)), invalid: Object.keys(invalid).length > 0 ? invalid : undefined });
  }

  /** @param {NumberName} name */
  #bindNumber(name) {
    find(name, HTMLInputElement).addEventListener("input", () => this.#take(name, text => ({ [name]: text === "" ? null : parseNumber(text) })));
  }

  #bindTexts() {
    const system = find("system", HTMLTextAreaElement), stop = find("stop", HTMLTextAreaElement), choice = find("tool-choice", HTMLSelectElement);
    system.addEventListener("input", () => this.#set({ system: system.value }));
    stop.addEventListener("input", () => this.#set({ stop: stop.value.split("\n").filter(Boolean).slice(0, 4).map(line => line.slice(0, 1024)) }));
    choice.addEventListener("change", () => this.#set({ toolChoice: /** @type {Settings["toolChoice"]} */ (choice.value) }));
  }

  /** @param {"schema" | "tools"} name @param {object} example */
  #bindJson(name, example) {
    const field = find(name, HTMLTextAreaElement);
    const take = () => this.#take(name, text => ({ [name]: text }));
    field.addEventListener("input", take);
    find(`${name}-example`, HTMLButtonElement).addEventListener("click", () => {
      field.value = JSON.stringify(example, null, 2);
      take();
      field.focus();
    });
  }

  /** @param {() => void} entered */
  #bindKey(entered) {
    const key = find("key", HTMLInputElement), keep = find("keep-key", HTMLInputElement), show = find("show-key", HTMLInputElement);
    const store = () => setApiKey(key.value.trim(), keep.checked);
    key.addEventListener("input", store);
    find("key-form", HTMLFormElement).addEventListener("submit", event => {
      event.preventDefault();
      this.#dialog.close();
      entered();
    });
    keep.addEventListener("change", store);
    show.addEventListener("change", () => { key.type = show.checked ? "text" : "password"; });
  }

  /** @param {() => void} changed */
  #bindAppearance(changed) {
    const theme = find("theme", HTMLSelectElement), chosen = find("language", HTMLSelectElement);
    theme.addEventListener("change", () => setTheme(theme.value));
    chosen.addEventListener("change", () => {
      setPreference("language", chosen.value);
      changed();
    });
  }

  /** @param {Partial<Settings>} values */
  #set(values) {
    Object.assign(this.#settings, values);
    this.changed();
  }
}

/** @param {CheckedName} name */
const checkedField = name => name === "schema" || name === "tools" ? find(name, HTMLTextAreaElement) : find(name, HTMLInputElement);

/** Why a text is not a valid value; empty if it is one. @param {CheckedName} name @param {string} text */
function faultOf(name, text) {
  if (name === "schema") return schemaFault(text);
  if (name === "tools") return readTools(text) ? "" : jsonFault(text) || say("notAList");
  return numberFault(name, text);
}

/** @param {string} text */
const parseNumber = text => Number(text.replace(",", "."));

/** @param {NumberName} name @param {string} text */
function numberFault(name, text) {
  const value = parseNumber(text), { from, to, isWhole } = numbers[name];
  return Number.isFinite(value) && value >= from && value <= to && (!isWhole || Number.isInteger(value)) ? "" : say("invalidNumber", { from: number(from), to: number(to) });
}

/** @param {string} theme light, dark, or auto for that of the system */
export function setTheme(theme) {
  const isChosen = theme === "light" || theme === "dark";
  setPreference("theme", isChosen ? theme : null);
  if (isChosen) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** @param {string} text */
function jsonFault(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return say("invalidJson", { detail: error instanceof Error ? error.message : "" });
  }
}

/** @param {string} text */
function schemaFault(text) {
  const fault = jsonFault(text);
  if (fault) return fault;
  const value = JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? "" : say("notAnObject");
}

/** Marks a field as not valid, with the reason. @param {HTMLElement} field @param {string} fault empty if it is valid */
function showFault(field, fault) {
  const id = `${field.id}-fault`;
  let shown = document.getElementById(id);
  if (!shown) field.after(shown = element("p", { id, class: "fault", "aria-live": "polite" }));
  shown.textContent = fault;
  if (fault) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  const hints = [fault ? id : "", field.dataset.hints ?? ""].filter(Boolean).join(" ");
  if (hints) field.setAttribute("aria-describedby", hints);
  else field.removeAttribute("aria-describedby");
}
