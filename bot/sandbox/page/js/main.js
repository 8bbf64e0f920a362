// Puts the page together: words first, then its sides and the dock, then the stream that keeps them true.

import { Console } from "./console.js";
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
  ["console", "view_console"],
  ["trouble", "view_trouble"],
];
// The same widths as in frame.css: below them one side at a time, or the phone and one of the operators' two.
const NARROW = matchMedia("(max-width: 959px)");
const MIDDLE = matchMedia("(min-width: 960px) and (max-width: 1239px)");

await loadWords();
const live = new Live();
const unread = new Unread(live);
const requests = new Requests();
const desk = new Desk({ live, unread, requests });
const phone = new Phone({ live, unread, chosen: (person) => dock?.turn(person) });
const dock = new Dock({ live, toasts: phone.pane.toasts });
new Console(live);
new Guide(live);

const buttons = VIEWS.map(([name, key]) => viewButton(name, key));
byId("views").append(...buttons);
unread.onChange(badges);
live.on("reset", badges);
dock.drawn = badges;
live.on("reset", () => (viewOf("console").hidden = !live.console));
for (const width of [NARROW, MIDDLE])
  width.addEventListener("change", () => view(document.documentElement.dataset.view));

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
function view(asked) {
  const name = MIDDLE.matches && asked !== "console" ? "desk" : asked; // there the phone is always seen
  document.documentElement.dataset.view = name;
  for (const button of buttons) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  phone.watch(!NARROW.matches || name === "phone");
  desk.watch(!(NARROW.matches || MIDDLE.matches) || name === "desk");
}

function viewOf(name) {
  return buttons.find((button) => button.dataset.view === name);
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
  const counts = {
    phone: sum(chats.filter(worker)),
    desk: sum(chats.filter((chat) => !worker(chat))),
    trouble: dock.parts.filter((part) => part.on()).length,
  };
  for (const [name, count] of Object.entries(counts)) {
    const badge = viewOf(name).querySelector(".badge");
    badge.hidden = count === 0;
    badge.textContent = String(count);
  }
}

// The button offers the other language in that language's own letters.
function offerLanguage() {
  const button = byId("language");
  const other = language() === "en" ? "km" : "en";
  button.lang = other;
  button.textContent = other === "km" ? "ខ្មែរ" : "English";
  button.title = word("language_change"); // its name is the word on it
}
