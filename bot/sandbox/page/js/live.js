// What the sandbox holds, kept true by its stream of events: read once, then followed. After a lost connection the
// stream is resumed where it stopped; after a restart of the sandbox everything is read again.

import { block, readState } from "./api.js";

const WAITS = [300, 800, 1500, 3000, 5000]; // milliseconds between tries to reach the sandbox again

export class Live {
  constructor() {
    this.seq = 0;
    this.bot = { id: 0, name: "", username: "", running: null };
    this.people = new Map();
    this.chats = new Map(); // id -> {id, type, title, person, messages: Map(message_id -> message)}
    this.switches = {};
    this.console = false; // whether there is one to be shown
    this.listeners = new Map();
    this.tries = 0;
  }

  // Calls `run` with each event of a type. Two are our own: "reset" after all was read anew, "link" with true or false.
  on(type, run) {
    if (!this.listeners.has(type)) this.listeners.set(type, []);
    this.listeners.get(type).push(run);
  }

  async start() {
    try {
      await this.read({ restarted: true });
    } catch (error) {
      return this.retry(error);
    }
    this.follow();
  }

  // The private chat of a person with the bot, or undefined.
  privateChat(person) {
    return [...this.chats.values()].find((chat) => chat.type === "private" && chat.person === person);
  }

  // The groups, in the order the sandbox lists them.
  groups() {
    return [...this.chats.values()].filter((chat) => chat.type !== "private");
  }

  // Whether a person has blocked the bot.
  blocked(person) {
    return Boolean(this.people.get(person)?.blocked);
  }

  // Blocks or unblocks the bot for a person, and reads again what that changed.
  async setBlocked(person, blocked) {
    await block(person, blocked);
    await this.reread({ restarted: false });
  }

  async read({ restarted }) {
    const state = await readState();
    // Events may have overtaken the answer: an older picture must not replace a newer one.
    if (!restarted && state.seq < this.seq) return this.read({ restarted });
    this.seq = state.seq;
    this.bot = state.bot;
    this.switches = state.switches;
    this.console = state.console;
    this.people = new Map(state.people.map((person) => [person.id, person]));
    this.chats = new Map(state.chats.map((chat) => [chat.id, { ...chat, messages: byNumber(chat.messages) }]));
    this.tell("reset");
  }

  follow() {
    const stream = new EventSource(`/sandbox/events?after=${this.seq}`);
    stream.onopen = () => {
      this.tries = 0;
      this.tell("link", true);
    };
    stream.onerror = () => {
      stream.close();
      this.retry();
    };
    stream.onmessage = (event) => this.take(JSON.parse(event.data));
  }

  retry() {
    this.tell("link", false);
    const wait = WAITS[Math.min(this.tries, WAITS.length - 1)];
    this.tries += 1;
    setTimeout(() => this.resume(), wait);
  }

  async resume() {
    try {
      const state = await readState();
      if (state.seq < this.seq || this.people.size === 0 || state.bot.id !== this.bot.id)
        await this.read({ restarted: true });
    } catch {
      return this.retry();
    }
    this.follow();
  }

  take(event) {
    if (event.type === "reset") return void this.reread({ restarted: true }); // too far behind for the stream to tell
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    const chat = this.chats.get(event.chat);
    if (event.chat !== undefined && !chat) return void this.reread({ restarted: false });
    if (event.type === "message" || event.type === "edited") chat.messages.set(event.message.message_id, event.message);
    if (event.type === "deleted") event.message_ids.forEach((id) => chat.messages.delete(id));
    if (event.type === "switches") this.switches = event.switches;
    if (event.type === "process") this.bot.running = event.running;
    // A new person brings a chat, which only the whole picture holds.
    if (event.type === "people") return void this.reread({ restarted: false });
    this.tell(event.type, event);
  }

  async reread(how) {
    try {
      await this.read(how);
    } catch (error) {
      console.info("the sandbox could not be read:", error.message); // the stream's own error will start the retries
    }
  }

  tell(type, event) {
    for (const run of this.listeners.get(type) ?? []) run(event);
  }
}

function byNumber(messages) {
  return new Map(messages.map((message) => [message.message_id, message]));
}
