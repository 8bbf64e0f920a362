// The box at the foot of a chat: typing, answering, correcting, attaching, speaking; or the one START of a fresh chat.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { gist } from "./bubble.js";
import { askFile } from "./files.js";
import { openMenu } from "./menu.js";
import { askPlace } from "./places.js";
import { askVoice } from "./voice.js";
import { hint, label, say } from "./words.js";

const TALLEST = 132; // pixels the box may grow to before it scrolls

export class Composer {
  // `where()` gives {person, chat} of the moment; `toasts` says what was refused; `unblock()` ends the person's block.
  constructor({ where, toasts, unblock }) {
    Object.assign(this, { where, toasts, unblock, drafts: new Map(), aim: null });
    this.box = hint(
      label(el("textarea", { class: "typing", rows: "1", dir: "auto", enterkeyhint: "send" }), "typing_label"),
      "typing_hint",
    );
    this.aimed = el("div", { class: "aim", hidden: true });
    this.attach = this.round("attach", "attach", () => this.openAttach());
    this.attach.setAttribute("aria-haspopup", "menu");
    this.speak = this.round("mic", "voice_title", () =>
      askVoice((file, duration) => this.upload("voice", file, { duration })),
    );
    this.go = this.round("send", "send", () => this.submit());
    this.go.classList.add("go");
    this.begin = el("button", { type: "button", class: "begin", on: { click: () => this.press() } });
    this.line = el("div", { class: "composer-line" }, this.attach, this.box, this.speak, this.go);
    this.node = el("div", { class: "composer" }, this.aimed, this.line, this.begin);
    this.box.addEventListener("input", () => this.fit());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.fit();
  }

  // Turns to another chat: the draft of the old one is kept, the draft of the new one comes back.
  turn(key, state) {
    if (this.at !== undefined) this.drafts.set(this.at, this.box.value);
    if (this.at !== key) this.forget();
    this.box.value = this.at === key ? this.box.value : (this.drafts.get(key) ?? "");
    this.at = key;
    this.freshen(state);
    this.fit();
  }

  // Shows one big button in place of the box, as Telegram does: START while a chat holds nothing yet, UNBLOCK while
  // the person has blocked the bot.
  freshen({ fresh, blocked }) {
    this.blocked = blocked;
    this.begin.hidden = !fresh && !blocked;
    this.line.hidden = !this.begin.hidden;
    say(this.begin, blocked ? "unblock" : "start");
  }

  press() {
    if (!this.blocked) return this.text("/start");
    return this.toasts.attempt(this.unblock);
  }

  // Aims what is typed next at a message: mode "reply" answers it, mode "edit" replaces its words.
  take(mode, message) {
    this.aim = { mode, message };
    const drop = label(el("button", { type: "button", class: "round small" }, icon("close")), "cancel");
    drop.addEventListener("click", () => this.forget());
    const about = el(
      "span",
      { class: "aim-text" },
      say(el("b"), mode === "reply" ? "replying" : "editing"),
      gist(message),
    );
    this.aimed.replaceChildren(icon(mode), about, drop);
    this.aimed.hidden = false;
    if (mode === "edit") this.box.value = message.text ?? "";
    this.fit();
    this.box.focus();
  }

  // Drops the aim; words that were only there to be corrected go with it.
  forget() {
    if (this.aim?.mode === "edit") this.box.value = "";
    this.aim = null;
    this.aimed.hidden = true;
    this.fit();
  }

  // Drops the aim when the message it is at has been deleted: an answer to nothing must not go out by mistake.
  gone(ids) {
    if (this.aim && ids.includes(this.aim.message.message_id)) this.forget();
  }

  // Sends words as they are.
  text(text) {
    return this.toasts.attempt(() => api.send({ ...this.where(), text }));
  }

  async submit() {
    const text = this.box.value;
    if (!text) return;
    const { aim, at } = this;
    const place = { ...this.where(), text };
    const reply = this.answered();
    const act =
      aim?.mode === "edit"
        ? () => api.edit({ ...place, message_id: aim.message.message_id })
        : () => api.send({ ...place, reply_to: reply });
    this.box.value = "";
    this.forget();
    if (await this.toasts.attempt(act)) return;
    if (this.at === at && !this.box.value) this.box.value = text; // what was refused can be sent again
    this.fit();
  }

  async upload(kind, file, more = {}) {
    const reply = this.answered();
    this.forget();
    await this.toasts.attempt(() => api.upload(file, { ...this.where(), kind, reply_to: reply, ...more }));
  }

  place(location) {
    const reply = this.answered();
    this.forget();
    return this.toasts.attempt(() => api.send({ ...this.where(), location, reply_to: reply }));
  }

  openAttach() {
    const send = (kind, file, caption) => void this.upload(kind, file, { caption });
    openMenu(this.attach, [
      { icon: "photo", key: "attach_photo", run: () => askFile("photo", send) },
      { icon: "mic", key: "attach_voice", run: () => this.speak.click() },
      { icon: "place", key: "attach_place", run: () => askPlace((location) => void this.place(location)) },
      { icon: "file", key: "attach_file", run: () => askFile("document", send) },
      { icon: "start", key: "attach_start", run: () => void this.text("/start") },
    ]);
  }

  answered() {
    return this.aim?.mode === "reply" ? this.aim.message.message_id : undefined;
  }

  key(event) {
    if (event.key === "Escape" && this.aim) return this.forget();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.submit();
  }

  fit() {
    const empty = this.box.value === "";
    this.go.hidden = empty;
    this.speak.hidden = !empty;
    this.box.style.setProperty("height", "auto");
    if (!empty) this.box.style.setProperty("height", `${Math.min(TALLEST, this.box.scrollHeight + 2)}px`);
  }

  round(drawing, key, run) {
    return label(el("button", { type: "button", class: "round", on: { click: run } }, icon(drawing)), key);
  }
}
