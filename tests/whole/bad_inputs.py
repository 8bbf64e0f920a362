"""The table of bad inputs: one row a number, with what is done, what must be seen, and what a row still waits for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import text

from bot.sandbox import Person
from bot.sandbox.calls import Call
from bot.service.vaulting import ORGANISATION
from tests.whole.house import KEYRING, PASSPHRASE, House, Item, Opened

CANARY = "Canary"
"""Stands in everything a person writes here; nobody but who opens the case may ever see it again."""
SHORT = 8
"""Words shorter than this may also stand in the program's own sentences."""
_SHOWS = ("sendmessage", "editmessagetext")

Act = TypeVar("Act")
Act_co = TypeVar("Act_co", covariant=True)


@dataclass(frozen=True)
class Row(Generic[Act_co]):
    """One bad input. `waits`: what is not there yet, for the row or a part of it; `differs`: where DESIGN decides.

    `tested`: tests elsewhere that do it, or a part of it, as room/file::name.
    `cases` is how many cases there are afterwards, drafts included; `answered`: the person sees a screen of the bot's.
    `limited`: with the limits on people. `group`: the kind of the operators' group at the start.
    """

    number: int
    name: str
    act: Act_co | None
    waits: str = ""
    differs: str = ""
    tested: tuple[str, ...] = ()
    cases: int = 1
    answered: bool = True
    limited: bool = False
    group: Literal["group", "supergroup"] = "supergroup"


class Rows(Generic[Act]):
    """Collect rows, in the order of their numbers."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rows: list[Row[Act]] = []

    def row(self, number: int, name: str, **more: Any) -> Callable[[Act], Act]:
        """Add the row of the decorated act."""

        def add(act: Act) -> Act:
            self.rows.append(Row(number, name, act, **more))
            return act

        return add

    def waits(self, number: int, name: str, reason: str) -> None:
        """Add a row that waits as a whole."""
        self.rows.append(Row(number, name, None, waits=reason))

    def tested(self, number: int, name: str, *tests: str, differs: str = "") -> None:
        """Add a row that tests elsewhere do."""
        self.rows.append(Row(number, name, None, differs=differs, tested=tests))

    def tried(self) -> list[Row[Act]]:
        """Give the rows that do something."""
        return [row for row in self.rows if row.act is not None]


def name_of(row: "Row[Any]") -> str:
    """Name a row for the list of tests."""
    return f"{row.number} {row.name}"


class Scene:
    """A house with one person, and everything that was written by people in it."""

    def __init__(self, house: House) -> None:
        """Let Sokha, whose phone is in English, meet the helpline."""
        self.house = house
        self.sokha = house.person()
        self.wrote: list[str] = []
        self._ids = count(100_000)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────────

    async def says(self, *texts: str) -> None:
        """Write, one after the other."""
        for words in texts:
            self.wrote.append(words)
            await self.house.after(self.sokha.says(words))

    async def sends(self, content: Mapping[str, Any]) -> None:
        """Send a message with this content."""
        await self.house.after(self.sokha.sends(dict(content)))

    async def injects(self, *updates: Mapping[str, Any]) -> None:
        """Let Telegram bring updates exactly as they are."""
        for update in updates:
            self.house.box.inject(dict(update))
        await self.house.settled()

    async def brings(self, content: Mapping[str, Any], **over: Any) -> None:
        """Let Telegram bring a private message of Sokha's with this content and these fields changed."""
        self.sokha.user.started = True  # as Telegram would know it
        await self.injects({"message": self.message(content, **over)})

    def message(self, content: Mapping[str, Any], **over: Any) -> dict[str, Any]:
        """Write a private message of Sokha's as Telegram does; a field set to None is left out."""
        user = self.sokha.user.wire()
        raw = {
            "message_id": next(self._ids),
            "from": user,
            "chat": {"id": self.sokha.id, "type": "private", "first_name": self.sokha.name},
            "date": self.house.box.world.now,
        }
        return {name: value for name, value in (raw | dict(content) | over).items() if value is not None}

    def press(self, data: str | None, **over: Any) -> dict[str, Any]:
        """Write a press of Sokha's on the present screen as Telegram does."""
        raw = {
            "id": str(next(self._ids)),
            "from": self.sokha.user.wire(),
            "message": self.house.screen(self.sokha).wire(),
            "chat_instance": "1",
            "data": data,
        }
        return {"callback_query": {name: value for name, value in (raw | over).items() if value is not None}}

    async def asked_in_words(self) -> None:
        """Go to a question that is answered in the person's own words."""
        await self.house.after(self.sokha.says("/start"))
        await self.house.chooses(self.sokha, "before")

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def step(self) -> str:
        """Name the step Sokha is at."""
        return self.house.step(self.sokha)

    def shows(self, key: str, language: str = "en") -> bool:
        """Say whether Sokha's screen holds this sentence of the program."""
        return self.house.shows(self.sokha, key, language)

    def shown(self, person: Person | None = None) -> list[Call]:
        """Give the calls that put something before a person, Sokha if none is named."""
        chat = (person or self.sokha).id
        return [call for call in self.house.box.calls if call.method in _SHOWS and call.chat_id == chat]

    def acts(self) -> list[str]:
        """Name what the bot did at Telegram, but for asking for updates."""
        return [call.method for call in self.house.box.calls if call.method not in ("getupdates", "deletewebhook")]

    def group_says(self) -> str:
        """Give all that stands in the operators' group."""
        return "\n".join(message.text for message in self.house.group.messages())

    async def counted(self, table: str) -> int:
        """Count the rows of a table."""
        query = text(f"SELECT count(*) FROM {table}")  # noqa: S608  # a name written in a test
        return await self.house.store.database.read(lambda one: int(one.execute(query).scalar_one()))

    async def opened(self) -> list[Opened]:
        """Open all cases, drafts too, with the organisation's key."""
        query = text("SELECT id, number, state, urgency FROM cases ORDER BY seq")
        rows = await self.house.store.database.read(lambda one: [dict(row._mapping) for row in one.execute(query)])
        return [Opened(row, await self._items(str(row["id"]))) for row in rows]

    async def case(self) -> Opened:
        """Open the only case there is, be it a draft."""
        (case,) = await self.opened()
        return case

    async def texts(self) -> list[str]:
        """Give the words sealed in the only case."""
        return (await self.case()).texts()

    async def _items(self, case: str) -> Sequence[Item]:
        desk, key = self.house.store.desk, self.house.keys.organisation
        wraps, rows = await desk.dossier(case)
        opener = KEYRING.open_case(wraps[ORGANISATION], KEYRING.unlock(ORGANISATION, key, PASSPHRASE))
        items = []
        for row in rows:
            body = opener.record(row.sealed, case=case, record=row.id, kind="record")
            described = opener.record(row.described, case=case, record=row.id, kind="file") if row.described else None
            pieces = [piece async for piece in self.house.store.blobs.read(row.blob)] if row.blob else None
            file = None if pieces is None else b"".join(opener.file(pieces, case=case, record=row.id))
            items.append(Item(row.id, body, row.opened, described, file))
        return items


HouseAct = Callable[[Scene], Awaitable[None]]
TryOut = Callable[[Row[HouseAct]], Awaitable[None]]
"""Try a row in a house of its own."""


async def play(row: Row[HouseAct], house: House) -> Scene:
    """Start the house, do what the row does, and ask what holds after every bad input."""
    await house.start(kind=row.group)
    if row.limited:
        house.unpaced()
    scene = Scene(house)
    assert row.act is not None
    await row.act(scene)
    await house.settled()
    await _holds(row, scene)
    return scene


async def _holds(row: Row[HouseAct], scene: Scene) -> None:
    """Nothing set aside, no case doubled, nothing read back, the person answered, and the next person too."""
    house = scene.house
    assert await house.store.inbox.aside() == 0, "a row was set aside"
    assert await scene.counted("cases") == row.cases, "cases"
    if row.answered:
        assert any(str(button["callback_data"]) == "!hide" for button in house.screen(scene.sokha).buttons())
    sent = "\n".join(str(value) for call in house.box.calls for value in call.params.values())
    told = [words for words in scene.wrote if len(words) >= SHORT and words in sent]
    assert CANARY not in sent, "something a person wrote was sent again"
    assert told == [], "something a person wrote was sent again"
    assert house.says("crash") not in sent
    mary = house.person("Mary")
    await house.after(mary.says("/start"))
    assert house.step(mary) == "start.menu", "the next person was not answered"
