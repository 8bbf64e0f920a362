"""Everything Telegram can do wrong by chance, at once, under some hundred conversations; and what spammers and odd
updates do to the others."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.content import Content
from bot.sandbox import Person
from tests.bench.crowd import Seen, wanted
from tests.faults.conftest import Report
from tests.whole.floods import flood
from tests.whole.house import House, make_keys
from tests.whole.visitors import ends, has_one_case_each, is_told, persist, visitors

PEOPLE = 200
SPAMMERS = 50
REAL = 20
A_SECOND = 20
SECONDS = 20
UPDATES = 50_000
OF_ONE = 10
CHANCES = {"errors": 0.1, "lost": 0.05, "throttled": 0.02, "truncated": 0.02, "resets": 0.02}


@pytest.fixture
async def house(tmp_path: Path, content: Content) -> AsyncIterator[House]:
    """Give the running helpline, every limit lifted."""
    (tmp_path / "empty").mkdir()
    house = House(tmp_path, content, await make_keys(tmp_path / "empty"))
    try:
        await house.start()
        yield house
    finally:
        await house.close()


async def test_a_crowd_while_everything_fails_by_chance(house: House, report: Report) -> None:
    """0 lost, 0 wrong steps, 0 doubled cases; repeated at most what was lost on the way back."""
    persons, walks = visitors(house, PEOPLE)
    seen = Seen(house.box)
    house.box.faults.switch(**CHANCES)
    await asyncio.gather(*(persist(*one, patience=300.0) for one in zip(persons, walks, strict=True)))
    house.box.faults.switch(**dict.fromkeys(CHANCES, 0.0))
    await house.settled()

    shown = {person.id: seen.of(person.id) for person in persons}
    wrong = [at for at, person in enumerate(persons) if not is_told(shown[person.id], wanted(walks[at]))]
    faults = Counter(call.outcome for call in house.box.calls if call.method != "getupdates")
    repeated = sum(len(shown[person.id]) - len(wanted(walk)) for person, walk in zip(persons, walks, strict=True))
    report(
        f"sick Telegram: {PEOPLE} conversations, {sum(map(len, walks))} acts, calls {dict(faults)}: "
        f"{len(wrong)} lost or out of step, {repeated} screens repeated"
    )
    assert wrong == []
    assert repeated <= faults["lost"] + faults["truncated"]
    await has_one_case_each(house, persons)


@pytest.fixture
async def limited(tmp_path: Path, content: Content) -> AsyncIterator[House]:
    """Give the running helpline with the pace and the limits it has in earnest."""
    (tmp_path / "empty").mkdir()
    house = House(tmp_path, content, await make_keys(tmp_path / "empty"), rate=30)
    try:
        await house.start()
        yield house
    finally:
        await house.close()


async def test_spammers_beside_real_people(limited: House, report: Report) -> None:
    """Fifty spammers at twenty messages a second: twenty real people are all answered, in order."""
    house = limited
    spammers = [house.person(f"Spammer {number}") for number in range(SPAMMERS)]
    persons, walks = visitors(house, REAL)
    spam = asyncio.gather(*(_spams(one) for one in spammers))
    waits: list[float] = []
    await asyncio.gather(*(persist(*one, patience=120.0, waits=waits) for one in zip(persons, walks, strict=True)))
    spam.cancel()
    waits.sort()
    most = waits[int(0.95 * len(waits))]
    report(
        f"spam: {SPAMMERS} x {A_SECOND}/s beside {REAL} real people, {len(waits)} acts: "
        f"median {statistics.median(waits):.2f} s, 95 of 100 below {most:.2f} s, longest {waits[-1]:.2f} s"
    )
    assert [person for person in persons if ends(person) != 1] == []


async def _spams(person: Person) -> None:
    began = time.monotonic()
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(began + number / A_SECOND - time.monotonic(), 0))
        await person.says("ok thank you")


async def test_one_in_a_hundred_updates_is_odd(house: House, report: Report) -> None:
    """1 % of fifty thousand updates are spoiled: every other one is answered."""
    aside = await flood(house, UPDATES, spoiled=100, people=UPDATES // OF_ONE)
    report(f"odd updates: {UPDATES} updates, 1 in 100 spoiled: all others answered, {aside} set aside")
