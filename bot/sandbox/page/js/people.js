// The people whose phone one can hold, and the window that adds one.

import * as api from "./api.js";
import { arrow, el, face, words } from "./dom.js";
import { dialog, endButtons, field } from "./dialogs.js";
import { say, label, word } from "./words.js";

const LANGUAGES = ["km", "en", "th", "vi", "ms", ""]; // "" is a phone that tells Telegram no language
const ROLES = ["worker", "sister", "operator"];

// Draws a row of people as radios: one is chosen; arrow keys move the choice. `count(person)` is the unread number.
export function drawPeople(root, people, { chosen, choose, count, detail }) {
  const buttons = people.map((person) => radio(person, { chosen, count, detail }));
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(people[index].id));
    button.addEventListener("keydown", (event) => {
      const next = arrow(event, people.length, index);
      if (next === null) return;
      choose(people[next].id);
      root.children[next]?.focus();
    });
  });
  const held = root.contains(document.activeElement);
  root.replaceChildren(...buttons);
  if (held) buttons.find((button) => button.getAttribute("aria-checked") === "true")?.focus();
}

function radio(person, { chosen, count, detail }) {
  const is = person.id === chosen;
  const news = count(person);
  const name = words(person.name, { class: "person-name" });
  const about = detail ? el("span", { class: "person-detail" }, detail(person)) : null;
  const badge = news ? label(el("b", { class: "badge", role: "img" }, String(news)), "unread", { count: news }) : null;
  const blocked = person.blocked ? say(el("span", { class: "person-blocked" }), "blocked_mark") : null;
  return el(
    "button",
    {
      type: "button",
      role: "radio",
      class: "person",
      "aria-checked": String(is),
      tabindex: is ? "0" : "-1",
    },
    face(person),
    el("span", { class: "person-text" }, name, about, blocked),
    badge,
  );
}

// Says a person's role and language in a few words.
export function personDetail(person) {
  const tongue = word(`language_${person.language_code || "none"}`);
  return `${word(`role_${person.role}`)} · ${tongue}`;
}

// Asks for a new person; `added(id, role)` is called once the sandbox has made one.
export function askPerson(toasts, added) {
  const name = el("input", {
    type: "text",
    class: "input",
    required: true,
    maxlength: "64",
    dir: "auto",
    autocomplete: "off",
  });
  const role = select(ROLES, "role_long_");
  const tongue = select(LANGUAGES, "language_");
  const { cancel, go } = endButtons("add");
  dialog({
    title: "people_add",
    buttons: [cancel, go],
    body: [
      field("person_name", name),
      field("person_role", role),
      field("person_language", tongue),
      say(el("p", { class: "note" }), "person_note"),
    ],
    submit: () => {
      if (!name.value.trim()) return false;
      const person = { name: name.value.trim(), role: role.value, language_code: tongue.value || null };
      toasts.attempt(async () => added((await api.addPerson(person)).id, person.role));
      return true;
    },
  });
  name.focus();
}

function select(values, prefix) {
  return el(
    "select",
    { class: "input" },
    ...values.map((value) => say(el("option", { value }), `${prefix}${value || "none"}`)),
  );
}
