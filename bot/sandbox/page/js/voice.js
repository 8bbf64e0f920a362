// The window that sends a voice note: recorded here, picked from the disk, or a sample where there is no microphone.

import { el, icon, span } from "./dom.js";
import { dialog, endButtons } from "./dialogs.js";
import { lasts, sampleVoice } from "./sound.js";
import { say } from "./words.js";

// Asks for a voice note; `send(file, duration)` is called with it. The duration is in seconds.
export function askVoice(send) {
  const take = new Take();
  const { cancel, go } = endButtons("send");
  go.disabled = true;
  const player = el("audio", { controls: true, hidden: true });
  const said = el("p", { class: "take-state", role: "status" });
  const chosen = (file, duration) => {
    Object.assign(take, { file, duration });
    URL.revokeObjectURL(player.src);
    player.src = URL.createObjectURL(file);
    player.hidden = false;
    go.disabled = false;
    say(said, "voice_ready", { length: span(duration) });
  };
  const ways = [recording(take, chosen, said), picking(chosen), sampling(chosen)];
  dialog({
    title: "voice_title",
    body: [el("div", { class: "ways" }, ...ways), said, player],
    buttons: [cancel, go],
    submit: () => send(take.file, take.duration),
    closed: () => {
      take.drop();
      URL.revokeObjectURL(player.src);
    },
  });
}

// One recording from the microphone; it is stopped and let go however the window closes.
class Take {
  async begin(done) {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const parts = [];
    const began = performance.now();
    this.recorder = new MediaRecorder(this.stream);
    this.recorder.ondataavailable = (event) => parts.push(event.data);
    this.recorder.onstop = () => {
      this.drop();
      const type = this.recorder.mimeType.split(";")[0] || "audio/webm";
      const name = `voice.${type.split("/")[1]}`;
      done(new File(parts, name, { type }), Math.max(1, Math.round((performance.now() - began) / 1000)));
    };
    this.recorder.start();
  }

  end() {
    this.recorder?.stop();
  }

  get running() {
    return this.recorder?.state === "recording";
  }

  drop() {
    clearInterval(this.ticking);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}

function recording(take, chosen, said) {
  const button = way("mic", "voice_record");
  if (!navigator.mediaDevices || !window.MediaRecorder) {
    button.disabled = true;
    say(said, "voice_no_microphone");
    return button;
  }
  const idle = () => {
    button.classList.remove("hot");
    button.replaceChildren(icon("mic"), say(el("span"), "voice_record"));
  };
  button.addEventListener("click", async () => {
    if (take.running) return take.end();
    try {
      await take.begin((file, duration) => {
        idle();
        chosen(file, duration);
      });
    } catch {
      return void say(said, "voice_no_microphone"); // refused or absent: the two other ways remain
    }
    button.classList.add("hot");
    button.replaceChildren(icon("stop"), say(el("span"), "voice_stop"));
    let seconds = 0;
    take.ticking = setInterval(() => say(said, "voice_recording", { length: span((seconds += 1)) }), 1000);
    say(said, "voice_recording", { length: span(0) });
  });
  return button;
}

function picking(chosen) {
  const input = el("input", { type: "file", accept: "audio/*", class: "quiet", tabindex: "-1" });
  input.addEventListener("change", async () => {
    if (input.files[0]) chosen(input.files[0], await lasts(input.files[0]));
  });
  const button = way("file", "voice_pick");
  button.addEventListener("click", () => input.click());
  return el("div", { class: "way-box" }, button, input);
}

function sampling(chosen) {
  const button = way("play", "voice_sample");
  button.addEventListener("click", async () => {
    const { file, duration } = await sampleVoice();
    chosen(file, duration);
  });
  return button;
}

function way(drawing, key) {
  return el("button", { type: "button", class: "way" }, icon(drawing), say(el("span"), key));
}
