// The buttons under a message of the bot, as Telegram draws them: rows and columns as sent, each label on one line and
// cut where it does not fit, so that an author sees here which label is too long for a phone.

import { el, words } from "./dom.js";

const PATIENCE = 4000; // milliseconds a pressed button looks busy when nothing comes back

// Makes the keyboard of a message. `press(button)` is called for a press and may return a promise.
export function keyboard(rows, press) {
  return el(
    "div",
    { class: "keys" },
    ...rows.map((row) => el("div", { class: "keys-row" }, ...row.map((button) => key(button, press)))),
  );
}

function key(button, press) {
  const node = el(
    "button",
    { type: "button", class: button.url ? "key link" : "key", title: button.text },
    words(button.text, { class: "key-text" }),
  );
  node.addEventListener("click", () => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    setTimeout(() => node.removeAttribute("aria-busy"), PATIENCE);
    press(button);
  });
  return node;
}

// Lets every pressed button of a message rest again: the bot has answered.
export function rest(message) {
  for (const node of message.querySelectorAll('[aria-busy="true"]')) node.removeAttribute("aria-busy");
}
