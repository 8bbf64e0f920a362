"""A machine that fails for a while: nothing accepted is lost, nothing is set aside for it, and it goes on by itself."""

import asyncio
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.conftest import Report
from tests.faults.town import Town

LOCKED_SECONDS = 30.0


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give a helpline that runs."""
    async with Sandbox() as box:
        town = Town(box, tmp_path)
        try:
            await town.process.start()
            yield town
        finally:
            await town.process.kill()


async def test_a_database_locked_for_long_loses_nothing(town: Town, report: Report) -> None:
    """Another program holds the file for thirty seconds: all are answered afterwards, without a restart."""
    with closing(sqlite3.connect(town.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await town.all_ask()
        await asyncio.sleep(LOCKED_SECONDS)
        other.execute("ROLLBACK")
    free = time.perf_counter()
    await town.all_kept()
    report(f"locked for {LOCKED_SECONDS:.0f} s: all answered {time.perf_counter() - free:.1f} s after")


@contextmanager
def _no_room(process: int, file: Path) -> Iterator[None]:
    """Let no file of a process grow any more, as on a full disk; then lift it."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (file.stat().st_size // 2, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


async def test_files_that_cannot_grow_lose_nothing(town: Town, report: Report) -> None:
    """No file may grow: nothing is confirmed to Telegram; with room again all are answered, without a restart."""
    with _no_room(town.process.pid, town.database):
        await town.all_ask()
        await town.process.until(lambda: b"receive.failed error=MachineError" in town.process.printed.read_bytes())
        assert town.box.pending > 0
    free = time.perf_counter()
    await town.all_kept()
    report(f"no room: all answered {time.perf_counter() - free:.1f} s after there was some")


async def test_a_stop_under_load_drains(town: Town, report: Report) -> None:
    """SIGTERM while everybody writes: it ends in good order, and the next process answers who is left."""
    await town.all_ask()
    await town.process.until(lambda: town.answered() > 2)
    asked = time.perf_counter()
    os.kill(town.process.pid, signal.SIGTERM)
    code = await town.process.ended()
    took = time.perf_counter() - asked
    assert code == 0
    await town.process.start()
    await town.all_kept()
    report(f"SIGTERM under load: ended after {took:.2f} s")


async def test_a_corrupt_page_is_refused_at_the_start(town: Town) -> None:
    """A database whose middle was overwritten is not served from: it says so, and what to do."""
    await town.all_ask()
    await town.all_kept()
    os.kill(town.process.pid, signal.SIGTERM)
    await town.process.ended()
    pages = town.database.stat().st_size // 4096
    with town.database.open("r+b") as file:
        for page in random.Random(0).sample(range(2, pages), pages // 2):
            file.seek(page * 4096)
            file.write(bytes(range(256)) * 16)

    with pytest.raises(ChildProcessError, match="damaged"):
        await town.process.start()
    assert "restore the last backup" in town.process.printed.read_text()
