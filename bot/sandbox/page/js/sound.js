// Sounds made and measured in the browser: a voice note for machines without a microphone, and the picture of any note.

const RATE = 16000; // samples a second: enough for speech, and small
const SYLLABLES = [0.1, 0.38, 0.62, 1.0, 1.3, 1.52, 1.95, 2.2, 2.55]; // seconds at which a syllable begins
const VOWELS = [
  [650, 1080],
  [400, 1700],
  [300, 870],
  [570, 1980],
]; // first two formants in Hz: a, e, u, i-like
const LENGTH = 3; // seconds

// Makes a voice note that sounds like a person humming a sentence behind a wall: nobody's voice, no words.
export async function sampleVoice() {
  const room = new OfflineAudioContext(1, RATE * LENGTH, RATE);
  const throat = new OscillatorNode(room, { type: "sawtooth", frequency: 165 });
  SYLLABLES.forEach((at, index) =>
    throat.frequency.linearRampToValueAtTime(150 + 35 * Math.sin(index * 1.7), at + 0.1),
  );
  const loud = new GainNode(room, { gain: 0 });
  for (const [index, at] of SYLLABLES.entries()) {
    loud.gain.setTargetAtTime(0.5 + 0.3 * Math.cos(index), at, 0.03);
    loud.gain.setTargetAtTime(0.02, at + 0.16, 0.05);
  }
  for (const formant of [0, 1]) {
    const mouth = new BiquadFilterNode(room, { type: "bandpass", Q: 6, frequency: VOWELS[0][formant] });
    SYLLABLES.forEach((at, index) => mouth.frequency.setTargetAtTime(VOWELS[index % VOWELS.length][formant], at, 0.04));
    throat.connect(mouth).connect(loud);
  }
  loud.connect(room.destination);
  throat.start();
  const heard = await room.startRendering();
  return {
    file: new File([wave(heard.getChannelData(0))], "sample-voice.wav", { type: "audio/wav" }),
    duration: LENGTH,
  };
}

// Measures a sound: `count` heights from 0 to 1, the loudest being 1. Fails where the browser cannot read the format.
export async function peaks(url, count) {
  const bytes = await (await fetch(url)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  const samples = sound.getChannelData(0);
  const step = Math.max(1, Math.floor(samples.length / count));
  const heights = Array.from({ length: count }, (_, index) => loudest(samples, index * step, step));
  const top = Math.max(...heights, 0.001);
  return heights.map((height) => height / top);
}

// Finds how long a sound file lasts, in seconds; 0 where the browser cannot tell.
export async function lasts(file) {
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
    return Math.round(sound.duration);
  } catch {
    return 0;
  }
}

function loudest(samples, from, count) {
  let top = 0;
  for (let at = from; at < from + count && at < samples.length; at += 8) top = Math.max(top, Math.abs(samples[at]));
  return top;
}

// Writes samples as a WAV file: the one format that every browser can both make without help and play.
function wave(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, letters) =>
    [...letters].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // plain samples
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, index) => view.setInt16(44 + index * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return view.buffer;
}
