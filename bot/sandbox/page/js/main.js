// Puts the page together: words first, then the two sides and the dock, then the stream that keeps them true.

import { Desk } from "./desk.js";
import { Dock } from "./dock.js";
import { byId, el, icon } from "./dom.js";
import { Guide } from "./guide.js";
import { Live } from "./live.js";
import { Phone } from "./phone.js";
import { Requests } from "./requests.js";
import { Unread } from "./unread.js";
import { language, loadWords, onLanguage, say, speak, word } from "./words.js";

const VIEWS = [
  ["phone", "view_phone"],
  ["desk", "view_desk"],
  ["trouble", "view_trouble"],
];
const NARROW = matchMedia("(max-width: 959px)"); // the same width as in frame.css: one side at a time below it

await loadWords();
const live = new Live();
const unread = new Unread(live);
const requests = new Requests();
const desk = new Desk({ live, unread, requests });
const phone = new Phone({ live, unread, chosen: (person) => dock?.turn(person) });
const dock = new Dock({ live, toasts: phone.pane.toasts });
new Guide(live);

const buttons = VIEWS.map(([name, key]) => viewButton(name, key));
byId("views").append(...buttons);
unread.onChange(badges);
live.on("reset", badges);
dock.drawn = badges;
NARROW.addEventListener("change", () => view(document.documentElement.dataset.view));

live.on("link", (up) => {
  byId("live").dataset.live = up ? "up" : "lost";
  say(byId("live-text"), up ? "live_up" : "live_lost");
});
byId("language").addEventListener("click", () => speak(language() === "en" ? "km" : "en"));
onLanguage(offerLanguage);
offerLanguage();
view("phone");
await live.start();

// Shows one part of the page on a narrow screen; on a wide one all stand side by side and all are watched.
function view(name) {
  document.documentElement.dataset.view = name;
  for (const button of buttons) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  phone.watch(!NARROW.matches || name === "phone");
  desk.watch(!NARROW.matches || name === "desk");
}

function viewButton(name, key) {
  const badge = el("b", { class: "badge", hidden: true });
  const node = el(
    "button",
    { type: "button", class: "view", data: { view: name } },
    icon(name),
    say(el("span"), key),
    badge,
  );
  node.addEventListener("click", () => view(name));
  return node;
}

function badges() {
  const chats = [...live.chats.values()];
  const worker = (chat) => chat.type === "private" && live.people.get(chat.person)?.role !== "operator";
  const sum = (some) => some.reduce((total, chat) => total + unread.count(chat.id), 0);
  const counts = [
    sum(chats.filter(worker)),
    sum(chats.filter((chat) => !worker(chat))),
    dock.parts.filter((part) => part.on()).length,
  ];
  buttons.forEach((button, index) => {
    const badge = button.querySelector(".badge");
    badge.hidden = counts[index] === 0;
    badge.textContent = String(counts[index]);
  });
}

// The button offers the other language in that language's own letters.
function offerLanguage() {
  const button = byId("language");
  const other = language() === "en" ? "km" : "en";
  button.lang = other;
  button.textContent = other === "km" ? "ខ្មែរ" : "English";
  button.title = word("language_change"); // its name is the word on it
}
