"""A helpline is taken away in the middle of its work: many conversations, words found in no other, and a thief.

Every canary begins with one of a few stems, so that the search for all of them is a search for the stems.
"""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.errors import OperatorError
from bot.sandbox import Group, Person, Sandbox
from bot.sandbox.chats import Message
from bot.service.closing import Closer
from bot.service.requests import pack
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import operator_recipient
from bot.store.command_socket import ask
from bot.store.opening import socket_path
from bot.vault.key_files import KeyFolder
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import LEAST_COST
from bot.vault.server_key import SERVER_KEY, load_server_key
from tests.whole.process import Process
from tests.whole.searching import found

STEM, KHMER, DIGITS, BYTES = "zqseizedzq", "ក្រពើហែលទឹកស្ងប់", "8559812700", b"zqseizedbyteszq\xe1\x9e\x80\xff"
STEMS: tuple[str | bytes, ...] = (STEM, STEM.capitalize(), KHMER, DIGITS, BYTES)
DARA, BOPHA = 7001, 7002
PASSWORDS = {DARA: "the first operator's own", BOPHA: "the second operator's own"}
END = "First page"
"""The button on the page on which an intake ends."""
LATE = 4
"""Words that each person sends last, and that nobody had time to decide."""
KEYRING = PasswordKeyring(LEAST_COST)
_SERIAL = re.compile(rf"{STEM}([0-9]{{4}})")


# ── the people ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Town:
    """A running helpline with its keys and one operator who has a key, and the people who write to it."""

    box: Sandbox
    process: Process
    people: list[Person]

    @classmethod
    async def begin(cls, box: Sandbox, folder: Path, *, people: int) -> "Town":
        """Start the helpline, make its keys, and give the first operator theirs."""
        process = Process(box, _group(box), folder)
        await process.start()
        done = await process.command("init", "--unattended", "--out", folder / "secrets")
        assert (done.code, done.err) == (0, "")
        named = [f"{STEM.capitalize()}{at:04}" for at in range(people)]
        town = cls(box, process, [box.add_person(name, language_code="en") for name in named])
        await town.enrols(DARA)
        return town

    async def enrols(self, operator: int) -> None:
        """Let an operator make a key of their own."""
        name = operator_recipient(operator)
        key = KEYRING.make(name, PASSWORDS[operator])
        path = socket_path(f"sqlite:///{self.process.data}/helpline.db")
        await ask(path, {"do": "add_operator", "id": operator, "name": "Somebody"})
        wrapped = {"id": name, "public": pack(key.public_key), "wrapped": pack(key.wrapped)}
        await ask(path, {"do": "put_recipient", **wrapped})

    async def tells(self, people: Sequence[int]) -> None:
        """Let these people go through an intake, and then send one of everything; wait until all of it is kept."""
        await asyncio.gather(*(_asks_for_help(self.people[at]) for at in people))
        await self.process.settled()
        await asyncio.gather(*(_sends_everything(self.people[at], at) for at in people))
        await self.process.settled()

    async def seized(self) -> None:
        """Let everybody write once more, and kill the helpline while some of it is not decided yet."""
        self.box.faults.switch(down=True)
        for at, person in enumerate(self.people):
            for number in range(LATE):
                await person.says(f"{KHMER} {_serial(at)} late {number}")
        self.box.faults.switch(down=False)
        await self.process.kill_when("inbox")


def _group(box: Sandbox) -> Group:
    return box.add_group("Operators", [box.add_person("Sok", role="operator")])


async def _asks_for_help(person: Person) -> None:
    """Skip all that is asked and leave the last page: the intake ends, and what was needed is nobody's to know."""
    await person.says("/start")
    pressed = await _press(person, "I need help")
    while pressed != END:
        pressed = await _press(person, "Skip", END)


async def _press(person: Person, *labels: str) -> str:
    """Press the first of these that is on the screen, once one is; gives which it was."""

    def there() -> tuple[Message, str] | None:
        screen = person.screen()
        shown = [str(button["text"]) for button in screen.buttons()] if screen is not None else []
        found = next((label for label in labels if any(label in text for text in shown)), None)
        return (screen, found) if screen is not None and found is not None else None

    screen, label = await person.until(there, timeout=60)
    before = screen.id, screen.text
    await person.presses(next(str(one["text"]) for one in screen.buttons() if label in one["text"]), message=screen)

    def moved() -> bool | None:
        now = person.screen()
        return (now is not None and (now.id, now.text) != before) or None

    await person.until(moved, timeout=60)
    return label


async def _sends_everything(person: Person, at: int) -> None:
    name, content = _serial(at), BYTES + str(at).encode() + bytes(3000)
    point = {"latitude": 13.75, "longitude": 100.5}
    message = await person.says(f"{KHMER} {name} before")
    await person.edits(message, f"{KHMER} {name} after")
    await person.sends_photo(content, caption=f"{name} caption")
    await person.sends_document(f"{name} {KHMER}.pdf", "application/pdf", content)
    await person.sends({"venue": {"location": point, "title": f"{name} title", "address": name}, "location": point})
    await person.sends({"contact": {"phone_number": f"+{DIGITS}{at:04}", "first_name": f"{name} contact"}})


def _serial(at: int) -> str:
    return f"{STEM}{at:04}zq"


# ── the thief ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Loot:
    """What a thief has: the files that were left, and whatever key is given besides."""

    data: Path
    keys: Path
    files: Mapping[Path, bytes]

    def in_clear(self) -> list[tuple[str, str | bytes]]:
        """Give where any canary lies in any file, the keys folder and the backups among them."""
        return found(self.files, STEMS)

    def opened_with_server_key(self) -> dict[str, list[str]]:
        """Open all that the server key opens, by table."""
        closer = Closer(load_server_key(KeyFolder(self.keys), key_check=None))
        talks, waiting, leaving = self.rows("conversations"), self.rows("inbox"), self.rows("outbox")
        return {
            "conversations": [closer.open_talk(row["lane"], row["body"]).model_dump_json() for row in talks],
            "chats": [str(closer.open_chat(row["lane"], row["chat"])) for row in talks],
            "inbox": [_text(closer.open_body(f"inbox|{row['lane']}", row["body"])) for row in waiting if row["body"]],
            "outbox": [_text(closer.open_body(f"outbox|{row['key']}", row["body"])) for row in leaving if row["body"]],
            "fetches": [_text(closer.open_body(f"fetches|{r['record']}", r["source"])) for r in self.rows("fetches")],
        }

    def opened_with_password(self, operator: int) -> tuple[set[int], set[int]]:
        """Open all that an operator's password opens; gives whose cases, and whose files."""
        name = operator_recipient(operator)
        (key,) = [row for row in self.rows("recipients") if row["id"] == name]
        secret = KEYRING.unlock(name, WrappedKey(key["public_key"], key["wrapped"]), PASSWORDS[operator])
        said: set[int] = set()
        sent: set[int] = set()
        for wrap in self.rows("wraps"):
            try:
                opened = KEYRING.open_case(wrap["wrap"], secret)
            except OperatorError:
                assert wrap["recipient"] != name
                continue
            for record in self._records(wrap["case_id"]):
                bound = {"case": wrap["case_id"], "record": record["id"]}
                said |= _serials(_text(opened.record(record["sealed"], **bound, kind="record")))
                if record["blob"]:
                    held = b"".join(opened.file([(self.data / "blobs" / record["blob"]).read_bytes()], **bound))
                    assert held.startswith(BYTES)
                    sent.add(int(held[len(BYTES) :].rstrip(b"\0")))
        return said, sent

    def server_key_opens_a_case(self) -> bool:
        """Try the server key itself as if it were somebody's secret, on every wrap there is."""
        secret = (self.keys / SERVER_KEY).read_bytes()
        return any(_opens(wrap["wrap"], secret) for wrap in self.rows("wraps"))

    def _records(self, case: str) -> list[dict[str, Any]]:
        return [row for row in self.rows("records") if row["case_id"] == case]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Read a table as any other program could."""
        return rows_of(self.data, table)


def rows_of(data: Path, table: str) -> list[dict[str, Any]]:
    """Read a table of a data folder, also while the helpline runs."""
    with closing(sqlite3.connect(f"file:{data}/helpline.db?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608  # names of ours


def loot_of(process: Process) -> Loot:
    """Take everything that lies in the folders, and what was printed."""
    return Loot(process.data, process.keys, process.left())


def _opens(wrap: bytes, secret: bytes) -> bool:
    try:
        KEYRING.open_case(wrap, secret)
    except OperatorError:
        return False
    return True


def _text(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _serials(text: str) -> set[int]:
    return {int(one) for one in _SERIAL.findall(text)}


def canaries(opened: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Give which tables hold which stem, of what was opened."""
    for table, texts in opened.items():
        for stem in (STEM, KHMER, DIGITS):
            if any(stem in text for text in texts):
                yield table, stem


# ── the whole of it ──────────────────────────────────────────────────────────────────────────────────────────


async def besieged(folder: Path, *, people: int) -> None:
    """Let so many people talk, take the machine away, and hold what a thief finds against what SECURITY.md says."""
    async with Sandbox() as box:
        town = await Town.begin(box, folder, people=people)
        process = town.process
        try:
            half = people // 2
            await town.tells(range(half))
            await town.enrols(BOPHA)
            await town.tells(range(half, people))
            assert (await process.command("backup")).code == 0
            await town.seized()
            _holds_together(loot_of(process), people=people)
            await process.start()
            await process.settled()
            await process.kill()
            await _is_shredded(process)
        finally:
            await process.kill()


def _holds_together(loot: Loot, *, people: int) -> None:
    assert any(place.suffix == ".hlb" or "backups" in place.parts for place in loot.files)
    assert loot.in_clear() == []
    # With the server key: what was not decided yet, and from which chats. Nobody's need, nobody's words.
    opened = loot.opened_with_server_key()
    assert {table for table, _ in canaries(opened)} == {"inbox"}
    assert len(opened["chats"]) >= people
    told = [need for talk in opened["conversations"] for need in _needs(json.loads(talk))]
    assert told == [], told
    assert not loot.server_key_opens_a_case()
    # With one password: the cases that came since its owner has a key, whole; and no other.
    everybody = set(range(people))
    assert loot.opened_with_password(DARA) == (everybody, everybody)
    second = {at for at in everybody if at >= people // 2}
    assert loot.opened_with_password(BOPHA) == (second, second)


def _needs(talk: Mapping[str, Any]) -> list[Any]:
    """Give whatever in a conversation could name the need of who has it."""
    return [talk[name] for name in ("needs", "answers", "reasons", "flows") if talk[name]]


async def _is_shredded(process: Process) -> None:
    """Let all cases be closed long ago and all chats silent since; what is left after the night opens with nothing."""
    with closing(sqlite3.connect(f"{process.data}/helpline.db")) as database, database:
        database.execute("UPDATE cases SET state = 'closed', closed_at = 0")
        database.execute("UPDATE conversations SET updated_at = 0")
    await process.start()
    # Only the tables are looked at meanwhile: files vanish under whoever lists them.
    await process.until(lambda: not any(rows_of(process.data, table) for table in ("cases", "conversations")))
    await process.settled()
    await process.kill()
    loot = loot_of(process)
    assert loot.in_clear() == []
    assert list(canaries(loot.opened_with_server_key())) == []
    assert [loot.rows(table) for table in ("cases", "wraps", "records", "cards", "conversations", "ledger")] == [[]] * 6
    assert [place for place in loot.files if place.parent.name == "blobs"] == []
    assert loot.opened_with_password(DARA) == (set(), set())
    assert loot.rows("counters")
