// Windows that ask for something first: the browser's own <dialog>, which keeps the focus inside and closes on Escape.

import { el, icon } from "./dom.js";
import { label, say } from "./words.js";

// Opens a window. `title` is a word's key; `body` and `buttons` are nodes; `submit` runs when the form is sent and
// keeps the window open by returning false. `closed` runs however it ends. Returns the <dialog>.
export function dialog({ title, body, buttons, submit, closed }) {
  const close = label(el("button", { type: "button", class: "round" }, icon("close")), "close");
  const heading = say(el("h2", { id: "dialog-title" }), title);
  const form = el(
    "form",
    { method: "dialog" },
    el("header", { class: "dialog-head" }, heading, close),
    el("div", { class: "dialog-body" }, ...body),
    el("footer", { class: "dialog-foot" }, ...buttons),
  );
  const node = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
  close.addEventListener("click", () => node.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit?.() !== false) node.close();
  });
  node.addEventListener("click", (event) => {
    if (event.target === node) node.close(); // a press on the backdrop
  });
  node.addEventListener("close", () => {
    closed?.();
    node.remove();
  });
  document.body.append(node);
  node.showModal();
  return node;
}

// Makes the two buttons most windows end with.
export function endButtons(doKey) {
  const cancel = say(el("button", { type: "button", class: "button plain" }), "cancel");
  cancel.addEventListener("click", () => cancel.closest("dialog").close());
  const go = say(el("button", { type: "submit", class: "button" }), doKey);
  return { cancel, go };
}

// Makes a labelled field around a control.
export function field(key, control) {
  return el("label", { class: "field" }, say(el("span", { class: "field-name" }), key), control);
}
