// What can go wrong, as switches: each says what it is, how it stands now, and on hover or focus what it does.

import * as api from "./api.js";
import { byId, el, icon } from "./dom.js";
import { onLanguage, say, word } from "./words.js";

const DELAYS = [0, 500, 1000, 3000, 10000]; // milliseconds a call to Telegram takes, by the slider's place
const WAIT = 5; // seconds that a 429 tells the bot to wait
const SHARE = 0.5; // share of calls that fail while "errors" or "lost" is on: every second one is plainly felt

export class Dock {
  constructor({ live, toasts }) {
    Object.assign(this, { live, toasts, person: null });
    this.row = byId("dock-row");
    this.help = byId("dock-help");
    this.parts = [
      this.toggle(
        "down",
        () => live.switches.down,
        (on) => ({ down: on }),
      ),
      this.slider(),
      this.toggle(
        "many",
        () => live.switches.too_many,
        (on) => ({ too_many: on ? WAIT : null }),
      ),
      this.toggle(
        "faulty",
        () => live.switches.errors,
        (on) => ({ errors: on ? SHARE : 0 }),
      ),
      this.toggle(
        "lost",
        () => live.switches.lost,
        (on) => ({ lost: on ? SHARE : 0 }),
      ),
      this.blocking(),
      this.process(),
    ];
    this.row.append(...this.parts.map((part) => part.node));
    for (const type of ["reset", "switches", "process"]) live.on(type, () => this.draw());
    onLanguage(() => this.draw());
    this.explain(null);
  }

  // Told whose phone is in hand: "blocked" is that person's own act.
  turn(person) {
    this.person = person;
    this.draw();
  }

  draw() {
    for (const part of this.parts) part.draw();
    const wrong = this.parts.filter((part) => part.on()).length;
    say(byId("dock-state"), wrong ? "dock_wrong" : "dock_well", { count: wrong });
    byId("dock").classList.toggle("wrong", wrong > 0);
    this.drawn?.(wrong);
  }

  // One switch. `set(on)` gives the change to send to the sandbox, or sends it itself.
  toggle(name, get, set) {
    const title = el("span", { class: "switch-name" });
    const state = el("span", { class: "switch-state" });
    const knob = el("span", { class: "knob", "aria-hidden": "true" });
    const node = el(
      "button",
      { type: "button", role: "switch", class: "switch" },
      icon(name),
      title,
      state,
      knob,
      this.advice(name),
    );
    named(node, [title, state], name);
    const on = () => Boolean(get());
    node.addEventListener("click", () => this.toasts.attempt(() => this.send(set(!on()))));
    this.explained(node, name);
    const draw = () => {
      node.setAttribute("aria-checked", String(on()));
      say(title, `switch_${name}`);
      say(state, on() ? `switch_${name}_on` : `switch_${name}_off`, { name: this.person?.name ?? "" });
    };
    return { node, draw, on };
  }

  slider() {
    const range = el("input", {
      type: "range",
      min: "0",
      max: String(DELAYS.length - 1),
      step: "1",
      value: "0",
      class: "range",
    });
    const state = el("span", { class: "switch-state" });
    const name = say(el("span", { class: "switch-name" }), "switch_slow");
    const node = el("label", { class: "switch slow" }, icon("slow"), name, state, range, this.advice("slow"));
    named(range, [name], "slow");
    const seconds = (delay) => (delay ? word("switch_slow_on", { seconds: delay / 1000 }) : word("switch_slow_off"));
    const show = (delay) => {
      state.textContent = seconds(delay);
      range.setAttribute("aria-valuetext", seconds(delay));
    };
    range.addEventListener("input", () => show(DELAYS[range.value]));
    range.addEventListener("change", () => this.toasts.attempt(() => this.send({ delay_ms: DELAYS[range.value] })));
    this.explained(node, "slow");
    const draw = () => {
      const delay = this.live.switches.delay_ms ?? 0;
      range.value = String(DELAYS.findLastIndex((step) => step <= delay));
      node.classList.toggle("on", delay > 0);
      show(delay);
    };
    return { node, draw, on: () => (this.live.switches.delay_ms ?? 0) > 0 };
  }

  blocking() {
    const blocked = () => this.person && this.live.blocked(this.person.id);
    return this.toggle("block", blocked, (on) => () => this.live.setBlocked(this.person.id, on));
  }

  // The bot's process: a switch too, hidden where the sandbox has no process in its hand.
  process() {
    const part = this.toggle(
      "process",
      () => this.live.bot.running === false,
      (killed) => () => api.setProcess(killed ? "kill" : "start"),
    );
    const draw = () => {
      part.node.hidden = this.live.bot.running === null || this.live.bot.running === undefined;
      part.draw();
    };
    return { ...part, draw };
  }

  // What a switch does, inside it: read out as its description, and seen where there is no pointer to hover with.
  advice(name) {
    return say(el("span", { class: "switch-help", id: `help-${name}` }), `help_${name}`);
  }

  send(change) {
    return typeof change === "function" ? change() : api.setSwitches(change);
  }

  explained(node, name) {
    for (const event of ["pointerenter", "focusin", "click"]) node.addEventListener(event, () => this.explain(name));
    for (const event of ["pointerleave", "focusout"]) node.addEventListener(event, () => this.explain(this.focused()));
    node.dataset.help = name;
  }

  focused() {
    return document.activeElement?.closest("[data-help]")?.dataset.help ?? null;
  }

  explain(name) {
    say(this.help, name ? `help_${name}` : "help_none");
  }
}

// Names a control by its title and state alone, the advice inside it being its description.
function named(control, parts, name) {
  parts.forEach((part, index) => (part.id = `switch-${name}-${index}`));
  control.setAttribute("aria-labelledby", parts.map((part) => part.id).join(" "));
  control.setAttribute("aria-describedby", `help-${name}`);
}
