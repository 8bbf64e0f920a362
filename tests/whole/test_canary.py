"""Nothing a person wrote lies in clear on disk, whenever the helpline dies; all of it opens for the organisation."""

import base64
import json
import re
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.sandbox import Fault, Group, Person, Sandbox
from bot.sandbox.chats import Message
from bot.vault.provisional import PROVISIONAL_KEY
from bot.vault.server_key import SERVER_KEY
from tests.whole.process import Ended, Process
from tests.whole.searching import found

TEXTS = {
    "words": "ក្អែកស zqwordszq",
    "edited": "ក្អែកខ្មៅ zqeditedzq",
    "caption": "ទន្សាយ zqcaptionzq",
    "file name": "zqfilenamezq ឯកសារ.pdf",
    "place title": "zqtitlezq ផ្សារ",
    "contact name": "zqcontactzq សុខា",
    "contact number": "+85598127364554",
    "typed number": "ZQ4K7XWM",
    "hidden": "ទឹកភ្លៀង zqhiddenzq",
    "news": "zqnewszq ដំណឹង",
}
"""What people send, each found in no other way; `REPLY` is an operator's."""
BEFORE_EDIT = "zqbeforezq ស្វា"
STREET = "zqstreetzq"
ACCOUNT = "zqaccountzq"
REPLY = "zqreplyzq យើងនៅទីនេះ"
INSIDE = b"zqbyteszq \xe1\x9e\x80\x00\xff"
FILE = b"".join(INSIDE + bytes([at % 251]) * 4000 for at in range(60))
UNDECIDED = "zqundecidedzq រង់ចាំ {}"
FIELDS = ["number", "state", "urgency", "country", "created", "updated", "assignee", "contact", "language"]
MANY = 200


# ── the search ───────────────────────────────────────────────────────────────────────────────────────────────


def _canaries() -> list[str | bytes]:
    """Give all canaries, and the part of each that no normalising could change."""
    digits = TEXTS["contact number"].lstrip("+")
    words = [*TEXTS.values(), digits, BEFORE_EDIT, STREET, ACCOUNT, REPLY, UNDECIDED.format("")]
    return [*words, *(part for word in words for part in re.findall("zq[a-z]+zq", word)), INSIDE]


@pytest.mark.parametrize("canary", [TEXTS["words"], TEXTS["contact number"], INSIDE], ids=["words", "number", "bytes"])
def test_the_search_finds_what_lies_there(canary: str | bytes) -> None:
    """Each form is found behind any number of other bytes: a search that finds nothing must be worth something."""
    raw = canary if isinstance(canary, bytes) else canary.encode()
    wrapped = [raw, raw.hex().encode(), *(base64.b64encode(bytes(offset) + raw + b"...") for offset in range(4))]
    if isinstance(canary, str):
        wrapped += [canary.encode("utf-16-le"), quote(canary).encode(), json.dumps({"text": canary}).encode()]
    for held in wrapped:
        assert found({Path("planted"): b"\x00before" + held + b"after"}, [canary])


# ── the people ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Town:
    """A sandbox, the people in it, and the helpline as a process."""

    box: Sandbox
    group: Group
    operator: Person
    people: list[Person]
    process: Process


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give a helpline that runs on empty folders, and people whose accounts bear a canary; an operator is listed."""
    async with Sandbox() as box:
        operator = box.add_person("Dara", language_code="en", role="operator")
        people = [box.add_person(f"{ACCOUNT} {at}", language_code="en") for at in range(3)]
        group = box.add_group("Operators", [operator])
        town = Town(box, group, operator, people, Process(box, group, tmp_path))
        try:
            await town.process.start()
            added = await town.process.command("operators", "add", operator.id, "Dara")
            assert (added.code, "https://t.me/" in added.out) == (0, True), added
            yield town
        finally:
            await town.process.kill()


async def _tap(person: Person, words: str) -> None:
    """Press the button with these words, once it is there."""

    def there() -> tuple[Message, str] | None:
        found = (
            (one, str(b["callback_data"])) for one in person.chat.newest() for b in one.buttons() if words in b["text"]
        )
        return next(found, None)

    message, data = await person.until(there, timeout=20)
    await person.presses(data, message=message)


async def _in_danger(person: Person, process: Process) -> None:
    await person.says("/start")
    await _tap(person, "I am in danger now")
    await person.sees("Where are you now", timeout=20)
    await process.settled()


async def _tells_all(person: Person, process: Process) -> None:
    """Press danger, and then send one of everything."""
    await _in_danger(person, process)
    point = {"latitude": 13.75, "longitude": 100.5}
    venue = {"location": point, "title": TEXTS["place title"], "address": STREET}
    await person.sends({"venue": venue, "location": point})
    await person.says(TEXTS["words"])
    message = await person.says(BEFORE_EDIT)
    await process.settled()
    await person.edits(message, TEXTS["edited"])
    await person.sends_photo(FILE, caption=TEXTS["caption"])
    await person.sends_document(TEXTS["file name"], "application/pdf", FILE)
    await person.sends({"contact": {"phone_number": TEXTS["contact number"], "first_name": TEXTS["contact name"]}})
    await process.settled()


async def _writes_again(person: Person, process: Process) -> None:
    await person.says("/start")
    await _tap(person, "I wrote before")
    await person.sees("What is new", timeout=20)
    await person.says(TEXTS["news"])
    await person.sees("If you have a number", timeout=20)
    await person.says(TEXTS["typed number"])
    await process.settled()


async def _hides(person: Person, process: Process) -> None:
    await _in_danger(person, process)
    await _tap(person, "Hide")
    await process.settled()
    await person.says(TEXTS["hidden"])
    await process.settled()


async def _replies(town: Town) -> None:
    """Let the operator answer the newest card, and confirm."""
    card = _with_button(town.group, "c:")
    await town.operator.says(REPLY, chat=town.group, reply_to=card)
    question = await town.box.until(lambda: _with_button(town.group, "r:"), timeout=20)
    await town.operator.presses(0, message=question, chat=town.group)
    await town.process.settled()


def _with_button(group: Group, kind: str) -> Message | None:
    """Find the newest message with a button of a kind."""
    return next((one for one in reversed(group.messages()) if any(_is(button, kind) for button in one.buttons())), None)


def _is(button: Mapping[str, object], kind: str) -> bool:
    return str(button.get("callback_data")).startswith(kind)


# ── the promises ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_people_sent_is_nowhere_in_clear_and_opens_for_the_organisation(town: Town, tmp_path: Path) -> None:
    """Killed at rest: no file, journal, key or line of the log holds a word; `init`, and `case` shows every one."""
    process, (first, second, third) = town.process, town.people
    await _tells_all(first, process)
    await _replies(town)
    assert any(message.text == REPLY for message in first.messages())
    await _writes_again(second, process)
    await _hides(third, process)
    await process.kill()

    files = process.left()
    assert {"helpline.db", "helpline.db-wal", SERVER_KEY, PROVISIONAL_KEY} <= {place.name for place in files}
    assert sum(place.parent.name == "blobs" for place in files) == 2
    assert found(files, _canaries()) == []

    await process.start()
    passphrase = await _make_keys(process, tmp_path / "secrets")
    assert passphrase.encode() not in process.told_to_run()
    numbers = await _queue(process)
    assert len(numbers) == 3
    opened = {number: await _case(process, number, tmp_path / "secrets") for number in numbers}
    everything = "\n".join(opened.values())
    assert [name for name, text in {**TEXTS, "reply": REPLY}.items() if text not in everything] == []
    await _saves_the_file(process, opened, tmp_path)
    await _refuses_another_passphrase(process, numbers[0], tmp_path)

    await process.kill()
    assert found(process.left(), [*_canaries(), passphrase]) == []


async def _make_keys(process: Process, out: Path) -> str:
    """Run `init` while `run` is up, look at what it leaves, and start again; gives the passphrase."""
    done = await process.command("init", "--unattended", "--out", out)
    assert done.code == 0, done.err
    passphrase = _passphrase(out)
    assert PROVISIONAL_KEY not in {place.name for place in process.left()}
    assert passphrase not in done.out + done.err
    await process.kill()
    await process.start()
    return passphrase


def _passphrase(out: Path) -> str:
    """Read the passphrase from a file that nobody else can read."""
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    return out.read_text().splitlines()[0].removeprefix("passphrase: ")


async def _queue(process: Process) -> list[str]:
    shown = await process.command("cases", "--json")
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert all(list(row) == FIELDS for row in rows)
    assert found({Path("cases"): shown.out.encode()}, _canaries()) == []
    return [row["number"] for row in rows]


async def _case(process: Process, number: str, secrets: Path, *more: object) -> str:
    done: Ended = await process.command("case", number, "--passphrase-file", secrets, *more)
    assert (done.code, done.err) == (0, "")
    return done.out


async def _saves_the_file(process: Process, opened: Mapping[str, str], folder: Path) -> None:
    """Save the document: the bytes are those that were sent, and from then on it counts as opened."""
    number, text = next((number, text) for number, text in opened.items() if TEXTS["file name"] in text)
    items = re.split(r"\n\n +(?=\d+  )", text)
    item = next(one for one in items if TEXTS["file name"] in one)
    assert "NOT OPENED YET" in item
    assert "2 to hear or see" in (await process.command("cases")).out
    target = folder / "saved"
    await _case(process, number, folder / "secrets", "--save", item.split()[0], target)
    assert target.read_bytes() == FILE
    again = re.split(r"\n\n +(?=\d+  )", await _case(process, number, folder / "secrets"))
    assert "NOT OPENED YET" not in next(one for one in again if TEXTS["file name"] in one)
    assert "1 to hear or see" in (await process.command("cases")).out


async def _refuses_another_passphrase(process: Process, number: str, folder: Path) -> None:
    wrong = folder / "wrong"
    wrong.write_text("passphrase: not-this-one-at-all\n")
    done = await process.command("case", number, "--passphrase-file", wrong)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "passphrase" in done.err
    assert "not-this-one" not in done.err


async def test_what_waits_is_nowhere_in_clear(town: Town) -> None:
    """Killed with updates undecided, answers unsent and files not fetched: not a word in clear, and none is lost."""
    process, person = town.process, town.people[0]
    await _in_danger(person, process)
    for one in town.people:
        town.box.faults.throttle(one.id, 1)
    town.box.faults.plan(Fault.SILENCE, method="getFile")
    await person.sends_document(TEXTS["file name"], "application/pdf", FILE, caption=TEXTS["caption"])
    await process.until(lambda: any(call.method == "getfile" for call in town.box.calls))
    town.box.faults.switch(down=True)
    for at in range(MANY):
        await person.says(UNDECIDED.format(at))
    town.box.faults.switch(down=False)
    await process.kill_when("inbox", "outbox", "fetches")

    assert found(process.left(), _canaries()) == []
    (process.temporary / "planted").write_bytes(b"\x00" + base64.b64encode(b"." + TEXTS["words"].encode()))
    assert ("planted", TEXTS["words"]) in found(process.left(), _canaries())
    for one in town.people:
        town.box.faults.allow(one.id)
    await process.start()
    await process.settled()
    (number,) = await _queue(process)
    shown = (await process.command("case", number)).out
    assert [at for at in range(MANY) if f"{UNDECIDED.format(at)}\n" not in shown] == []
    assert TEXTS["file name"] in shown
