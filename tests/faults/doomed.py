"""A house whose helpline is first a process that dies at a port call, and from then on lives in this process."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

from bot.core.content import Content
from bot.settings import ROOT, bare_environment
from bot.store.opening import database_path
from tests.faults.ports import DEAD, Point, points
from tests.whole.house import House, Keys

_UNREST = {
    "inbox": "SELECT count(*) FROM inbox WHERE state = 'waiting'",
    "outbox": "SELECT count(*) FROM outbox WHERE state = 'leased' OR (state = 'ready' AND due <= :now)",
    "timers": "SELECT count(*) FROM timers WHERE due <= :now",
    "fetches": "SELECT count(*) FROM fetches WHERE due <= :now",
}


class Forge:
    """Makes processes that serve a folder and may die at a point, one at a time."""

    def __init__(self, server: asyncio.subprocess.Process) -> None:
        assert server.stdin is not None
        assert server.stdout is not None
        self._orders, self._answers = server.stdin, server.stdout

    async def forge(self, order: Mapping[str, Any]) -> "Life":
        """Begin a process."""
        self._orders.write(json.dumps(order).encode() + b"\n")
        process = int(await self._answers.readline())
        return Life(process, asyncio.create_task(self._answers.readline()))


class Life:
    """One process; it ends at the point that was ordered, or is killed."""

    def __init__(self, process: int, end: asyncio.Task[bytes]) -> None:
        self._process = process
        self._end = end

    @property
    def code(self) -> int | None:
        """Give the exit code; None while it lives."""
        return int(self._end.result()) if self._end.done() else None

    async def kill(self) -> None:
        """Kill it, if it still lives."""
        with suppress(ProcessLookupError):
            if not self._end.done():
                os.kill(self._process, signal.SIGKILL)
        await self._end


@asynccontextmanager
async def forging() -> AsyncIterator[Forge]:
    """Open a forge; it needs seconds to get warm."""
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.mortal"),
        env={**bare_environment(), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=pipe,
        stdout=pipe,
    )
    assert server.stdin is not None
    try:
        yield Forge(server)
    finally:
        server.stdin.close()
        await server.wait()


class Doomed(House):
    """A house that dies once, at a point or at the end of what is played, and rises in this process.

    `met`: the process died at its point. `leased`: so many rows were out then; each may have been sent already, so it
    may be sent once more.
    """

    def __init__(self, folder: Path, content: Content, keys: Keys, forge: Forge) -> None:
        super().__init__(folder, content, keys)
        self.forge = forge
        self.met = False
        self.leased = 0
        self._life: Life | None = None

    async def halt(self, last: Awaitable[object]) -> None:
        """End the helpline when the last that came is committed, but neither decided nor confirmed to Telegram."""
        assert self._running is not None
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        await last
        await self.helpline.receiver.updates([json.loads(one.json) for one in self.box.world.updates.waiting()])
        self._running = None
        await self.stop(clean=False)

    async def live(self, death: Point | None) -> None:
        """Let a process serve, which dies at this point."""
        settings = {**self.settings.model_dump(mode="json"), "bot_token": self.box.token}
        clock = {"begun": self.clock.begun, "ahead": self.clock.ahead.total_seconds()}
        point = None if death is None else [death.call, death.nth, death.side]
        self._life = await self.forge.forge({"settings": settings, "folder": str(self.folder), "death": point, **clock})

    async def rise(self) -> None:
        """Kill the process, if it still lives, and serve from here."""
        assert self._life is not None
        await self._life.kill()
        self.met = self._life.code == DEAD
        if not self.met and self._life.code != -signal.SIGKILL:
            raise ChildProcessError(f"it ended with {self._life.code}: {(self.folder / 'printed').read_text()}")
        self._life = None
        self.leased = self._look("SELECT count(*) FROM outbox WHERE state = 'leased'")
        await self.open()

    @property
    def lives_apart(self) -> bool:
        """Say whether the process still serves."""
        return self._life is not None

    def trace(self) -> list[Point]:
        """Give the points that the process came by."""
        return list(points((self.folder / "trace").read_bytes()))

    async def close(self) -> None:
        """End everything."""
        if self._life is not None:
            await self._life.kill()
        await super().close()

    async def _unrest(self) -> dict[str, object]:
        """Look from outside while the process lives; when it has died, serve from here."""
        if self._life is not None and self._life.code is not None:
            await self.rise()
        if self._life is None:
            return await super()._unrest()
        calls = [call.method for call in self.box.calls if not call.outcome and call.method != "getupdates"]
        waiting: dict[str, object] = {"pending": self.box.pending, "calls": calls}
        return waiting if any(waiting.values()) else {kind: self._look(query) for kind, query in _UNREST.items()}

    def fact(self, key: str) -> str | None:
        """Read a fact of the instance, whoever serves it."""
        found = self._looked("SELECT value FROM facts WHERE key = :key", key=key)
        return None if found is None else str(found[0])

    def _look(self, query: str) -> int:
        """Count what a query of the database counts."""
        found = self._looked(query, now=int(self.clock.now().timestamp() * 1000))
        assert found is not None
        return int(found[0])

    def _looked(self, query: str, **values: object) -> tuple[Any, ...] | None:
        """Read one row, as any other program could that reads the file."""
        path = database_path(self.settings.database)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            found: tuple[Any, ...] | None = database.execute(query, values).fetchone()
            return found
