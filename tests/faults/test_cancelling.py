"""A thousand tasks cancelled at random moments leave the database free, and whatever was told to be kept is kept."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.service.rows import Arrival
from bot.store.opening import Store, open_store

TASKS = 1000
AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


async def test_cancelled_tasks_leave_no_lock_and_lose_nothing(tmp_path: Path) -> None:
    """No transaction stays open, another program can write, and every arrival that was acknowledged is there."""
    dice, kept = random.Random(0), list[str]()
    store = await open_store(f"sqlite:///{tmp_path}/data/helpline.db", tmp_path / "data")
    try:
        tasks = [asyncio.create_task(_work(store, str(number), kept)) for number in range(TASKS)]
        for task in dice.sample(tasks, TASKS):
            await asyncio.sleep(dice.choice((0, 0, 0.001)))
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        with closing(sqlite3.connect(store.database.name, isolation_level=None, timeout=5)) as other:
            other.execute("BEGIN IMMEDIATE")
            found = {key for (key,) in other.execute("SELECT key FROM inbox")}
            other.execute("ROLLBACK")
        assert kept
        assert {*kept} <= found
        assert await store.inbox.receive([_arrival("last")]) == 1
    finally:
        await store.close()


async def _work(store: Store, key: str, kept: list[str]) -> None:
    """Receive, and hold a batch open for a moment."""
    await store.inbox.receive([_arrival(key)])
    kept.append(key)
    async with store.inbox.batch(1) as batch:
        await _look(batch.rows)


async def _look(rows: Sequence[object]) -> None:
    for _ in rows:
        await asyncio.sleep(0)


def _arrival(key: str) -> Arrival:
    return Arrival(lane="ann", source="telegram", key=key, body=b"closed", at=AT)
