"""Hiding from every question there is, in both languages, while Telegram does all that it can do wrong by chance."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.content import Content
from tests.conftest import Report
from tests.whole.everywhere import hides, ways
from tests.whole.house import House, make_keys, started

CHANCES = {"errors": 0.1, "lost": 0.05, "throttled": 0.02, "truncated": 0.02, "resets": 0.02}
BOUND = 5.0
"""In seconds, from the act to the moment when nothing is left that could be deleted."""


@pytest.fixture
async def house(tmp_path: Path, content: Content) -> AsyncIterator[House]:
    """Give the running helpline, every limit lifted."""
    (tmp_path / "empty").mkdir()
    async with started(House(tmp_path, content, await make_keys(tmp_path / "empty"))) as house:
        yield house


@pytest.mark.parametrize("seed", range(3))
async def test_hide_is_complete_from_every_question(house: House, report: Report, seed: int) -> None:
    """One innocent message is left in each chat, and what was on its way is removed when it arrives."""
    dice, all_ways = random.Random(seed), ways(house.content)
    house.box.faults.switch(**CHANCES)
    hidden = await asyncio.gather(*(hides(house, way, dice) for way in all_ways))
    house.box.faults.switch(**dict.fromkeys(CHANCES, 0.0))
    await house.until_quiet()

    left = [way for way, (person, _) in zip(all_ways, hidden, strict=True) if not house.is_innocent(person)]
    seconds = sorted(taken for _, taken in hidden)
    late = sum(one > BOUND for one in seconds)
    report(
        f"hide from {len(all_ways)} questions at once, seed {seed}: {len(left)} with something left; nothing was left "
        f"after {seconds[len(seconds) // 2]:.1f} s (median), {seconds[-1]:.1f} s (longest), {late} later than {BOUND} s"
    )
    assert left == []
