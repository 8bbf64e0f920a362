"""A few faults over three processes, in the ordinary suite; a hundred are in `./helpline test --replicas`."""

from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import load
from bot.settings import ROOT
from tests.postgres import Postgres
from tests.replicas.storm import storm

RATE = 30


async def test_a_few_faults_lose_nothing(postgres: Postgres, tmp_path: Path) -> None:
    """One process is killed, one halted, connections are cut: everybody is answered in order, and has one case."""
    content = load(ROOT, today=datetime.now(UTC).date())
    outcome = await storm(content, postgres, tmp_path, processes=3, people=6, faults=3, rate=RATE, seed=2)

    assert (outcome.wrong, outcome.aside, outcome.busiest <= 11 * RATE) == (0, 0, True)
    assert outcome.people == outcome.lanes == outcome.cases
    assert not any(outcome.left.values())
