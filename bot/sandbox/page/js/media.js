// What a message carries besides words: photo, voice note, file, video, place.

import { el, icon, size, span, words } from "./dom.js";
import { nearest } from "./places.js";
import { peaks } from "./sound.js";
import { label, say, word } from "./words.js";

const BARS = 30; // bars of a voice note's picture: what fits beside the button at 360 pixels
let speaking = null; // the one voice note that plays: two at once help nobody

// Makes the body of a message's file or place, or null for a message of words alone.
export function body(message) {
  if (message.photo) return photo(message);
  if (message.voice) return voice(message.voice);
  if (message.video)
    return el("video", { class: "msg-video", src: message.video.url, controls: true, preload: "metadata" });
  if (message.document) return file(message.document);
  return message.location ? place(message.location) : null;
}

function photo(message) {
  const picture = el("img", {
    class: "msg-photo",
    src: message.photo.url,
    alt: word("photo_from", { name: message.from.name }),
  });
  picture.addEventListener("error", () => picture.replaceWith(say(el("p", { class: "msg-broken" }), "photo_broken")));
  return picture;
}

function file(item) {
  const about = el(
    "span",
    { class: "file-about" },
    words(item.name ?? "", { class: "file-name" }),
    el("span", { class: "file-size" }, size(item.size ?? 0)),
  );
  return el(
    "a",
    { class: "file", href: item.url, download: item.name ?? "file" },
    el("span", { class: "file-mark" }, icon("file")),
    about,
  );
}

function place(spot) {
  const exact = `${spot.latitude.toFixed(5)}, ${spot.longitude.toFixed(5)}`;
  const known = nearest(spot);
  const name = known ? say(el("b"), known.key) : say(el("b"), "kind_location");
  return el(
    "div",
    { class: "spot" },
    el("div", { class: "spot-map", "aria-hidden": "true" }, icon("place")),
    el("p", { class: "spot-text" }, name, el("span", { class: "spot-exact" }, exact)),
  );
}

function voice(item) {
  const sound = el("audio", { src: item.url, preload: "none" });
  const button = label(el("button", { type: "button", class: "voice-play" }, icon("play")), "play");
  const bars = el("span", { class: "voice-bars", "aria-hidden": "true" });
  const time = el("span", { class: "voice-time" }, span(item.duration));
  const draw = (heights) => bars.replaceChildren(...heights.map((height) => bar(height)));
  draw(new Array(BARS).fill(0.25));
  peaks(item.url, BARS).then(draw, () => undefined); // a sound the browser cannot read keeps its flat picture
  button.addEventListener("click", () => (sound.paused ? play(sound) : sound.pause()));
  for (const event of ["play", "pause", "ended"]) sound.addEventListener(event, () => face(button, sound.paused));
  sound.addEventListener("timeupdate", () => {
    const length = Number.isFinite(sound.duration) ? sound.duration : item.duration || 1;
    [...bars.children].forEach((node, index) =>
      node.classList.toggle("done", index / BARS < sound.currentTime / length),
    );
    time.textContent = span(sound.currentTime);
  });
  return el("div", { class: "voice" }, button, el("span", { class: "voice-line" }, bars, time), sound);
}

function play(sound) {
  speaking?.pause();
  speaking = sound;
  sound.play().catch((error) => console.info("this sound cannot be played here:", error.name));
}

function face(button, paused) {
  button.replaceChildren(icon(paused ? "play" : "pause"));
  label(button, paused ? "play" : "pause");
}

function bar(height) {
  const node = el("i");
  node.style.setProperty("--height", `${Math.round(15 + 85 * height)}%`);
  return node;
}
