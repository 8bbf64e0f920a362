// Records an answer into its form's own file field: it is heard there before it is sent, and sent as any file is.
function prepare(form) {
  const [file, player] = [form.querySelector("[type=file]"), form.querySelector("audio")];
  const [button, clock] = [form.querySelector("[type=button]"), form.querySelector("[role=timer]")];
  const start = button.textContent;
  let recorder = null;

  function chosen() {
    URL.revokeObjectURL(player.src);
    player.hidden = !file.files.length;
    if (file.files.length) player.src = URL.createObjectURL(file.files[0]);
  }

  function stopped(parts, stream, ticking) {
    clearInterval(ticking);
    for (const track of stream.getTracks()) track.stop();
    const recorded = new DataTransfer();
    recorded.items.add(new File(parts, "voice", { type: recorder.mimeType }));
    file.files = recorded.files;
    button.textContent = start;
    recorder = null;
    chosen();
  }

  function record(stream) {
    const [parts, began] = [[], Date.now()];
    recorder = new MediaRecorder(stream, { audioBitsPerSecond: 64000 });
    const ticking = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds >= Number(form.dataset.longest)) recorder.stop();
    }, 250);
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => stopped(parts, stream, ticking));
    recorder.start();
    button.textContent = button.dataset.stop;
  }

  async function press() {
    if (recorder) return recorder.stop();
    button.disabled = true;
    try {
      record(await navigator.mediaDevices.getUserMedia({ audio: true }));
    } catch {
      Object.assign(button.parentElement, { role: "status", textContent: form.dataset.refused });
    }
    button.disabled = false;
  }

  file.addEventListener("change", chosen);
  button.addEventListener("click", press);
  button.parentElement.hidden = !(navigator.mediaDevices && window.MediaRecorder);
}

document.querySelectorAll(".speak form").forEach(prepare);
