"""The helpline under `kill -9`, briefly; ten times as long by `./helpline test --faults`."""

from datetime import UTC, datetime
from pathlib import Path

from bot.content.apart import Reading
from bot.settings import ROOT
from tests.faults.killing import besiege


async def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """All conversations are led to their end, in order; every case is there once; repeats are excused."""
    content = Reading(ROOT, today=datetime.now(UTC).date()).result()
    outcome = await besiege(content, tmp_path, people=100, acts=6, kills=20)

    assert (outcome.missing, outcome.cases_wrong) == ([], [])
    assert (outcome.undecided, outcome.aside, outcome.unfetched) == (0, 0, 0)
    assert len(outcome.cards) == outcome.cards_due
    assert outcome.repeated <= outcome.bound
