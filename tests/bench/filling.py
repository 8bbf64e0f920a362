"""A store as it is after years: people who wrote, their cases and messages, put straight into the store's own tables.

What the bot reads of a person it talks to is closed with the server key, as it would have been; what it never opens
(sealed records, message ids that nobody deletes now) is random bytes of the same length. People are
spread over the whole, so that no two of them lie side by side.
"""

import os
import random
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Table, insert
from sqlalchemy.dialects import sqlite

from bot.core.content import Content
from bot.core.state import Conversation
from bot.service.minting import new_id, new_number, new_token
from bot.service.vaulting import Recipient
from bot.store.opening import database_path, open_store
from bot.store.schema import cards, cases, conversations, inbox, ledger, outbox, records, timers, wraps
from bot.vault.key_files import KeyFolder
from bot.vault.recovery import new_recovery
from bot.vault.sealing import CaseSealer
from bot.vault.server_key import ServerCipher, create_server_key
from tests.bench.people import Walker

FIRST_CHAT = 700_000_000
TEMPLATES = 60
YEARS = timedelta(days=11 * 365)
"""So long 36,262 cases a year take to become 400,000."""
KEPT = timedelta(days=7)
"""So old are the oldest finished rows of inbox and outbox: older ones are pruned."""
MESSAGES = 5
"""Kept in the ledger of each person: the live screen, and what was said."""
RECORDS = 6
WITH_FILE = 4
"""One in so many cases has a voice note or a photo."""
DAY = 86_400_000
URGENCIES = ("P1", *["P2"] * 3, *["P3"] * 10, *["P4"] * 6)
COUNTRIES = (*["TH"] * 6, *["MY"] * 3, "KR", "JP", "VN", None)


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and cases, and how many of these are open. At most one case a person."""

    people: int = 1_200_000
    cases: int = 400_000
    open: int = 40_000


def url(folder: Path) -> str:
    """Give the database's address in a folder of the helpline."""
    return f"sqlite:///{folder}/data/helpline.db"


def known(size: Size, wanted: int) -> list[int]:
    """Give the chats of some people who are in the store, spread over all of it; they stand at no question now."""
    return [FIRST_CHAT + number for number in _known(size, wanted)]


def _known(size: Size, wanted: int) -> range:
    return range(0, size.people, max(size.people // max(wanted, 1), 1))[:wanted]


async def fill(folder: Path, content: Content, size: Size, *, group: int, talking: int) -> None:
    """Make a store of this size in an empty folder, with its keys; cards lie in the group.

    So many `known` people can be talked to.
    """
    cipher = create_server_key(KeyFolder(folder / "keys"))
    await _made(folder)
    now = datetime.now(UTC)
    with closing(sqlite3.connect(database_path(url(folder)), isolation_level=None)) as connection:
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -1000000", "foreign_keys = off"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        filler = _Filler(connection, cipher, content, size, now=now, talking=frozenset(_known(size, talking)))
        filler.fill(folder / "data" / "blobs", group)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = wal")
    os.sync()


async def _made(folder: Path) -> None:
    """Let the store make its tables, and name those to whom cases are sealed."""
    store = await open_store(url(folder), folder / "data")
    try:
        for name in ("organisation", "recovery"):
            await store.desk.put_recipient(Recipient(name, new_recovery().public_key))
    finally:
        await store.close()


class _Filler:
    """Fill table after table. Instants are integer milliseconds, those beside cases whole minutes."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        cipher: ServerCipher,
        content: Content,
        size: Size,
        *,
        now: datetime,
        talking: frozenset[int],
    ) -> None:
        self.connection = connection
        self.cipher = cipher
        self.size = size
        self.now = int(now.timestamp() * 1000)
        self.talking = talking
        self.dice = random.Random(1)
        self.talks = [_talk(content, seed, now) for seed in range(TEMPLATES)]
        self.lanes = [cipher.index("chat", str(FIRST_CHAT + number)) for number in range(size.people)]
        self.ids = [new_id() for _ in range(size.cases)]

    def fill(self, blobs: Path, group: int) -> None:
        """Fill all tables, and the folder of sealed files with empty ones: their names are what is read at a start."""
        blobs.mkdir(mode=0o700)
        self._put(conversations, "lane body chat updated_at", self._conversations())
        self._put(ledger, "lane message at live mine", self._ledger())
        clear = "state mark urgency country created_at updated_at assignee contact language unheard rev"
        self._put(cases, f"id number lane {clear} public_key", self._cases())
        self._put(wraps, "case_id recipient wrap", self._wraps())
        self._put(records, "id case_id sealed at media opened_at blob described", self._records(blobs))
        self._put(cards, "chat message case_id token", self._cards(group))
        self._put(timers, "lane name case_id due rev", self._timers())
        self._put(inbox, "lane source key first body state tries received_at", self._inbox())
        columns = "key lane chat kind body due priority state initiative case_id tries lease lease_until made_at"
        self._put(outbox, columns, self._outbox())

    def _put(self, table: Table, columns: str, rows: Iterable[Sequence[object]]) -> None:
        names = columns.split()
        positional = sqlite.dialect(paramstyle="qmark")
        self.connection.executemany(str(insert(table).compile(dialect=positional, column_keys=names)), rows)

    def _ago(self, most: timedelta = YEARS) -> int:
        """Give an instant of the past, at random."""
        return self.now - self.dice.randrange(int(most.total_seconds() * 1000))

    def _minute(self, instant: int) -> int:
        return instant - instant % 60_000

    def _conversations(self) -> Iterator[Sequence[object]]:
        close = self.cipher.close
        still = Conversation(rev=7).model_dump_json(exclude_defaults=True).encode()
        for number, lane in enumerate(self.lanes):
            clear = still if number in self.talking else self.talks[number % TEMPLATES]
            chat = close(f"chat|{lane}", str(FIRST_CHAT + number).encode())
            yield lane, close(f"conversations|{lane}", clear), chat, self._minute(self._ago())

    def _ledger(self) -> Iterator[Sequence[object]]:
        """Give what lies in the chats. Who is talked to has no live screen: deleting it would be more work for them."""
        length = len(self.cipher.close("ledger", b"12345"))
        for number, lane in enumerate(self.lanes):
            at = self._ago()
            for message in range(MESSAGES):
                is_screen = message == MESSAGES - 1
                if number in self.talking:
                    closed = self.cipher.close(f"ledger|{lane}", str(1 + message).encode())
                else:
                    closed = secrets.token_bytes(length)
                yield lane, closed, at + message * 20_000, is_screen and number not in self.talking, is_screen

    def _cases(self) -> Iterator[Sequence[object]]:
        """Give cases in the order of their beginning; the newest are the open ones."""
        numbers: set[str] = set()
        while len(numbers) < self.size.cases:  # among so many, two draws can be the same
            numbers.add(new_number())
        every = max(YEARS // timedelta(milliseconds=1) // self.size.cases, 1)
        for number, case in enumerate(self.ids):
            is_open, taken = self._is_open(number), number % 3 == 0
            begun = self._minute(self.now - (self.size.cases - number) * every)
            state = "closed" if not is_open else "taken" if taken else "new"
            urgency, country = self.dice.choice(URGENCIES), self.dice.choice(COUNTRIES)
            who = 600_000_001 if not is_open or taken else None
            lane, clear = self._owner(number), (state, "", urgency, country, begun, begun + 3_600_000, who)
            yield case, numbers.pop(), lane, *clear, "when_i_write", "km", 0, 3, secrets.token_bytes(32)

    def _is_open(self, number: int) -> bool:
        return number >= self.size.cases - self.size.open

    def _owner(self, number: int) -> str:
        """Give the lane of a case: every third person has one; who is talked to has at most a closed one."""
        person = number * self.size.people // self.size.cases
        return self.lanes[person + (person in self.talking and self._is_open(number) and self.size.people > 1)]

    def _wraps(self) -> Iterator[Sequence[object]]:
        for case in self.ids:
            for recipient in ("organisation", "recovery"):
                yield case, recipient, secrets.token_bytes(80)

    def _records(self, blobs: Path) -> Iterator[Sequence[object]]:
        sealed = CaseSealer().record(new_recovery().public_key, {"text": "x" * 150}, case="c", record="r", kind="k")
        length, begun = len(sealed), self._minute(self.now)
        for number, case in enumerate(self.ids):
            for place in range(RECORDS):
                blob = described = None
                if place == 0 and number % WITH_FILE == 0:
                    blob, described = new_id(), secrets.token_bytes(length)
                    os.close(os.open(blobs / blob, os.O_CREAT | os.O_WRONLY, 0o600))
                opened = begun if blob else None
                yield new_id(), case, secrets.token_bytes(length), begun, blob is not None, opened, blob, described

    def _cards(self, group: int) -> Iterator[Sequence[object]]:
        for number, case in enumerate(self.ids):
            yield group, 10 + number, case, new_token()

    def _timers(self) -> Iterator[Sequence[object]]:
        """Give the timers of open cases: of those nobody has taken, and of drafts gone silent; none is due today."""
        for number, case in enumerate(self.ids):
            if self._is_open(number) and number % 20 == 1:
                yield self._owner(number), "untaken", case, self.now + DAY + number, 2

    def _inbox(self) -> Iterator[Sequence[object]]:
        """Give a week's finished rows: their keys are kept against repeats."""
        for number in range(self.size.people // 8):
            at = self.now - int(KEPT.total_seconds() * 1000) * (self.size.people // 8 - number) // self.size.people * 8
            lane = self.dice.choice(self.lanes)
            yield lane, "telegram", f"{100_000_000 + number}:{secrets.token_hex(16)}", False, None, "done", 0, at

    def _outbox(self) -> Iterator[Sequence[object]]:
        """Give a week's sent rows, blanked."""
        for number in range(self.size.people // 8):
            at = self.now - int(KEPT.total_seconds() * 1000) * (self.size.people // 8 - number) // self.size.people * 8
            lane = self.dice.choice(self.lanes)
            yield f"{number + 1}:0", lane, None, "screen", None, at, 5, "sent", False, None, 1, None, None, at


def _talk(content: Content, seed: int, now: datetime) -> bytes:
    """Give where somebody stands after some acts, as JSON, without a case: that is over."""
    walker = Walker(content, seed, now - timedelta(days=30))
    for _ in walker.acts(1 + seed % 25):
        pass
    talk = walker.session.conversation.model_copy(update={"case": None})
    return talk.model_dump_json(exclude_defaults=True).encode()
