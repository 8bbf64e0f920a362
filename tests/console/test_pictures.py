"""Pictures at the console: what is shown was made anew from pixels, apart; what cannot be made is said so."""

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.console.apart import PROGRAM
from tests.console.browsing import Browser, Console

PLACE = b"N 11 33 E 104 55"
RED, BLUE = (200, 10, 10), (10, 10, 200)
GPS = 0x8825


def jpeg(size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """Make a picture: the left half is red, the right half blue."""
    return written("JPEG", size, **more)


def written(kind: str, size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """Make it in another format."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def turned() -> bytes:
    """Make one as a phone held upright does: lying, with a word on how to turn it and on where it was made."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, PLACE.decode()
    exif.get_ifd(GPS)[29] = PLACE.decode()
    return jpeg(exif=exif, comment=PLACE)


def flood(width: int, height: int) -> bytes:
    """Make a PNG of a few bytes that says it has so many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


async def sent(console: Console, content: bytes, kind: str = "photo", mime: str = "image/jpeg") -> tuple[str, str]:
    """Let somebody send a picture; gives the case's number and the record's id."""
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.after(person.sends_file(kind, content, name="x.jpg", mime=mime))
    opened = await console.house.opened(number)
    return number, next(item.id for item in opened.items if item.body["kind"] == "media")


async def shown(console: Console, browser: Browser, number: str, record: str) -> httpx.Response:
    """Ask for the picture, as a press on it does."""
    answer = await browser.get(f"/cases/{number}/pictures/{record}")
    await console.house.settled()
    return answer


def pixels(answer: httpx.Response) -> Image.Image:
    """Open what a browser was given."""
    assert answer.status_code == 200, answer.text
    return Image.open(BytesIO(answer.content), formats=["JPEG"])


async def test_a_picture_is_shown_upright_and_small_without_what_was_around_it(console: Console) -> None:
    """No place, no camera, no comment: only what was to be seen; and nothing of it may be kept by a browser."""
    dara = await console.dara()
    answer = await shown(console, dara, *await sent(console, turned()))
    image = pixels(answer)
    top, bottom = image.getpixel((15, 5)), image.getpixel((15, 35))

    assert image.size == (30, 40) and isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 150 > bottom[0] and bottom[2] > 150 > top[2]
    assert PLACE not in answer.content and b"Exif" not in answer.content and PLACE in turned()
    assert answer.headers["content-type"] == "image/jpeg" and answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_seeing_a_picture_is_an_opening(console: Console) -> None:
    """The page alone opens nothing; the press is recorded, and only then has a human seen it."""
    dara = await console.dara()
    number, record = await sent(console, jpeg())
    page = (await dara.get(f"/cases/{number}")).text
    before = (await dara.get("/queue")).text
    await shown(console, dara, number, record)
    acts = [one.entry.act for one in await console.house.store.console.newest(before=None, limit=1)]

    assert f'href="/cases/{number}/pictures/{record}"' in page and "<img" not in page
    assert "To hear or see" in before and "To hear or see" not in (await dara.get("/queue")).text
    assert acts == ["opened_file"]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "MPO"])
async def test_every_format_of_phones_is_shown(console: Console, kind: str) -> None:
    """Also sent as a file, and whatever its name says."""
    dara = await console.dara()
    number, record = await sent(console, written(kind, (3200, 1000)), "document", "image/png")

    assert pixels(await shown(console, dara, number, record)).size == (1600, 500)


BAD: dict[str, Callable[[], bytes]] = {
    "a flood of pixels": lambda: flood(50_000, 50_000),
    "more pixels than a camera has": lambda: flood(10_000, 6_000),
    "cut off": lambda: jpeg((400, 300))[:-300],
    "another format": lambda: written("BMP"),
    "a drawing with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a page": lambda: b"<html><script>alert(1)</script>",
    "nothing but a beginning": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF",
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_picture_is_only_saved(console: Console, what: str) -> None:
    """It is said so, kindly; it does not count as seen, and can still be saved as it came."""
    dara = await console.dara()
    content = BAD[what]()
    number, record = await sent(console, content)
    answer = await shown(console, dara, number, record)

    assert answer.status_code == 422 and "cannot be shown here" in answer.text
    assert "To hear or see" in (await dara.get("/queue")).text
    assert (await dara.get(f"/cases/{number}/files/{record}")).content == content


@pytest.mark.parametrize("tail", [b"PK\x03\x04" + bytes(99), b"<script>alert(1)</script>", b"%PDF-1.7 /JavaScript"])
async def test_what_hides_behind_a_picture_is_gone(console: Console, tail: bytes) -> None:
    """A file that is two things at once is shown as one of them."""
    dara = await console.dara()
    answer = await shown(console, dara, *await sent(console, jpeg() + tail))

    assert pixels(answer).size == (40, 30) and tail[:8] not in answer.content


async def test_what_was_not_shown_or_played_does_not_count_as_seen(console: Console) -> None:
    """A document asked for as a voice, or as a picture, stays one that nobody opened."""
    dara = await console.dara()
    number, record = await sent(console, b"a letter", "document", "text/plain")
    answers = [await dara.get(f"/cases/{number}/{what}/{record}") for what in ("voice", "pictures")]
    await console.house.settled()

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "To hear or see" in (await dara.get("/queue")).text


TRIES = """
import json, os, socket, sys
sys.path.insert(0, sys.argv[1])
import limits
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)  # as a service has a user of its own
limits.confine()
def tried(act):
    try:
        act()
    except (OSError, ValueError, MemoryError) as error:
        return type(error).__name__
    return "done"
acts = {
    "file": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "socket": socket.socket,
    "memory": lambda: bytes(limits.MEMORY),
    "another": os.fork,
}
found = {name: tried(act) for name, act in acts.items()} | {"environment": dict(os.environ)}
os.close(0)
print(json.dumps(found | {"afterwards": tried(socket.socket)}))
"""


def test_the_process_apart_can_open_nothing() -> None:
    """No file, no socket, not even in place of one that it closed; it can start nobody, and it has no keys."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, str(PROGRAM)], env={}, input=b"", capture_output=True, check=True
    )
    found = json.loads(ran.stdout)

    assert found["file"] == found["socket"] == found["afterwards"] == "OSError"
    assert (found["another"], found["memory"]) == ("BlockingIOError", "MemoryError")
    assert set(found["environment"]) <= {"LC_CTYPE"}


def test_the_process_apart_cannot_load_the_helpline() -> None:
    """Not even from the helpline's own folder: the program is its folder, and what is installed."""
    house = Path(__file__).resolve().parents[2]
    program = [sys.executable, "-I", str(PROGRAM), "bot.vault.keyring"]
    ran = subprocess.run(program, cwd=house, env={}, input=b"", capture_output=True, check=False)

    assert ran.returncode == 1 and b"No module named 'bot'" in ran.stderr
