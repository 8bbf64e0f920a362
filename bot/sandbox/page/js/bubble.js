// One message as it stands in a chat: who, what it answers, the words or the file, the time, its buttons.

import { clock, el, icon, words } from "./dom.js";
import { keyboard } from "./keys.js";
import { body } from "./media.js";
import { formatted } from "./text.js";
import { label, say } from "./words.js";

// Makes the element of a message.
// `seen`: {viewer, group} says whose eyes; `find(id)` gives the message answered; `acts`: {press, menu, jump, reply}.
export function bubble(message, { viewer, group, find, acts }) {
  const own = message.from.id === viewer;
  const text = message.text ?? message.caption;
  const box = el(
    "div",
    { class: "msg-box" },
    group && !own ? words(message.from.name, { class: "msg-from" }) : null,
    message.reply_to ? quote(message, find, acts) : null,
    body(message),
    text ? formatted(text, message.entities, { class: "msg-text" }) : null,
    foot(message),
  );
  const kind = ["msg", own ? "own" : "theirs", message.from.bot ? "bot" : "", message.keyboard?.length ? "keyed" : ""];
  const node = el(
    "article",
    { class: kind.filter(Boolean).join(" "), data: { id: String(message.message_id) } },
    el("div", { class: "msg-row" }, box, tools(message, { own, group, acts })),
  );
  if (message.keyboard?.length) node.append(keyboard(message.keyboard, (button) => acts.press(message, button)));
  return node;
}

// Says a message in a few words, for the quote above an answer.
export function gist(message) {
  const text = message.text ?? message.caption;
  if (text) return words(text.slice(0, 120));
  const kind = ["photo", "voice", "document", "video", "location"].find((name) => message[name]) ?? "message";
  return say(el("span"), `kind_${kind}`);
}

// Marks a text that was clamped as reachable by keyboard. Called once the bubble is in the page and has a height.
export function clamp(node) {
  const text = node.querySelector(".msg-text");
  if (text && text.scrollHeight > text.clientHeight + 2) text.tabIndex = 0;
}

function quote(message, find, acts) {
  const answered = find(message.reply_to);
  if (!answered) return say(el("p", { class: "quote gone" }), "quote_gone");
  const node = el(
    "button",
    { type: "button", class: "quote" },
    words(answered.from.name, { class: "quote-from" }),
    gist(answered),
  );
  node.addEventListener("click", () => acts.jump(message.reply_to));
  return node;
}

function foot(message) {
  const time = el("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date));
  return el("p", { class: "msg-foot" }, message.edited ? say(el("span"), "edited") : null, time);
}

function tools(message, { own, group, acts }) {
  const node = el("div", { class: "msg-tools" });
  if (group && !own) {
    const reply = label(el("button", { type: "button", class: "round small" }, icon("reply")), "reply");
    reply.addEventListener("click", () => acts.reply(message));
    node.append(reply);
  }
  const more = label(
    el("button", { type: "button", class: "round small", "aria-haspopup": "menu" }, icon("more")),
    "message_menu",
  );
  more.addEventListener("click", () => acts.menu(message, more, own));
  node.append(more);
  return node;
}
