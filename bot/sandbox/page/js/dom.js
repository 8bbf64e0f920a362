// Making elements. Everything a person wrote enters the page here, as text: no markup is ever parsed.

const SVG = "http://www.w3.org/2000/svg";

// Makes an element. Properties: `class`, `on` (listeners by event name), `data` (dataset), anything else an attribute;
// true writes an empty attribute, false, null and undefined write none. Children: nodes or strings.
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (key === "data") Object.assign(node.dataset, value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Makes a drawing from the sprite; it says nothing to a screen reader, the control around it has the name.
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons/icons.svg#${name}`);
  drawing.append(use);
  return drawing;
}

// Makes a run of a person's words: the direction is taken from the words and stays inside them, overrides included.
export function words(text, properties = {}) {
  const node = el("bdi", { dir: "auto", ...properties });
  node.textContent = text;
  return node;
}

// Finds the element with this id; the page and its scripts are one thing, so a missing one is a mistake of ours.
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html has no element with the id ${id}`);
  return node;
}

// Makes the round picture of a person: the first letter (a whole cluster, for Khmer) on one of six colours.
export function face(person, properties = {}) {
  const letters = new Intl.Segmenter("km", { granularity: "grapheme" }).segment(person.name.trim() || "?");
  const node = el("span", {
    class: "face",
    "aria-hidden": "true",
    data: { hue: String(Math.abs(person.id) % 6) },
    ...properties,
  });
  node.textContent = [...letters][0].segment;
  return node;
}

// Moves the choice inside a row of radios, tabs or menu items by arrow keys, Home and End; gives the new index or null.
export function arrow(event, count, index) {
  const next = {
    ArrowRight: index + 1,
    ArrowDown: index + 1,
    ArrowLeft: index - 1,
    ArrowUp: index - 1,
    Home: 0,
    End: count - 1,
  }[event.key];
  if (next === undefined) return null;
  event.preventDefault();
  return (next + count) % count;
}

// Says hours and minutes of a Telegram date (seconds since 1970) on this machine's clock.
export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

// Says a length as minutes and seconds, as phones do.
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Says a size in the unit a person would use.
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
