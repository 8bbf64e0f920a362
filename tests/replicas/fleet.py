"""Several `run` processes on one PostgreSQL, against one sandbox: started, killed, halted, cut off."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

from psycopg.errors import UndefinedTable

from bot.sandbox import Group, Sandbox
from bot.settings import ROOT, bare_environment
from tests.postgres import Postgres

PATIENCE = 60.0
STARTED = "SELECT count(*) FROM facts WHERE key LIKE 'run:%'"
SHORT = {"lock_timeout": 2000, "statement_timeout": 5000, "connect_timeout": 5}
"""Limits in the address, short so that what a halted process holds is soon free."""
_OUT = "SELECT count(*) FROM outbox WHERE state IN ('ready', 'leased')"
_OPERATORS = "('card', 'card_reply', 'card_buttons', 'note')"
_LEFT = {
    "inbox": "SELECT count(*) FROM inbox WHERE state = 'waiting'",
    "to people": f"{_OUT} AND kind NOT IN {_OPERATORS}",
    "to operators": f"{_OUT} AND kind IN {_OPERATORS}",
    "fetches": "SELECT count(*) FROM fetches",
}
"""What must be 0 when everything that came was decided, sent and fetched."""


class Fleet:
    """Processes that share a database, a folder of sealed files, and keys."""

    def __init__(
        self, box: Sandbox, group: Group, postgres: Postgres, folder: Path, *, rate: float, lease: int = 4
    ) -> None:
        """Describe them; `rate`: HELPLINE_SEND_RATE of all of them together. `lease` in seconds."""
        self.box = box
        self.postgres = postgres
        self.database = postgres.create()
        self.folder = folder
        self.printed = folder / "printed"
        self._settings = {
            "HELPLINE_BOT_TOKEN": box.token,
            "HELPLINE_BOT_API": box.root,
            "HELPLINE_OPERATORS_CHAT": str(group.id),
            "HELPLINE_DATA": str(folder / "data"),
            "HELPLINE_KEYS": str(folder / "keys"),
            "HELPLINE_DATABASE": postgres.url(
                self.database, **SHORT, lease=lease, idle_in_transaction_session_timeout=1000 * lease
            ),
            "HELPLINE_CONSOLE": "127.0.0.1:0",
            "HELPLINE_SEND_RATE": str(rate),
            "PYTHONPATH": str(ROOT),
        }
        self.processes: list[asyncio.subprocess.Process] = []
        self.group = group

    async def start(self) -> None:
        """Begin one more process."""
        with self.printed.open("ab") as printed:
            self.processes.append(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot.cli", "run", "--trial", "--no-dotenv"),
                    env={**bare_environment(), **self._settings},
                    cwd=ROOT,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=printed.fileno(),
                    stderr=printed.fileno(),
                )
            )

    async def serving(self, processes: int) -> None:
        """Wait until so many processes serve, and one of them polls."""
        async with asyncio.timeout(PATIENCE):
            while await self.one(STARTED) < processes or not self.box.polled:  # other processes set no event
                await asyncio.sleep(0.05)
                self.ended()

    def ended(self) -> None:
        """Fail if a process ended by itself."""
        for process in self.processes:
            if process.returncode is not None:
                raise ChildProcessError(f"run ended with {process.returncode}: {self.printed.read_text()[-4000:]}")

    async def kill(self, at: int) -> None:
        """Kill a process with a signal it cannot hear, and start another in its place."""
        process = self.processes.pop(at)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await self.start()

    async def replace_ended(self) -> None:
        """Start those again that could not start, as whatever supervises them in earnest does: they were cut off."""
        for process in [one for one in self.processes if one.returncode is not None]:
            self.processes.remove(process)
            await self.start()

    async def halt(self, at: int, seconds: float) -> None:
        """Halt a process, as a sleeping machine does, and let it go on."""
        process = self.processes[at]
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
            os.kill(process.pid, signal.SIGCONT)

    async def cut(self, most: int) -> int:
        """End some sessions; gives how many."""
        return await asyncio.to_thread(self.postgres.cut, database=self.database, most=most)

    async def one(self, asked: str, values: Sequence[object] = ()) -> int:
        """Ask the database for one number."""
        try:
            rows = await self._ask(asked, values)
        except UndefinedTable:  # the first process has only just begun
            return 0
        return int(rows[0][0]) if rows else 0

    async def column(self, asked: str) -> list[str]:
        """Ask the database for one column."""
        return [str(row[0]) for row in await self._ask(asked)]

    async def _ask(self, asked: str, values: Sequence[object] = ()) -> list[Any]:
        """Ask in a thread: the sandbox is served by this loop, and would read late what came meanwhile."""
        return await asyncio.to_thread(self.postgres.execute, asked, self.database, values)

    async def left(self) -> dict[str, int]:
        """Count what was not decided, sent or fetched yet."""
        return {name: await self.one(asked) for name, asked in _LEFT.items()}

    async def drained(self) -> None:
        """Stop all, and let one process without limits send what the group's pace has kept from operators."""
        if self._settings["HELPLINE_SEND_RATE"] != "0":
            await self.stop()
            self.processes.clear()
            self._settings["HELPLINE_SEND_RATE"] = "0"
            await self.start()
        await self.settled(but=())

    async def settled(self, *, but: Container[str] = ("to operators",)) -> None:
        """Wait until all that people did was taken, decided, sent and fetched; a group takes 20 messages a minute.

        As long as less and less is left it is waited for: how much there was depends on how far people came.
        """
        least, since = inf, time.monotonic()
        while True:
            left = await self.left()
            count = self.box.pending + sum(n for name, n in left.items() if name not in but)
            if count == 0:
                return
            if count < least:
                least, since = count, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise AssertionError(f"left, and no less for {PATIENCE:.0f} s: {left}, {self.box.pending} not taken")
            await asyncio.sleep(0.1)
            self.ended()

    async def stop(self) -> None:
        """Stop all, in good order if they can."""
        for process in self.processes:
            if process.returncode is None:
                process.terminate()
        for process in self.processes:
            try:
                async with asyncio.timeout(PATIENCE):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
