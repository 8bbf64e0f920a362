// The words of the page's frame in both languages. A node remembers the key of its sentence, so a change of language
// rewrites the page in place: drafts, scroll positions and open chats stay.

const LANGUAGES = ["en", "km"];
const KEPT = "helpline-sandbox-language";
const tables = {};
const filled = new WeakMap(); // node -> the values of its placeholders
const told = new Set(); // who is to be told of a change of language

let current = "en";

// Reads both tables; words asked for before that would be missing, so the page waits for it.
export async function loadWords() {
  await Promise.all(
    LANGUAGES.map(async (code) => {
      tables[code] = await (await fetch(`words/${code}.json`)).json();
    }),
  );
  const kept = recall(KEPT);
  speak(LANGUAGES.includes(kept) ? kept : "en");
}

// Says one sentence; {name} is replaced from values. A key that is missing is shown as itself, to be seen and mended.
export function word(key, values = {}) {
  const sentence = tables[current]?.[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Writes a sentence into a node, to be rewritten when the language changes.
export function say(node, key, values = {}) {
  node.dataset.word = key;
  filled.set(node, values);
  node.textContent = word(key, values);
  return node;
}

// Gives a node its spoken name and its tooltip, likewise rewritten.
export function label(node, key, values = {}) {
  node.dataset.wordLabel = key;
  filled.set(node, values);
  name(node, word(key, values));
  return node;
}

// Gives a typing box its grey hint, likewise rewritten.
export function hint(node, key) {
  node.dataset.wordHint = key;
  node.placeholder = word(key);
  return node;
}

export function language() {
  return current;
}

// Changes the language of the frame. What people and the bot wrote is theirs and stays.
export function speak(code) {
  current = code;
  keep(KEPT, code);
  document.documentElement.lang = code;
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-word]"))
    node.textContent = word(node.dataset.word, filled.get(node));
  for (const node of document.querySelectorAll("[data-word-label]"))
    name(node, word(node.dataset.wordLabel, filled.get(node)));
  for (const node of document.querySelectorAll("[data-word-hint]")) node.placeholder = word(node.dataset.wordHint);
  for (const run of told) run(code);
}

// Calls `run` at every change of language, for what is composed of several sentences.
export function onLanguage(run) {
  told.add(run);
}

// Keeps a small choice of the viewer in this browser; a browser that refuses storage only forgets.
export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    console.info("not kept:", key, error.name);
  }
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function name(node, text) {
  node.setAttribute("aria-label", text);
  if (node.matches("button")) node.title = text;
}
