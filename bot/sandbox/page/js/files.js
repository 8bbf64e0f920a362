// The window that sends a photo, a video or a file with a few words to it.

import { el, icon, size, words } from "./dom.js";
import { dialog, endButtons, field } from "./dialogs.js";
import { say } from "./words.js";

// Asks for a photo or video, or for any file. `send(kind, file, caption)` is called with it.
export function askFile(kind, send) {
  const state = { file: null, url: "" };
  const { cancel, go } = endButtons("send");
  const caption = el("input", { type: "text", class: "input", dir: "auto", autocomplete: "off" });
  const view = el("div", { class: "preview" });
  const input = el("input", {
    type: "file",
    class: "quiet",
    tabindex: "-1",
    accept: kind === "photo" ? "image/*,video/*" : null,
  });
  const chosen = (file) => {
    state.file = file;
    go.disabled = false;
    show(state, view, kind);
  };
  input.addEventListener("change", () => input.files[0] && chosen(input.files[0]));
  const ways = [way("file", kind === "photo" ? "photo_pick" : "file_pick", () => input.click())];
  if (kind === "photo") ways.push(way("photo", "photo_sample", async () => chosen(await samplePhoto())));
  go.disabled = true;
  dialog({
    title: kind === "photo" ? "photo_title" : "file_title",
    body: [el("div", { class: "ways" }, ...ways, input), view, field("caption", caption)],
    buttons: [cancel, go],
    submit: () => send(kindOf(state.file, kind), state.file, caption.value.trim() || undefined),
    closed: () => URL.revokeObjectURL(state.url),
  });
}

// A picture sent "as a file" is a document to Telegram, so only the photo window looks at what the file is.
function kindOf(file, kind) {
  return kind === "photo" && file.type.startsWith("video/") ? "video" : kind;
}

function show(state, view, kind) {
  URL.revokeObjectURL(state.url);
  const { file } = state;
  const about = el("p", { class: "preview-about" }, words(file.name), ` · ${size(file.size)}`);
  if (kind !== "photo" || !file.type.startsWith("image/")) return view.replaceChildren(icon("file"), about);
  state.url = URL.createObjectURL(file);
  view.replaceChildren(el("img", { src: state.url, alt: "" }), about);
}

function way(drawing, key, run) {
  return el("button", { type: "button", class: "way", on: { click: run } }, icon(drawing), say(el("span"), key));
}

// Paints a photo to try with: a river at dusk. It shows nobody and is nowhere.
async function samplePhoto() {
  const canvas = el("canvas", { width: 960, height: 720 });
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, 470);
  ["#24365c", "#8a5a83", "#eb9c74", "#f6cf93"].forEach((colour, index) => sky.addColorStop(index / 3, colour));
  band(pen, sky, 0, 470);
  const water = pen.createLinearGradient(0, 440, 0, 720);
  ["#e3a582", "#7d6a8d", "#27405f"].forEach((colour, index) => water.addColorStop(index / 2, colour));
  band(pen, water, 440, 280);
  pen.fillStyle = "#fbe3b6";
  pen.beginPath();
  pen.arc(640, 392, 46, 0, Math.PI * 2);
  pen.fill();
  for (let line = 0; line < 9; line += 1)
    band(pen, "rgba(251, 227, 182, 0.28)", 470 + line * 24, 4, 640 - 90 + line * 7, 180 - line * 14);
  pen.fillStyle = "#1c2a35";
  pen.beginPath();
  pen.moveTo(0, 400);
  [
    [130, 372],
    [260, 392],
    [420, 380],
    [560, 410],
    [960, 428],
    [960, 446],
    [0, 446],
  ].forEach(([x, y]) => pen.lineTo(x, y));
  pen.fill();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return new File([blob], "sample-photo.jpg", { type: "image/jpeg" });
}

function band(pen, colour, top, height, left = 0, width = 960) {
  pen.fillStyle = colour;
  pen.fillRect(left, top, width, height);
}
