"""What goes past the outbox keeps the pace all the same: the list of many cards, and what people are told in need."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import load
from bot.service.emergency import Emergency
from bot.service.folding import LIST, Folding
from bot.service.pacing import Pace
from bot.settings import ROOT
from tests.faults.counting import CountingLoop, play
from tests.faults.schedule import Line

GROUP, SECONDS, MOMENT = -1001, 2.5, 0.01


def _line(folder: Path) -> Line:
    return Line(folder, load(ROOT, today=datetime.now(UTC).date()))


def _folding(line: Line, *, group: float, everybody: float, drawn: Counter[str]) -> Folding:
    """Make a list whose group, and everybody together, have to wait for what other processes sent."""

    async def draw(key: str, *, burst: float, rate: float, most: float) -> float:
        drawn[key] += 1
        return everybody if key == "all" else group

    return Folding(
        content=lambda: line.content,
        desk=line.store.desk,
        messenger=line.chats,
        clock=line.clock,
        pace=Pace(30, draw),
    )


def test_the_list_of_cards_waits_for_what_other_processes_sent(tmp_path: Path) -> None:
    """A group takes twenty a minute from all processes together; a list that is sent or changed is one of them."""
    play(_fold(_line(tmp_path)))


async def _fold(line: Line) -> None:
    await line.open()
    wait = await _folding(line, group=SECONDS, everybody=0.0, drawn=Counter()).fold("case1", GROUP)
    await line.crash()

    assert wait == SECONDS


def test_a_list_that_has_its_turn_in_a_moment_does_not_lose_it(tmp_path: Path) -> None:
    """While others send all the time, asking again and again would use up what the group may be sent."""
    play(_fold_in_a_moment(_line(tmp_path)))


async def _fold_in_a_moment(line: Line) -> None:
    await line.open()
    drawn = Counter[str]()
    wait = await _folding(line, group=0.0, everybody=MOMENT, drawn=drawn).fold("case1", GROUP)
    lying = await line.store.desk.get(f"{LIST}{GROUP}")
    await line.crash()

    assert (wait, drawn[f"group:{GROUP}"]) == (0.0, 1)
    assert lying is not None


def test_people_are_told_of_an_emergency_at_the_pace(tmp_path: Path) -> None:
    """Many may write while nothing can be kept; what Telegram refuses for being too fast would tell nobody."""
    play(_tell(_line(tmp_path), [1, 2, 3]))


async def _tell(line: Line, chats: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CountingLoop)
    await line.open()
    emergency = Emergency(
        content=lambda: line.content,
        messenger=line.chats,
        closer=line.closer,
        outbox=line.outbox,
        clock=line.clock,
        pace=Pace(0.1),
    )
    telling = asyncio.create_task(emergency.tell(chats))
    told = []
    for _ in chats:
        await line.rest()
        told.append(len(line.chats.waiting))
        loop.ahead += 10.0
    telling.cancel()
    await line.crash()

    assert told == [1, 2, 3]
