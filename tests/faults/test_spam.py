"""Spammers beside people who need help: nobody waits for those who write twenty times a second."""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.core.content import Content
from bot.sandbox import Person, Sandbox, populate
from tests.bench.people import language
from tests.bench.process import running
from tests.conftest import Report
from tests.whole.visitors import ends, persist, walks

SPAMMERS = 50
REAL = 20
A_SECOND = 20
RATE = 30
"""What Telegram allows; the limits are those of earnest."""
PATIENCE = 120.0
MOST_SECONDS = 3.0
"""So long 95 of 100 acts of real people wait at most."""


async def test_spammers_beside_real_people(tmp_path: Path, content: Content, report: Report) -> None:
    """Fifty spammers at twenty messages a second: twenty real people are all answered, in order, and soon."""
    ways = walks(content, REAL, now=datetime.now(UTC))
    async with Sandbox() as box:
        group = populate(box)
        spammers = [box.add_person(f"Spammer {number}", language_code="en") for number in range(SPAMMERS)]
        persons = [box.add_person(f"Person {seed}", language_code=language(seed)) for seed in range(REAL)]
        async with running(box, group, tmp_path, rate=RATE):
            waits: list[float] = []
            spam = asyncio.gather(*(_spams(one) for one in spammers))
            people = (persist(*one, patience=PATIENCE, waits=waits) for one in zip(persons, ways, strict=True))
            await asyncio.gather(*people)
            spam.cancel()
            missing = box.pending
    waits.sort()
    most = waits[int(0.95 * len(waits))]
    report(
        f"spam: {SPAMMERS} x {A_SECOND}/s beside {REAL} real people, {len(waits)} acts, {missing} updates unfetched: "
        f"median {statistics.median(waits):.2f} s, 95 of 100 below {most:.2f} s, longest {waits[-1]:.2f} s"
    )
    assert [person for person in persons if ends(person) != 1] == []
    assert most < MOST_SECONDS


async def _spams(person: Person) -> None:
    began = time.monotonic()
    for number in count():
        await asyncio.sleep(max(began + number / A_SECOND - time.monotonic(), 0))
        await person.says("ok thank you")
