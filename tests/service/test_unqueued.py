"""What goes past the outbox keeps the pace all the same: the list of many cards, and what people are told in need."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import load
from bot.service.emergency import Emergency
from bot.service.folding import Folding
from bot.service.pacing import Pace
from bot.settings import ROOT
from tests.faults.schedule import CountingLoop, Line, play

GROUP, SECONDS = -1001, 2.5


def _line(folder: Path) -> Line:
    return Line(folder, load(ROOT, today=datetime.now(UTC).date()))


async def _draw(key: str, *, burst: float, rate: float, most: float) -> float:
    """Draw from the bucket of a group to which another process has sent enough."""
    return SECONDS if key == f"group:{GROUP}" else 0.0


def test_the_list_of_cards_waits_for_what_other_processes_sent(tmp_path: Path) -> None:
    """A group takes twenty a minute from all processes together; a list that is sent or changed is one of them."""
    play(_fold(_line(tmp_path)))


async def _fold(line: Line) -> None:
    await line.open()
    pace = Pace(30, _draw)
    folding = Folding(
        content=lambda: line.content, desk=line.store.desk, messenger=line.chats, clock=line.clock, pace=pace
    )
    wait = await folding.fold("case1", GROUP)
    await line.crash()

    assert wait == SECONDS


def test_people_are_told_of_an_emergency_at_the_pace(tmp_path: Path) -> None:
    """Many may write while nothing can be kept; what Telegram refuses for being too fast would tell nobody."""
    told = [1, 2, 3]
    play(_tell(_line(tmp_path), told))


async def _tell(line: Line, chats: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CountingLoop)
    emergency = Emergency(content=lambda: line.content, messenger=line.chats, clock=line.clock, pace=Pace(0.1))
    telling = asyncio.create_task(emergency.tell(chats))
    told = []
    for _ in chats:
        await line.rest()
        told.append(len(line.chats.waiting))
        loop.ahead += 10.0
    telling.cancel()

    assert told == [1, 2, 3]
