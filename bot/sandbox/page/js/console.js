// The operators' console in a frame. The sandbox lets it in, so that somebody is logged in whenever it is shown.

import { byId } from "./dom.js";

const ENTRANCE = "/sandbox/console"; // gives the browser a session, and leads on to the list of cases

export class Console {
  constructor(live) {
    Object.assign(this, { live, entered: false });
    byId("console-again").addEventListener("click", () => this.enter());
    for (const type of ["reset", "process"]) live.on(type, () => this.draw());
  }

  // It is entered when the page opens, and again when the bot's process was started again: not at every change.
  draw() {
    const stopped = this.live.bot.running === false;
    byId("side-console").hidden = !this.live.console;
    byId("console-frame").hidden = stopped;
    byId("console-shut").hidden = !stopped;
    if (this.live.console && !stopped && !this.entered) this.enter();
    this.entered = !stopped;
  }

  enter() {
    byId("console-frame").src = ENTRANCE;
  }
}
