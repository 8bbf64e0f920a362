// The right side: the operators' group, each operator's own chat with the bot, and the window that opens requests.

import { arrow, byId, el } from "./dom.js";
import { about, Pane } from "./pane.js";
import { drawPeople } from "./people.js";
import { startOf } from "./phone.js";
import { numbersIn } from "./requests.js";
import { hint, label, say } from "./words.js";

export class Desk {
  constructor({ live, unread, requests }) {
    Object.assign(this, { live, unread, requests, operator: 0, tab: null, watched: true });
    this.pane = new Pane(byId("desk-chat"), {
      live,
      follow: (url, toasts) => this.follow(url, toasts),
      menu: (message) => this.openers(message),
    });
    live.on("reset", () => this.draw());
    live.on("switches", () => this.drawRow());
    unread.onChange(() => {
      this.drawRow();
      this.drawTabs();
    });
    requests.onAbsent(() => this.leaveRequests());
  }

  operators() {
    return [...this.live.people.values()].filter((person) => person.role === "operator");
  }

  choose(operator) {
    this.operator = operator;
    this.draw();
  }

  watch(seen) {
    this.watched = seen;
    this.mark();
  }

  open(tab) {
    this.tab = tab;
    this.draw();
  }

  draw() {
    const operators = this.operators();
    if (!operators.some((person) => person.id === this.operator) && operators.length) this.operator = operators[0].id;
    if (!this.tabs().some((tab) => tab.id === this.tab)) this.tab = this.tabs()[0]?.id;
    const shown = this.tab === "requests";
    byId("requests").hidden = !shown;
    byId("desk-chat").hidden = shown;
    if (shown) this.requests.show();
    else this.drawChat();
    byId("desk-chat").setAttribute("aria-labelledby", `tab-${this.tab}`);
    this.mark();
    this.drawRow();
    this.drawTabs();
  }

  drawChat() {
    const chat = this.chatOf(this.tab);
    const own = this.tab === "own";
    this.pane.open(chat, this.operator, own ? this.startBox() : about("group_title", "group_text"));
  }

  chatOf(tab) {
    return tab === "own" ? this.live.privateChat(this.operator) : this.live.chats.get(tab);
  }

  mark() {
    const chat = this.tab === "requests" ? null : (this.chatOf(this.tab)?.id ?? null);
    this.unread.show("desk", this.watched ? chat : null);
  }

  // A tab for each group, one for the operator's own chat, one for opening requests where the sandbox can.
  tabs() {
    const groups = this.live
      .groups()
      .map((chat) => ({ id: chat.id, key: "tab_group", values: { title: chat.title }, chat: chat.id }));
    const name = this.live.people.get(this.operator)?.name ?? "";
    const own = { id: "own", key: "tab_own", values: { name }, chat: this.live.privateChat(this.operator)?.id };
    const requests = this.requests.absent ? [] : [{ id: "requests", key: "tab_requests", values: {} }];
    return [...groups, own, ...requests];
  }

  drawTabs() {
    const root = byId("desk-tabs");
    const held = root.contains(document.activeElement);
    const tabs = this.tabs();
    const nodes = tabs.map((tab, index) => this.tabNode(tab, index, tabs));
    root.replaceChildren(...nodes);
    if (held) nodes.find((node) => node.tabIndex === 0)?.focus();
  }

  tabNode(tab, index, tabs) {
    const is = tab.id === this.tab;
    const news = this.unread.count(tab.chat);
    const badge = news
      ? label(el("b", { class: "badge", role: "img" }, String(news)), "unread", { count: news })
      : null;
    const node = el(
      "button",
      {
        type: "button",
        role: "tab",
        class: "desk-tab",
        id: `tab-${tab.id}`,
        "aria-selected": String(is),
        tabindex: is ? "0" : "-1",
        "aria-controls": tab.id === "requests" ? "requests" : "desk-chat",
      },
      say(el("span", { dir: "auto" }), tab.key, tab.values),
      badge,
    );
    node.addEventListener("click", () => this.open(tab.id));
    node.addEventListener("keydown", (event) => {
      const next = arrow(event, tabs.length, index);
      if (next !== null) this.open(tabs[next].id);
    });
    return node;
  }

  drawRow() {
    const count = (person) => this.unread.count(this.live.privateChat(person.id)?.id);
    drawPeople(byId("viewing"), this.operators(), { chosen: this.operator, choose: (id) => this.choose(id), count });
  }

  // An operator's chat that holds nothing yet: a place for the link that `operators add` printed.
  startBox() {
    const link = hint(
      label(el("input", { type: "text", class: "input", autocomplete: "off", spellcheck: "false" }), "start_link"),
      "start_link_hint",
    );
    const go = say(el("button", { type: "submit", class: "button" }), "start_link_go");
    const form = el("form", { class: "start-link" }, link, go);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.follow(link.value, this.pane.toasts);
    });
    const box = about("own_title", "own_text");
    box.append(form);
    return box;
  }

  // A start link opens the operator's own chat and says /start there; other links are only named.
  follow(url, toasts) {
    const start = startOf(url, this.live.bot.username);
    if (start === null) return toasts.own("link_elsewhere", { url });
    this.open("own");
    void this.pane.composer.text(`/start ${start}`.trim());
  }

  openers(message) {
    if (this.requests.absent) return [];
    return numbersIn(message.text ?? "").map((number) => ({
      icon: "open",
      key: "open_request",
      values: { number },
      run: () => {
        this.open("requests");
        void this.requests.read(number);
      },
    }));
  }

  leaveRequests() {
    this.tab = this.tabs()[0]?.id;
    this.draw();
    this.pane.toasts.own("refused_absent");
  }
}
