"""Order within a chat, over random schedules."""

import asyncio
from pathlib import Path

from bot.core.content import Content
from bot.service.inbox import BACK_OFF, TRIES
from tests.bench.people import Act, raw
from tests.faults.conftest import Report
from tests.faults.order import Schedule, search
from tests.faults.schedule import Line

SCHEDULES = 60
STEPS = 25


def test_what_a_dead_process_showed_comes_before_what_follows(content: Content) -> None:
    """The schedule that once brought an old question back over the new one."""
    schedule = Schedule()
    schedule.content = content
    schedule.open()
    schedule.writes(1, "/start")
    schedule.decides()
    schedule.writes(1, "help")
    schedule.crashes(sender_first=False)
    schedule.teardown()


async def test_a_sick_machine_at_a_start_sets_nothing_aside(content: Content, tmp_path: Path) -> None:
    """What an unclean stop left is tried again and again until the store is well, and counted once."""
    line = Line(tmp_path, content)
    await line.open()
    await line.receiver.updates([raw(Act("says", "help"), chat=1, number=1, at=line.clock.now())])
    await line.crash()
    line.failing = 2 * TRIES
    opening = asyncio.create_task(line.open())
    while not opening.done():
        line.clock.put_forward(BACK_OFF)
        await asyncio.sleep(0.001)
    await opening
    await line.calm()

    assert await line.store.inbox.aside() == 0
    assert line.chats.shown
    await line.crash()


def test_order_holds_over_random_schedules(content: Content, report: Report) -> None:
    """Whatever comes, ends, fails or dies in whatever order: each chat is led on in order, and hide hides."""
    search(content, schedules=SCHEDULES, steps=STEPS)
    report(f"order: {SCHEDULES} random schedules of up to {STEPS} steps")
