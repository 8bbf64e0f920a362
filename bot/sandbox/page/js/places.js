// Places a worker may write from, and the window that sends one. No map is fetched from anywhere.

import { el, icon } from "./dom.js";
import { dialog, endButtons, field } from "./dialogs.js";
import { say } from "./words.js";

// Rough positions of towns and waters, for trying only: none is an address of anything.
const PLACES = [
  { key: "place_bangkok", latitude: 13.7563, longitude: 100.5018 },
  { key: "place_ranong", latitude: 9.9529, longitude: 98.6085 },
  { key: "place_poipet", latitude: 13.6563, longitude: 102.5612 },
  { key: "place_kuala", latitude: 3.139, longitude: 101.6869 },
  { key: "place_singapore", latitude: 1.3521, longitude: 103.8198 },
  { key: "place_jakarta", latitude: -6.2088, longitude: 106.8456 },
  { key: "place_sihanoukville", latitude: 10.6278, longitude: 103.5222 },
  { key: "place_sea", latitude: 8.5, longitude: 101.9 },
];
const NEAR = 0.02; // degrees, about two kilometres: still called by the place's name

// Finds the named place at a position, or undefined.
export function nearest(spot) {
  return PLACES.find((place) => Math.hypot(place.latitude - spot.latitude, place.longitude - spot.longitude) < NEAR);
}

// Asks for a place; `send({latitude, longitude})` is called with the choice.
export function askPlace(send) {
  const latitude = degrees(90);
  const longitude = degrees(180);
  const choices = PLACES.map((place, index) => choice(place, index === 0, () => fill(place)));
  const fill = (place) => {
    latitude.value = place.latitude;
    longitude.value = place.longitude;
  };
  fill(PLACES[0]);
  const list = el("fieldset", { class: "choices" }, say(el("legend", { class: "quiet" }), "place_title"), ...choices);
  const numbers = el("div", { class: "pair" }, field("latitude", latitude), field("longitude", longitude));
  const { cancel, go } = endButtons("send");
  dialog({
    title: "place_title",
    body: [list, numbers],
    buttons: [cancel, go],
    submit: () => send({ latitude: Number(latitude.value), longitude: Number(longitude.value) }),
  });
}

function choice(place, first, run) {
  const radio = el("input", { type: "radio", name: "place", checked: first, on: { change: run } });
  return el("label", { class: "choice" }, radio, icon("place"), say(el("span"), place.key));
}

function degrees(most) {
  return el("input", {
    type: "number",
    class: "input",
    min: -most,
    max: most,
    step: "any",
    required: true,
    inputmode: "decimal",
  });
}
