// The left side: the phone of a worker or of someone at home, in the hand of whoever is chosen beside it.

import { byId, clock, el, icon, words } from "./dom.js";
import { openMenu } from "./menu.js";
import { about, Pane } from "./pane.js";
import { askPerson, drawPeople, personDetail } from "./people.js";
import { label, onLanguage, say } from "./words.js";

const TYPING = 5000; // milliseconds "typing" stays, as on Telegram

export class Phone {
  // `chosen(person)` is told whose phone it is now.
  constructor({ live, unread, chosen }) {
    Object.assign(this, { live, unread, told: chosen, person: 0, watched: true });
    this.pane = new Pane(byId("phone-chat"), { live, follow: (url, toasts) => this.follow(url, toasts) });
    this.sub = el("p", { class: "chat-sub", "aria-live": "polite" });
    this.makeHead();
    byId("people-add").addEventListener("click", () =>
      askPerson(this.pane.toasts, (id, role) => role !== "operator" && this.await(id)),
    );
    live.on("reset", () => this.draw());
    live.on("process", () => this.headline());
    live.on("switches", () => this.headline());
    live.on("typing", ({ chat }) => chat === this.pane.chat?.id && this.typing());
    live.on("message", ({ chat, message }) => chat === this.pane.chat?.id && message.from.bot && this.headline());
    unread.onChange(() => this.drawRow());
    onLanguage(() => this.drawRow());
    setInterval(() => this.tick(), 5000);
    this.tick();
  }

  // The people who can hold this phone: everyone who is not an operator.
  people() {
    return [...this.live.people.values()].filter((person) => person.role !== "operator");
  }

  choose(person) {
    this.person = person;
    this.draw();
  }

  // Says whether this side can be seen; behind a tab its chat counts as unread.
  watch(seen) {
    this.watched = seen;
    this.unread.show("phone", seen ? (this.pane.chat?.id ?? null) : null);
  }

  // Chooses a person whom the stream of events has yet to bring.
  await(id) {
    this.person = id;
    if (this.live.people.has(id)) this.draw();
  }

  draw() {
    const people = this.people();
    if (!people.some((person) => person.id === this.person) && people.length) this.person = people[0].id;
    const chat = this.live.privateChat(this.person);
    this.pane.open(chat, this.person, about("fresh_title", "fresh_text"));
    this.unread.show("phone", this.watched ? (chat?.id ?? null) : null);
    this.drawRow();
    this.drawHead();
    this.told(this.live.people.get(this.person));
  }

  drawRow() {
    const count = (person) => this.unread.count(this.live.privateChat(person.id)?.id);
    drawPeople(byId("people-list"), this.people(), {
      chosen: this.person,
      choose: (id) => this.choose(id),
      count,
      detail: personDetail,
    });
  }

  makeHead() {
    this.title = el("b", { class: "chat-name" });
    const more = label(
      el("button", { type: "button", class: "round", "aria-haspopup": "menu" }, icon("more")),
      "chat_menu",
    );
    more.addEventListener("click", () => openMenu(more, this.items()));
    const mark = el("img", { class: "chat-mark", src: "icons/helpline.svg", alt: "", width: "34", height: "34" });
    byId("phone-head").append(mark, el("div", { class: "chat-title" }, this.title, this.sub), more);
  }

  items() {
    const blocked = this.live.blocked(this.person);
    const turn = () => this.pane.toasts.attempt(() => this.live.setBlocked(this.person, !blocked));
    return [
      { icon: "start", key: "attach_start", run: () => void this.pane.composer.text("/start") },
      { icon: "block", key: blocked ? "unblock" : "block", danger: !blocked, run: turn },
    ];
  }

  drawHead() {
    this.title.replaceChildren(words(this.live.bot.name));
    const person = this.live.people.get(this.person);
    if (person) say(byId("device-owner"), "device_owner", { name: person.name });
    this.headline();
  }

  // The line under the bot's name says the one thing that keeps an answer away, if anything does.
  headline() {
    clearTimeout(this.ticking);
    const { live } = this;
    const key = live.blocked(this.person)
      ? "sub_blocked"
      : live.bot.running === false
        ? "sub_killed"
        : live.switches.down
          ? "sub_down"
          : "sub_bot";
    this.sub.classList.toggle("wrong", key !== "sub_bot");
    this.sub.classList.remove("typing-now");
    say(this.sub, key);
  }

  typing() {
    say(this.sub, "sub_typing").classList.add("typing-now");
    clearTimeout(this.ticking);
    this.ticking = setTimeout(() => this.headline(), TYPING);
  }

  follow(url, toasts) {
    const start = startOf(url, this.live.bot.username);
    if (start === null) return toasts.own("link_elsewhere", { url });
    void this.pane.composer.text(`/start ${start}`.trim());
  }

  tick() {
    byId("device-clock").textContent = clock(Date.now() / 1000);
  }
}

// Finds what a link to this bot passes to /start ("" for a bare link); null for a link that leads anywhere else.
export function startOf(url, username) {
  const found = /^(?:https?:\/\/)?(?:t\.me|telegram\.me)\/(\w+)(?:\?start=([\w-]*))?$/i.exec(url.trim());
  return found && found[1].toLowerCase() === username.toLowerCase() ? (found[2] ?? "") : null;
}
