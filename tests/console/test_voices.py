"""Operators' own voices: made anew, sent as the contact rule allows, kept in the case, and never in clear on disk."""

import base64
import io
import math
import wave
from array import array
from pathlib import Path

import pytest

from bot.console.apart import Apart, seconds_of
from bot.console.confined import voice
from bot.console.guard import POLICY
from tests.console.browsing import SAME, Console

TITLE = b"recorded at the office"
SEALED = b"OpusHead\x01\x01\x38\x01"
"""What stands at the beginning of every voice that goes out."""


def a_sound(seconds: float = 1.0, *, rate: int = 16_000) -> bytes:
    """Make a tone, with a title as programs write one beside it."""
    samples = array("h", (int(9000 * math.sin(at / 6)) for at in range(int(seconds * rate))))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())
    return file.getvalue() + b"LIST" + len(TITLE).to_bytes(4, "little") + TITLE


async def test_a_voice_goes_at_once_while_it_is_an_answer(console: Console) -> None:
    """As a voice message, made anew of its samples; and its sound is in the case, for whoever may open that."""
    dara, bopha = await console.dara(), await console.bopha()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    answer = await dara.speaks(number, a_sound(2))
    sent = person.messages()[-1].content["voice"]
    kept = (await console.house.opened(number)).items[-1]
    played = await bopha.get(f"/cases/{number}/voice/{kept.id}")

    assert f"Sent to {number}" in (await dara.get(answer.headers["location"])).text
    assert sent["duration"] == 2 and sent["mime_type"] == "audio/ogg"
    assert kept.file is not None and kept.file.startswith(b"OggS") and TITLE not in kept.file
    assert kept.body["operator"] == console.house.dara.id and "content" not in kept.body["file"]
    assert played.content == kept.file and played.headers["content-type"] == "audio/ogg"
    assert f"/cases/{number}/voice/{kept.id}" in (await dara.get(f"/cases/{number}")).text


def on_disk(folder: Path, words: bytes) -> list[str]:
    """Give the files that hold these bytes, in clear or as text."""
    spelt = [words, *(base64.b64encode(b"x" * shift + words)[4:-4] for shift in range(3))]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(one in path.read_bytes() for one in spelt)]


async def test_a_voice_waits_for_the_person_where_the_rule_says_so(console: Console) -> None:
    """Shown as waiting; not in clear on the disk while it waits, nor afterwards; it outlives a kill, and goes once."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.passes(minutes=20)
    await dara.resumes()
    await dara.speaks(number, a_sound())
    waiting = (await dara.get(f"/cases/{number}")).text
    found = on_disk(console.house.folder, SEALED)
    held = [one for one in person.messages() if "voice" in one.content]
    await console.house.restart(clean=False)
    await console.house.after(person.says("Yes"))
    sent = [one for one in person.messages() if "voice" in one.content]

    assert "still waiting to go: 1" in waiting and held == [] and len(sent) == 1
    assert found == [] == on_disk(console.house.folder, SEALED)
    assert any(SEALED in (item.file or b"") for item in (await console.house.opened(number)).items)


BAD = {
    "nothing": b"",
    "words": b"not a sound at all",
    "a list of other files": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a slip of the finger": a_sound(0.3),
    "cut off in its head": a_sound()[:30],
}


@pytest.mark.parametrize("what", BAD)
async def test_what_cannot_be_sent_is_said_so(console: Console, what: str) -> None:
    """Kindly; nothing goes, and nothing is kept."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    before = len(person.messages())
    answer = await dara.speaks(number, BAD[what])

    assert answer.status_code == 400 and "could not be sent as a voice message" in answer.text
    assert len(person.messages()) == before and (await console.house.opened(number)).of("reply") == []


async def test_a_voice_sent_twice_goes_once(console: Console) -> None:
    """Pressed twice, or sent again by a bad line."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    once = await dara.once(number)
    for _ in range(2):
        await dara.speaks(number, a_sound(), once=once)

    assert sum("voice" in one.content for one in person.messages()) == 1


async def test_only_this_form_brings_a_file_and_only_one(console: Console) -> None:
    """Ten megabytes and no more; elsewhere nothing of it is even read; what no browser writes is refused."""
    dara = await console.dara()
    number = (await console.house.in_danger(console.house.person()))["number"]
    once = await dara.once(number)
    headers = {**SAME, "Cookie": f"__Host-helpline={dara.cookie}"}

    async def status(path: str, body: bytes, kind: str = "multipart/form-data; boundary=b") -> int:
        answer = await dara.client.post(path, content=body, headers={**headers, "Content-Type": kind})
        return answer.status_code

    def parts(*names: str) -> bytes:
        return b"".join(b"--b\r\nContent-Disposition: form-data; " + name.encode() + b"\r\n\r\nx\r\n" for name in names)

    page, field, file = f"/cases/{number}/voice", 'name="once"', 'name="sound"; filename="a"'
    wrong = [
        parts(field, file),
        parts(field, file, file) + b"--b--\r\n",
        parts(field, field, file) + b"--b--\r\n",
        parts("name=once") + b"--b--\r\n",
        b"before" + parts(field) + b"--b--\r\n",
        parts(*(f'name="f{n}"' for n in range(30))) + b"--b--\r\n",
        b"",
    ]

    assert [await status(page, body) for body in wrong] == [400] * len(wrong)
    assert await status(page, bytes(11 << 20)) == 413
    assert await status(page, b"once=" + once.encode(), "application/x-www-form-urlencoded") == 415
    assert await status(f"/cases/{number}/act", parts(field) + b"--b--\r\n") == 415
    assert await status("/login", parts(field) + b"--b--\r\n") == 415


async def test_only_the_page_of_a_case_may_use_the_microphone(console: Console) -> None:
    """What may be played stands in the policy of all pages: one of its own would keep it out of the frame of `try`."""
    dara = await console.dara()
    number = (await console.house.in_danger(console.house.person()))["number"]
    case, queue = (await dara.get(f"/cases/{number}")).headers, (await dara.get("/queue")).headers

    assert "microphone=(self)" in case["permissions-policy"] and "microphone=()" in queue["permissions-policy"]
    assert case["content-security-policy"] == queue["content-security-policy"] == POLICY
    assert "media-src 'self' blob:;" in POLICY


async def test_five_minutes_fit() -> None:
    """Below the megabyte up to which Telegram shows waveform and length: each tenth of them has its tenth of it."""
    made = await Apart().voice(a_sound(30))

    assert made is not None and seconds_of(made) == 30 and len(made) < 100_000


def test_more_than_five_minutes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what is heard, whatever length the file says it has; a second stands for them here."""
    monkeypatch.setattr(voice, "LONGEST", 1)

    assert voice.make(a_sound(0.9))
    with pytest.raises(ValueError, match="too long"):
        voice.make(a_sound(1.2))
