"""An update of which the process dies is found and set aside; everybody else is answered."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox import Sandbox, populate
from bot.service.inbox import TRIES
from tests.conftest import Report
from tests.faults.dying import POISON
from tests.whole.process import Process

PEOPLE = 5


@pytest.mark.parametrize(("death", "most"), [("decide", TRIES + 1), ("translate", TRIES + 2)])
async def test_a_deadly_update_is_set_aside(tmp_path: Path, report: Report, death: str, most: int) -> None:
    """It kills once in a batch and three times alone (and once when it is given up, if that reads it again)."""
    async with Sandbox() as box:
        process = Process(box, populate(box), tmp_path)
        process.module = ("tests.faults.dying", death)
        people = [box.add_person(f"Person {number}", language_code="en") for number in range(2 * PEOPLE)]
        poor = box.add_person("Poor", language_code="en")
        for person in people[:PEOPLE]:
            await person.says("/start")
        await poor.says(POISON)
        for person in people[PEOPLE:]:
            await person.says("/start")
        deaths = await _serve_until_it_stays(process)
        try:
            await process.settled()
        finally:
            await process.kill()

        assert deaths <= most
        assert all(person.screen() for person in people)
        assert _aside(process) == 1
        report(f"deadly to {death}: found after {deaths} deaths")


async def _serve_until_it_stays(process: Process) -> int:
    """Start it again whenever it has died; gives how often that was, once nothing waits."""
    for deaths in range(10):
        await process.begin()
        await process.until(lambda: process.has_ended or _all_decided(process))
        if not process.has_ended:
            return deaths
        assert await process.ended() == -signal.SIGKILL
    raise AssertionError("it dies again and again")


def _all_decided(process: Process) -> bool:
    database = process.data / "helpline.db"
    return not process.box.pending and database.exists() and not process.count("inbox")


def _aside(process: Process) -> int:
    with closing(sqlite3.connect(f"file:{process.data}/helpline.db?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM inbox WHERE state = 'aside'").fetchone()[0])
