"""What happens in which order to one chat: a few random schedules, and those that once went wrong."""

import asyncio
from pathlib import Path

from bot.core.content import Content
from tests.bench.people import Act, raw
from tests.faults.counting import play
from tests.faults.order import Schedule, search
from tests.faults.schedule import Line

SCHEDULES, STEPS, SEED = 12, 25, 4
"""Enough to find the first of the schedules below by chance (tests/faults/test_order.py)."""


def test_order_holds_over_a_few_random_schedules(content: Content) -> None:
    """Whatever comes, ends, fails or dies in whatever order: each chat is led on in order, and hide hides."""
    search(content, schedules=SCHEDULES, steps=STEPS, seeded=SEED)


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


def test_what_arrived_after_hide_is_deleted_by_the_next_process(content: Content) -> None:
    """A screen was on its way when its chat was hidden, and the process died before it could take it back."""
    schedule = Schedule()
    schedule.content = content
    schedule.open()
    schedule.writes(1, "/start", decided=True)
    schedule.hides(1)
    schedule.decides()
    schedule.ends(at=0, end="ok")
    schedule.crashes(sender_first=False)
    schedule.teardown()


def test_nobody_waits_for_the_files_of_a_shredded_case(content: Content, tmp_path: Path) -> None:
    """What is committed is sent at once; what an earlier row came to meanwhile cannot put it out of turn."""
    play(_shred_slowly(Line(tmp_path, content)))


async def _shred_slowly(line: Line) -> None:
    await line.open()
    for number, words in enumerate(["/start", "help", "yes", "yes", "Thailand", "stop"]):
        await line.receiver.updates([raw(Act("says", words), chat=3, number=number, at=line.clock.now())])
        await line.calm()
    line.inbox.tidied = asyncio.Event()
    await line.receiver.updates([raw(Act("says", "delete"), chat=3, number=9, at=line.clock.now())])
    deciding = asyncio.create_task(line.decider.step())
    await line.rest()
    is_sent, is_over = bool(line.chats.waiting), deciding.done()
    line.inbox.tidied.set()
    await line.calm()
    await line.crash()

    assert (is_sent, is_over) == (True, False)
