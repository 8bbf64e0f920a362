// A chat on the screen: its messages as they come, change and vanish, and the box below them. The phone and the
// operators' desk are each one pane, opened on one chat after another.

import * as api from "./api.js";
import { bubble, clamp } from "./bubble.js";
import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { rest } from "./keys.js";
import { openMenu } from "./menu.js";
import { Toasts } from "./toasts.js";
import { label, say } from "./words.js";

const SHOWN = 300; // newest messages drawn of a chat; a test may leave thousands
const NEAR = 80; // pixels from the foot within which new messages are followed

export class Pane {
  // `follow(url)` opens a link button of the bot; `menu(message)` adds items to a message's menu.
  constructor(root, { live, follow, menu = () => [] }) {
    Object.assign(this, { live, follow, more: menu, nodes: new Map(), chat: null, viewer: 0, held: true, top: 0 });
    this.toasts = new Toasts();
    this.log = label(el("div", { class: "log", role: "log", tabindex: "0" }), "log");
    this.empty = el("div", { class: "log-empty" });
    this.jumper = label(
      el("button", { type: "button", class: "round jumper", hidden: true }, icon("chevron")),
      "to_newest",
    );
    this.composer = new Composer({
      where: () => ({ person: this.viewer, chat: this.chat?.id }),
      toasts: this.toasts,
      unblock: () => live.setBlocked(this.viewer, false),
    });
    root.append(
      el("div", { class: "log-box" }, this.log, this.empty, this.jumper, this.toasts.node),
      this.composer.node,
    );
    this.jumper.addEventListener("click", () => this.newest());
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const keep = () => this.held && this.newest();
    // A photo grows as it comes.
    for (const event of ["load", "loadedmetadata"]) this.log.addEventListener(event, keep, true);
    new ResizeObserver(keep).observe(this.log);
    this.listen();
  }

  // Shows a chat through a person's eyes. `about` is a node for a chat that holds nothing yet.
  open(chat, viewer, about) {
    Object.assign(this, { chat, viewer });
    this.empty.replaceChildren(about);
    this.log.setAttribute("aria-live", "off"); // a switch of chat is not news
    this.nodes.clear();
    const nodes = [...(chat?.messages.values() ?? [])].slice(-SHOWN).map((message) => this.make(message));
    this.log.replaceChildren(...nodes);
    nodes.forEach(clamp);
    this.newest();
    this.composer.turn(`${chat?.id}:${viewer}`, this.state());
    this.settle();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 200);
  }

  listen() {
    const mine = (run) => (event) => event.chat === this.chat?.id && run(event);
    this.live.on(
      "message",
      mine(({ message }) => this.came(message)),
    );
    this.live.on(
      "edited",
      mine(({ message }) => this.changed(message)),
    );
    this.live.on(
      "deleted",
      mine(({ message_ids: ids }) => this.vanished(ids)),
    );
    this.live.on(
      "toast",
      mine(({ person, text, alert }) => {
        if (person !== this.viewer) return;
        rest(this.log);
        if (text) this.toasts.bot(text, alert);
      }),
    );
  }

  came(message) {
    const follow = this.held || message.from.id === this.viewer;
    const node = this.make(message);
    node.classList.add("fresh");
    this.log.append(node);
    clamp(node);
    rest(this.log);
    if (follow) this.newest();
    else this.jumper.hidden = false;
    this.settle();
  }

  changed(message) {
    const old = this.nodes.get(message.message_id);
    if (!old) return this.came(message);
    const focused = old.contains(document.activeElement);
    const node = this.make(message);
    old.replaceWith(node);
    clamp(node);
    if (focused) this.log.focus({ preventScroll: true }); // the focus stays in the chat when its button is gone
    if (this.held) this.newest();
  }

  // What was deleted is gone at once, without a movement that an eye could follow.
  vanished(ids) {
    for (const id of ids) {
      this.nodes.get(id)?.remove();
      this.nodes.delete(id);
    }
    this.composer.gone(ids);
    this.settle();
  }

  settle() {
    this.empty.hidden = this.nodes.size > 0;
    this.composer.freshen(this.state());
  }

  state() {
    const own = this.chat?.type === "private";
    return { fresh: own && this.nodes.size === 0, blocked: own && this.live.blocked(this.viewer) };
  }

  make(message) {
    const group = this.chat.type !== "private";
    const acts = {
      press: (of, button) => this.press(of, button),
      menu: (of, anchor, own) => openMenu(anchor, this.items(of, own)),
      jump: (id) => this.jump(id),
      reply: (of) => this.composer.take("reply", of),
    };
    const node = bubble(message, { viewer: this.viewer, group, find: (id) => this.chat.messages.get(id), acts });
    this.nodes.set(message.message_id, node);
    return node;
  }

  items(message, own) {
    const items = [
      { icon: "reply", key: "reply", run: () => this.composer.take("reply", message) },
      ...this.more(message),
    ];
    if (own && message.text) items.push({ icon: "edit", key: "edit", run: () => this.composer.take("edit", message) });
    // In a chat of two either may delete, in a group only one's own.
    if (!own && this.chat.type !== "private") return items;
    const remove = () => this.toasts.attempt(() => api.remove({ ...this.at(), message_id: message.message_id }));
    return [...items, { icon: "delete", key: "delete", danger: true, run: remove }];
  }

  async press(message, button) {
    if (button.url) {
      this.follow(button.url, this.toasts);
    } else if (button.data !== undefined) {
      const { message_id } = message;
      if (await this.toasts.attempt(() => api.press({ ...this.at(), message_id, data: button.data }))) return;
    }
    rest(this.log);
  }

  at() {
    return { person: this.viewer, chat: this.chat.id };
  }

  jump(id) {
    const node = this.nodes.get(id);
    if (!node) return this.toasts.own("quote_gone");
    node.scrollIntoView({ block: "center" });
    node.classList.add("pointed");
    setTimeout(() => node.classList.remove("pointed"), 1600);
  }

  // Held at the foot: new messages are followed until the viewer scrolls up to read older ones.
  scrolled() {
    const { scrollTop: top, scrollHeight, clientHeight } = this.log;
    if (scrollHeight - top - clientHeight < NEAR) this.held = true;
    else if (top < this.top) this.held = false; // upwards: only a person does that, a photo still loading does not
    this.top = top;
    this.jumper.hidden = this.held;
  }

  newest() {
    this.log.scrollTop = this.log.scrollHeight;
    this.held = true;
    this.jumper.hidden = true;
  }
}

// Makes the few lines that stand in a chat without messages.
export function about(titleKey, textKey, values) {
  return el("div", { class: "about" }, say(el("h3"), titleKey, values), say(el("p"), textKey, values));
}
