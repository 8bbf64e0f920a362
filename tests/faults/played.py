"""One conversation, played again and again while the process dies at another port call each time; and what must be.

A worker is in danger; the helpline is down for a while, with an operator's words in its inbox; then they are asked
about, an operator takes the case and answers in words and with a photo, the worker speaks, writes and hides, and a
second worker comes. What comes of it without a death is the measure: after each act the screens must be those, and in
the end the cases, their records, the cards, and what was said.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.core.content import Content
from bot.sandbox import Person
from tests.bench.crowd import SHOWS
from tests.bench.people import masked
from tests.faults.doomed import Doomed, Forge, forging
from tests.faults.ports import Point
from tests.whole.house import Keys

AWAY = timedelta(minutes=6)
"""The helpline is away for so long: a rung of the ladder comes due, and people are shown their screen again."""
AT_ONCE = 3
"""So many conversations are played side by side: most of the time each of them waits for the disk."""
VOICE = b"invented voice of a test" * 4000

Seen = tuple[str, ...]
"""What somebody sees: the words of the screen, and what its buttons carry."""
Record = tuple[str, str, bytes]
"""A record of a case: its kind, its words, its file."""


@dataclass
class Played:
    """What came of one conversation. `repeats`: so many messages may have come once more for the death."""

    screens: list[tuple[Seen, Seen]] = field(default_factory=list)
    shown: Counter[tuple[int, str]] = field(default_factory=Counter)
    cases: list[tuple[str, ...]] = field(default_factory=list)
    records: list[list[Record]] = field(default_factory=list)
    cards: list[int] = field(default_factory=list)
    left: int = 0
    ledger: int = 0
    aside: int = 0
    met: bool = False
    repeats: int = 0
    points: Sequence[Point] = ()

    def wrong(self, whole: "Played") -> list[str]:
        """Tell what is not as it would have been without a death; nothing, if the promises are kept."""
        found = [
            f"{name} is {mine}, not {wanted}"
            for name, mine, wanted in (
                ("screens", self.screens, whole.screens),
                ("cases", self.cases, whole.cases),
                ("records", self.records, whole.records),
                ("ledger", self.ledger, whole.ledger),
                ("aside", self.aside, 0),
            )
            if mine != wanted
        ]
        again = self.shown - whole.shown
        bounds = {
            "not shown": (whole.shown - self.shown).total(),
            "without a card": self.cards.count(0),
            "shown again": max(again.total() - self.repeats, 0),
            "left after hide": max(self.left - whole.left - self.repeats, 0),
        }
        return found + [f"{name}: {many} ({self.repeats} excused)" for name, many in bounds.items() if many]


async def play(folder: Path, content: Content, keys: Keys, forge: Forge, *, death: Point | None = None) -> Played:
    """Play it once, with a process that dies at this point; without one, it is killed in the end."""
    house = Doomed(folder, content, keys, forge)
    played = Played()
    try:
        await house.start()
        for act in await _acts(house, death):
            await act()
            await house.settled()
            played.screens.append((_screen(house.box.people[_SOKHA]), _screen(house.box.people[_MONY])))
        if house.lives_apart:
            await house.rise()
            await house.settled()
        await _look(house, played)
    finally:
        await house.close()
    return played


_SOKHA, _MONY = 7_000_000_001, 7_000_000_002


async def _acts(house: Doomed, death: Point | None) -> Sequence[Callable[[], Awaitable[object]]]:
    """Bring a case about, let the helpline be away; gives what is done once the process serves."""
    sokha = house.person(id=_SOKHA)
    mony = house.person("Mony", language="km", id=_MONY)
    await house.asks_for_help(sokha, "yes", "yes")
    await house.after(sokha.says("they hit me"))
    (case,) = await house.cases()
    number = str(case["number"])
    await house.halt(house.dara.says("Where are you now?", chat=house.group, reply_to=house.card(number)))
    house.clock.put_forward(AWAY)

    async def confirms() -> None:
        question = house.questions()[-1]
        await house.dara.presses(0, message=question, chat=house.group)

    return (
        lambda: house.live(death),
        lambda: house.desk(house.dara, "t", number),
        confirms,
        lambda: sokha.sends_voice(VOICE),
        lambda: mony.says("/start"),
        lambda: house.presses(mony, "help"),
        lambda: mony.says("danger"),
        lambda: house.dara.sends_file("photo", b"a photo", chat=house.group, reply_to=house.card(number)),
        confirms,
        lambda: sokha.says("the door is locked"),
        lambda: house.presses(sokha, "hide"),
    )


def _screen(person: Person) -> Seen:
    screen = person.screen()
    if screen is None:
        return ()
    return (_plain(screen.text), *(str(button["callback_data"]) for button in screen.buttons()))


def _plain(text: str) -> str:
    """Give words without the numbers of cases, and without times, which pass."""
    return re.sub(r"\d", "#", masked(text))


async def _look(house: Doomed, played: Played) -> None:
    """Note what has come of everything."""
    sokha = house.box.people[_SOKHA]
    rows = sorted(await house.cases(), key=lambda case: str(case["created"]))
    opened = [await house.opened(str(case["number"])) for case in rows]
    played.cases = [(str(case["state"]), str(case["urgency"]), str(case["assignee"])) for case in rows]
    played.records = [
        sorted((str(item.body["kind"]), str(item.body.get("text") or ""), item.file or b"") for item in one.items)
        for one in opened
    ]
    texts = [card.text for card in house.cards()]
    played.cards = [sum(str(case["number"]) in text for text in texts) for case in rows]
    played.shown = Counter(
        (call.chat_id or 0, _plain(call.text("text"))) for call in house.box.calls if call.done and call.method in SHOWS
    )
    played.left = len(sokha.messages())
    played.ledger = await house.count("SELECT count(*) FROM ledger")
    played.aside = await house.store.inbox.aside()
    played.met, played.repeats, played.points = house.met, house.leased, house.trace()


@dataclass
class Tally:
    """What came of dying at many points: how many were met, what went wrong at which, and how much came once more."""

    tried: int
    met: int = 0
    repeats: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def told(self) -> str:
        """Tell it in a line."""
        return (
            f"deaths at port calls: {self.tried} points tried, {self.met} met; wrong: {len(self.wrong)}; "
            f"messages shown once more: {self.repeats}"
        )


async def die_everywhere(
    folder: Path, content: Content, keys: Keys, *, choose: Callable[[Sequence[Point]], Sequence[Point]]
) -> Tally:
    """Play it whole, then once for each point that is chosen of those it came by, some at a time."""
    async with AsyncExitStack() as stack:
        forges = [await stack.enter_async_context(forging()) for _ in range(AT_ONCE)]
        whole = await play(_new(folder, "whole"), content, keys, forges[0])
        points = list(choose(whole.points))
        tally, left = Tally(len(points)), list(enumerate(points))
        random.Random(0).shuffle(left)
        async with asyncio.TaskGroup() as tasks:
            for forge in forges:
                tasks.create_task(_die_in_turn(folder, content, keys, forge, whole=whole, left=left, tally=tally))
    return tally


async def _die_in_turn(
    folder: Path,
    content: Content,
    keys: Keys,
    forge: Forge,
    *,
    whole: Played,
    left: list[tuple[int, Point]],
    tally: Tally,
) -> None:
    """Play once for each point that is left."""
    while left:
        number, point = left.pop()
        played = await play(_new(folder, str(number)), content, keys, forge, death=point)
        tally.met += played.met
        tally.repeats += (played.shown - whole.shown).total()
        if wrong := played.wrong(whole):
            tally.wrong[str(point)] = wrong


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name
