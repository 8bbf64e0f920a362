// How many messages of the bot nobody has looked at yet, for each chat: the little numbers on faces and tabs.

export class Unread {
  constructor(live) {
    this.counts = new Map(); // chat id -> count
    this.open = new Map(); // side -> chat id now on the screen
    this.told = new Set();
    live.on("message", ({ chat, message }) => this.came(chat, message));
    live.on("deleted", ({ chat }) => this.gone(live.chats.get(chat)));
  }

  // Says which chat a side shows now (null: none, for instance while that side is behind a tab).
  show(side, chat) {
    this.open.set(side, chat);
    if (this.counts.delete(chat)) this.tell();
  }

  count(chat) {
    return this.counts.get(chat) ?? 0;
  }

  // Calls `run` whenever a count changed.
  onChange(run) {
    this.told.add(run);
  }

  came(chat, message) {
    if (!message.from.bot || [...this.open.values()].includes(chat)) return;
    this.counts.set(chat, this.count(chat) + 1);
    this.tell();
  }

  // A hidden screen takes its number with it: no count may outlive the messages it counts.
  gone(chat) {
    if (!chat || chat.messages.size >= this.count(chat.id)) return;
    this.counts.set(chat.id, chat.messages.size);
    this.tell();
  }

  tell() {
    for (const run of this.told) run();
  }
}
