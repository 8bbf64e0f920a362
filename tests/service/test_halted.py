"""A process that was halted goes on: its machine slept, or was too busy. Beside others it may have lost chats."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import load
from bot.core.render import Message
from bot.service.pacing import Pace
from bot.service.rows import Kept, OutboxRow
from bot.settings import ROOT
from tests.faults.counting import CountingLoop, play
from tests.faults.schedule import MINUTE, Line
from tests.store.making import lease, save, sent

ANN, SHOWN_BY_ANOTHER = 7, 900


def _line(folder: Path, *, alone: bool = True) -> Line:
    return Line(folder, load(ROOT, today=datetime.now(UTC).date()), alone=alone)


async def _hand(line: Line, *chats: int, key: str, pressed: int | None = None) -> Sequence[OutboxRow]:
    """Hand a screen for each chat over to the sender, as a commit does."""
    now, token = line.clock.now(), line.token
    rows = [
        OutboxRow(
            *(f"{key}:{chat}", f"lane {chat}", b"", "screen", b"", now),
            state="leased",
            lease=token,
            clear=(chat, {"message": Message(text=key).model_dump(), "edit": pressed}),
        )
        for chat in chats
    ]
    handed = await save(line.store, at=now, outbox=rows)
    line.sender.hand(handed, ())
    await line.rest()
    return handed


def test_what_should_have_gone_meanwhile_does_not_go_at_once(tmp_path: Path) -> None:
    """Telegram's limit holds after a halt too: who missed its turn takes another."""
    play(_go_on(_line(tmp_path)))


async def _go_on(line: Line) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CountingLoop)
    await line.open()
    line.sender.pace = Pace(1)
    await _hand(line, *range(1, 16), key="screen")
    before = len(line.chats.waiting)
    loop.ahead += 30.0
    await line.rest()
    went = len(line.chats.waiting) - before
    await line.crash()

    assert 1 <= before <= 3
    assert 1 <= went <= 3


def test_a_screen_another_process_has_shown_meanwhile_is_the_live_one(tmp_path: Path) -> None:
    """What came late is deleted: the next screen is not written into it, or the person would be left without one."""
    play(_come_late(_line(tmp_path, alone=False)))


async def _come_late(line: Line) -> None:
    await line.open()
    await _hand(line, ANN, key="first")
    line.clock.put_forward(2 * MINUTE)
    (taken,) = await lease(line.store, at=line.clock.now(), token="another")
    shown = Kept(taken.lane, line.closer.message_id(taken.lane, SHOWN_BY_ANOTHER), line.clock.now(), live=True)
    await line.store.outbox.settle([sent(taken, kept=shown)])
    line.chats.messages[ANN][SHOWN_BY_ANOTHER] = taken.id
    late = line.chats.next_number
    (following,) = await _hand(line, ANN, key="second", pressed=late)
    await line.calm()
    lying = dict(line.chats.messages[ANN])
    await line.crash()

    assert late not in lying
    assert list(lying.values()) == [following.id]
