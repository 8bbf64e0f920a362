"""A few faults over two processes, in the ordinary suite; a hundred are in `./helpline test --replicas`."""

from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import load
from bot.settings import ROOT
from tests.postgres import Postgres
from tests.replicas.storm import kept, storm


async def test_a_few_faults_lose_nothing(postgres: Postgres, tmp_path: Path) -> None:
    """One process is killed, one halted, connections are cut: everybody is answered in order, and has one case."""
    content = load(ROOT, today=datetime.now(UTC).date())
    kept(await storm(content, postgres, tmp_path, processes=2, people=2, faults=3, rate=0, lease=2, seed=2))
