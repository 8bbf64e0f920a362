"""./helpline test --replicas: three processes and one PostgreSQL under load, through a hundred faults."""

from pathlib import Path

import pytest

from bot.core.content import Content
from tests.conftest import Report
from tests.postgres import Postgres
from tests.replicas.speed import flow
from tests.replicas.storm import kept, storm

FAULTS, PEOPLE, RATE = 100, 30, 30


async def test_a_hundred_faults(postgres: Postgres, content: Content, tmp_path: Path, report: Report) -> None:
    """Killed, halted, cut off: nothing is lost or doubled, order and pace hold, and operators see every case."""
    outcome = await storm(
        content, postgres, tmp_path, processes=3, people=PEOPLE, faults=FAULTS, rate=RATE, seed=1, late=True
    )
    report(str(outcome))

    kept(outcome, rate=RATE)
    assert sum(outcome.faults.values()) >= FAULTS
    assert outcome.late >= 1, "no result of a lease that had run out was refused"


@pytest.mark.parametrize("processes", [1, 2, 3])
async def test_throughput(processes: int, postgres: Postgres, content: Content, tmp_path: Path, report: Report) -> None:
    """What one, two and three processes get through is printed; everybody is answered in order."""
    outcome = await flow(content, postgres, tmp_path, processes=processes, people=100)
    report(str(outcome))

    assert outcome.wrong == 0
