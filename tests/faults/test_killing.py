"""The helpline under `kill -9`: two hundred times at random moments, and nobody can tell afterwards but by repeats."""

from pathlib import Path

import pytest

from bot.core.content import Content
from tests.conftest import Report
from tests.faults.killing import besiege

KILLS = 200
PEOPLE = 2000
ACTS = 8


@pytest.mark.parametrize("seed", [0])
async def test_two_hundred_kills_lose_and_double_nothing(
    content: Content, tmp_path: Path, report: Report, seed: int
) -> None:
    """All conversations are led to their end, in order; every case is there once; repeats are excused."""
    outcome = await besiege(content, tmp_path, people=PEOPLE, acts=ACTS, kills=KILLS, seed=seed)
    report(outcome.told())

    assert (outcome.missing, outcome.cases_wrong) == ([], [])
    assert (outcome.undecided, outcome.aside, outcome.unfetched) == (0, 0, 0)
    assert len(outcome.cards) == outcome.cards_due
    assert outcome.repeated <= outcome.bound
