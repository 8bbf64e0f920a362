"""Everything Telegram can do wrong by chance, at once, under some hundred conversations; and what odd updates
do to the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.content import Content
from tests.bench.crowd import Seen, wanted
from tests.conftest import Report
from tests.whole.floods import flood
from tests.whole.house import House, make_keys, started
from tests.whole.visitors import has_one_case_each, is_told, persist, visitors

PEOPLE = 200
UPDATES = 50_000
OF_ONE = 10
CHANCES = {"errors": 0.1, "lost": 0.05, "throttled": 0.02, "truncated": 0.02, "resets": 0.02}


@pytest.fixture
async def house(tmp_path: Path, content: Content) -> AsyncIterator[House]:
    """Give the running helpline, every limit lifted."""
    (tmp_path / "empty").mkdir()
    async with started(House(tmp_path, content, await make_keys(tmp_path / "empty"))) as house:
        yield house


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


async def test_one_in_a_hundred_updates_is_odd(house: House, report: Report) -> None:
    """1 % of fifty thousand updates are spoiled: every other one is answered."""
    flooded = await flood(house, UPDATES, spoiled=100, people=UPDATES // OF_ONE)
    report(
        f"odd updates: {UPDATES}, 1 in 100 odd: all {flooded.answered} others answered, {flooded.aside} set aside, of "
        f"which {flooded.poison} poison, {flooded.alarms} alarms raised"
    )
