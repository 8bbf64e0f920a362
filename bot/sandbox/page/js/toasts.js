// Short notices: what the bot answers to a pressed button, and what the sandbox refused.

import { el, icon, words } from "./dom.js";
import { Refused } from "./api.js";
import { dialog } from "./dialogs.js";
import { say } from "./words.js";

const STAY = 4500; // milliseconds; long enough for a Khmer sentence of two lines

// A place for notices inside a chat. It is a status region: screen readers say what appears in it.
export class Toasts {
  constructor() {
    this.node = el("div", { class: "toasts", role: "status" });
  }

  // Shows words of the bot; an alert waits for OK, as on Telegram.
  bot(text, alert) {
    if (!alert) return this.put(words(text, { class: "toast" }));
    const ok = say(el("button", { class: "button", type: "submit", value: "ok" }), "ok");
    dialog({ title: "alert_title", body: [words(text, { class: "alert-text" })], buttons: [ok] });
  }

  // Shows a sentence of the page itself.
  own(key, values) {
    this.put(say(el("p", { class: "toast" }), key, values));
  }

  // Runs an act of a person and says why, where the sandbox refused it. Returns whether it was done.
  async attempt(act) {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refused(error);
      return false;
    }
  }

  refused(error) {
    const key = { 0: "refused_silent", 404: "refused_gone", 413: "refused_large", 501: "refused_absent" }[error.status];
    const text = say(el("span"), key ?? "refused_other", { reason: error.detail });
    this.put(el("p", { class: "toast wrong" }, icon("faulty"), text));
  }

  put(node) {
    this.node.append(node);
    setTimeout(() => node.remove(), STAY);
  }
}
