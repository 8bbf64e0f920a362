// A small menu beside the button that opened it: arrow keys, Home, End, Escape, and a press anywhere else closes it.

import { arrow, el, icon } from "./dom.js";
import { say } from "./words.js";

const GAP = 6; // pixels between a menu and its button, and between a menu and the edge of the window

// Opens a menu. Items: {icon, key, values, run, danger}; the first is focused, and the focus returns to the anchor.
export function openMenu(anchor, items) {
  const buttons = items.map((item) => entry(item));
  const menu = el("div", { class: "menu", role: "menu", popover: "auto" }, ...buttons);
  menu.addEventListener("keydown", (event) => {
    const next = arrow(event, buttons.length, buttons.indexOf(document.activeElement));
    if (next !== null) buttons[next].focus();
    if (event.key === "Tab") menu.hidePopover();
  });
  menu.addEventListener("click", () => menu.hidePopover());
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.removeAttribute("aria-expanded");
    if (menu.contains(document.activeElement)) anchor.focus();
    menu.remove();
  });
  document.body.append(menu);
  anchor.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, anchor);
  buttons[0].focus();
}

function entry(item) {
  const text = say(el("span"), item.key, item.values);
  const properties = { type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item" };
  return el("button", { ...properties, on: { click: item.run } }, icon(item.icon), text);
}

// Puts the menu below its button, or above it where there is no room below, and never outside the window.
function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = at.bottom + GAP + menu.offsetHeight < innerHeight;
  const top = below ? at.bottom + GAP : at.top - GAP - menu.offsetHeight;
  const left = at.left + at.width / 2 < innerWidth / 2 ? at.left : at.right - menu.offsetWidth;
  menu.style.setProperty("top", `${Math.max(GAP, top)}px`);
  menu.style.setProperty("left", `${Math.max(GAP, Math.min(left, innerWidth - menu.offsetWidth - GAP))}px`);
}
