"""A sound made anew from its samples, as a messenger wants a voice: Ogg with Opus, one channel.

Browsers record WebM (Chromium), Ogg (Firefox) or MP4 (Safari); telephones and programs make MP4, MP3 and WAV as well.
"""

import wave
from collections.abc import Iterator
from io import BytesIO

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer

FORMATS = ("matroska", "ogg", "mp4", "mp3", "wav")
"""As the library calls them; WebM is a Matroska. Others may name further files to be read, and are not looked at."""
CODECS = ("opus", "libopus", "vorbis", "aac", "mp3float", "mp3", "pcm_s16le")
SHORTEST, LONGEST = 0.5, 301
"""Seconds: more than a slip of the finger; five minutes, and the moment that a recorder takes to stop."""
RATE = 48_000
BITS = 24_000
"""A second, whatever is heard: five minutes stay below 1 MB, above which Telegram shows neither waveform nor length."""


def make(content: bytes) -> bytes:
    """Give it as Ogg; raises something if it is none of these formats, damaged, too long or too short."""
    known = {"format_whitelist": ",".join(FORMATS), "codec_whitelist": ",".join(CODECS)}
    speech = {"application": "voip", "vbr": "off", "compression_level": "5"}  # at half the time of the best, 10
    made = BytesIO()
    with av.open(BytesIO(content), "r", container_options=known) as sound, av.open(made, "w", format="ogg") as file:
        voice = file.add_stream("libopus", rate=RATE, layout="mono", options=speech)
        voice.bit_rate = BITS
        for frame in _frames(sound):
            file.mux(voice.encode(frame))
        file.mux(voice.encode(None))
    return made.getvalue()


def _frames(sound: InputContainer) -> Iterator[AudioFrame]:
    """Give the samples of its first voice, without the times it says they have: gaps would be filled with silence."""
    voice = sound.streams.audio[0]
    if voice.codec_context.name not in CODECS:
        raise ValueError("no sound that is known")
    heard = 0.0
    for frame in sound.decode(voice):
        heard += frame.samples / frame.sample_rate
        if heard > LONGEST:
            raise ValueError("too long")
        frame.pts = None
        yield frame
    if heard < SHORTEST:
        raise ValueError("too short")


def _load() -> None:
    """Make one out of silence, because the library loads much of itself only when it is used."""
    silence = BytesIO()
    with wave.open(silence, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(RATE))
    make(silence.getvalue())


_load()
