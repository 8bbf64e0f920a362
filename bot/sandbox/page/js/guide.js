// Three steps for a first visit. A step is ticked when it has really happened, whoever made it happen.

import { byId, icon } from "./dom.js";
import { keep, recall } from "./words.js";

const KEPT = "helpline-sandbox-guide";

export class Guide {
  constructor(live) {
    Object.assign(this, { live, node: byId("guide"), open: byId("guide-open") });
    byId("guide-close").addEventListener("click", () => this.show(false));
    this.open.addEventListener("click", () => this.show(this.node.hidden));
    for (const type of ["reset", "message"]) live.on(type, () => this.draw());
    this.show(recall(KEPT) !== "closed");
  }

  show(on) {
    this.node.hidden = !on;
    this.open.setAttribute("aria-expanded", String(on));
    keep(KEPT, on ? "open" : "closed");
    if (on) this.draw();
    else if (this.node.contains(document.activeElement)) this.open.focus();
  }

  draw() {
    if (this.node.hidden) return;
    const done = this.done();
    const steps = [...this.node.querySelectorAll("[data-step]")];
    const now = steps.find((step) => !done[step.dataset.step]) ?? steps.at(-1);
    steps.forEach((step, index) => {
      const ticked = done[step.dataset.step];
      step.classList.toggle("ticked", ticked);
      step.classList.toggle("now", step === now);
      step.querySelector(".guide-number").replaceChildren(ticked ? icon("check") : String(index + 1));
      if (step === now) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  }

  done() {
    const chats = [...this.live.chats.values()];
    const group = chats.filter((chat) => chat.type !== "private").flatMap((chat) => [...chat.messages.values()]);
    const workers = chats.filter(
      (chat) => chat.type === "private" && this.live.people.get(chat.person)?.role !== "operator",
    );
    this.started ||= workers.some((chat) => chat.messages.size > 0);
    this.carded ||= group.some((message) => message.from.bot && message.keyboard?.length);
    this.answered ||= group.some((message) => !message.from.bot && message.reply_to);
    return { start: Boolean(this.started), danger: Boolean(this.carded), answer: Boolean(this.answered) };
  }
}
