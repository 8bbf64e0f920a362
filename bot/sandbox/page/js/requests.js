// The window that opens requests: it runs the helpline's own `cases`, `case NUMBER` and `case NUMBER --save N` and
// shows what they print. Only here, and at the console, are a person's words seen by an operator.

import * as api from "./api.js";
import { byId, el, icon, size, words } from "./dom.js";
import { field } from "./dialogs.js";
import { label, say } from "./words.js";

const CHIPS = 40; // requests offered as buttons; the rest can be typed
// Eight of Crockford's letters and digits, at least one of each.
const NUMBER = /\b(?=[0-9A-Z-]*\d)(?=[0-9A-Z-]*[A-Z])[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}\b/g;

// Finds request numbers in a text, each once. A number of digits only would be taken for a date, so those are left out.
export function numbersIn(text) {
  return [...new Set([...text.matchAll(NUMBER)].map((found) => found[0]))];
}

export class Requests {
  constructor() {
    Object.assign(this, { absent: false, told: [], listed: false, url: "" });
    this.number = el("input", {
      type: "text",
      class: "input code",
      required: true,
      maxlength: "12",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
    });
    this.item = el("input", { type: "number", class: "input code short", min: "1", max: "999", value: "1" });
    this.chips = el("div", { class: "chips" });
    this.result = el("pre", { class: "result", tabindex: "0", role: "region", "aria-live": "polite", dir: "auto" });
    this.saved = el("div", { class: "saved", hidden: true });
    label(this.result, "requests_result");
    byId("requests").append(this.bar(), this.chips, this.saved, this.result);
  }

  // Calls `run` once, when the sandbox turns out to have no such command.
  onAbsent(run) {
    this.told.push(run);
  }

  // Lists the requests the first time the window is shown.
  show() {
    if (this.listed) return;
    this.listed = true;
    void this.list();
  }

  list() {
    return this.run({ name: "cases" });
  }

  read(number) {
    this.number.value = number;
    return this.run({ name: "case", number });
  }

  bar() {
    const list = say(
      el("button", { type: "button", class: "button plain", on: { click: () => this.list() } }),
      "requests_list",
    );
    const read = say(el("button", { type: "submit", class: "button" }), "requests_read");
    const save = say(el("button", { type: "button", class: "button plain" }), "requests_save");
    save.addEventListener("click", () => form.reportValidity() && this.save());
    const form = el(
      "form",
      { class: "requests-bar" },
      list,
      field("requests_number", this.number),
      read,
      field("requests_item", this.item),
      save,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.read(this.number.value.trim());
    });
    return form;
  }

  save() {
    return this.run({ name: "save", number: this.number.value.trim(), item: Number(this.item.value) });
  }

  async run(request) {
    this.result.setAttribute("aria-busy", "true");
    try {
      this.put(request, await api.command(request));
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      this.refused(error);
    } finally {
      this.result.removeAttribute("aria-busy");
    }
  }

  put(request, answer) {
    if (answer.blob) return this.offer(answer);
    this.saved.hidden = true;
    this.result.textContent = answer.text;
    this.result.classList.toggle("table", request.name === "cases");
    if (request.name !== "cases") return;
    this.chips.replaceChildren(
      ...numbersIn(answer.text)
        .slice(0, CHIPS)
        .map((number) => this.chip(number)),
    );
  }

  chip(number) {
    return el(
      "button",
      { type: "button", class: "chip", on: { click: () => this.read(number) } },
      icon("open"),
      number,
    );
  }

  // Shows a saved item and lets the browser keep it; the page itself keeps only the newest one, until the next.
  offer({ blob, name }) {
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(blob);
    const view = blob.type.startsWith("image/")
      ? el("img", { src: this.url, alt: "" })
      : blob.type.startsWith("audio/")
        ? el("audio", { src: this.url, controls: true })
        : icon("file");
    const link = el(
      "a",
      { class: "button plain", href: this.url, download: name },
      icon("save"),
      say(el("span"), "requests_keep"),
    );
    this.saved.replaceChildren(view, el("p", {}, words(name), ` · ${size(blob.size)}`), link);
    this.saved.hidden = false;
  }

  refused(error) {
    if (error.status === 501) {
      this.absent = true;
      return this.told.forEach((run) => run());
    }
    this.saved.hidden = true;
    if (error.status === 0) return void say(this.result, "refused_silent");
    this.result.textContent = error.detail;
  }
}
