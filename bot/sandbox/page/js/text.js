// A person's or the bot's words with the formatting Telegram allows. Every run of words is set as text; links are shown
// but never live, since what a stranger wrote must not be one press away from an operator.

import { el, words } from "./dom.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "code",
  blockquote: "em",
  spoiler: "mark",
  url: "u",
  text_link: "u",
};

// Makes the element of a text. Entities are Telegram's: offsets count UTF-16 units, as JavaScript's strings do.
export function formatted(text, entities = [], properties = {}) {
  const known = entities.filter((entity) => TAGS[entity.type]);
  if (!known.length) return words(text, properties);
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of known) cuts.add(offset).add(Math.min(offset + length, text.length));
  const edges = [...cuts].sort((one, other) => one - other);
  const node = words("", properties);
  node.append(...edges.slice(0, -1).map((from, index) => run(text.slice(from, edges[index + 1]), from, known)));
  return node;
}

// Wraps one run in a tag for each entity that covers it.
function run(text, from, entities) {
  const over = entities.filter(({ offset, length }) => offset <= from && from < offset + length);
  return over.reduce((inside, entity) => el(TAGS[entity.type], {}, inside), document.createTextNode(text));
}
