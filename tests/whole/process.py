"""The real `run` and the commands beside it, each a process of its own, on folders and a sandbox of the test."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.app import COMMANDS, app
from bot.core.errors import HelplineError
from bot.sandbox import Group, Sandbox
from bot.settings import ROOT, bare_environment

PATIENCE = 60.0
_QUIET = {
    "inbox": "SELECT count(*) FROM inbox WHERE state = 'waiting'",
    "outbox": "SELECT count(*) FROM outbox WHERE state IN ('ready', 'leased')",
    "fetches": "SELECT count(*) FROM fetches",
}
"""What must be 0 when everything that came was decided, sent and fetched."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


class Process:
    """One installation: a data folder, a key folder, a folder for temporary files, and whatever `run` prints.

    `module` is what is run: the command, or a wrapper around it with its own arguments.
    """

    def __init__(self, box: Sandbox, group: Group, folder: Path) -> None:
        """Describe it; the folders are empty."""
        self.box = box
        self.module: Sequence[str] = ("bot.cli",)
        self.data, self.keys, self.temporary = (folder / name for name in ("data", "keys", "tmp"))
        self.printed = folder / "printed"
        self.temporary.mkdir()
        self._settings = {
            "HELPLINE_BOT_TOKEN": box.token,
            "HELPLINE_BOT_API": box.root,
            "HELPLINE_OPERATORS_CHAT": str(group.id),
            "HELPLINE_DATA": str(self.data),
            "HELPLINE_KEYS": str(self.keys),
            "HELPLINE_CONSOLE": "127.0.0.1:0",
            "HELPLINE_SEND_RATE": "0",
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(ROOT),
        }
        self._run: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin `run`, and wait until it asks for updates."""
        polls = self._polls()
        await self.begin()
        assert self._run is not None
        async with asyncio.timeout(PATIENCE):
            while self._polls() == polls:
                if self._run.returncode is not None:
                    raise ChildProcessError(f"run ended with {self._run.returncode}: {self.printed.read_text()}")
                await asyncio.sleep(0.01)

    async def begin(self) -> None:
        """Begin `run`; as a trial, for which nothing has to be signed off."""
        with self.printed.open("ab") as printed:
            self._run = await self._spawn("run", "--trial", "--no-dotenv", out=printed.fileno(), err=printed.fileno())

    def _polls(self) -> int:
        return sum(call.method == "getupdates" for call in self.box.calls)

    @property
    def pid(self) -> int:
        """Give the number of the process of `run`."""
        assert self._run is not None
        return self._run.pid

    @property
    def has_ended(self) -> bool:
        """Say whether the process of `run` is gone."""
        return self._run is not None and self._run.returncode is not None

    async def ended(self) -> int:
        """Wait until `run` ends; gives its exit code."""
        assert self._run is not None
        async with asyncio.timeout(PATIENCE):
            return await self._run.wait()

    async def kill(self) -> None:
        """Kill `run` with a signal it cannot hear; does nothing if it has ended."""
        if self._run is not None and self._run.returncode is None:
            with suppress(ProcessLookupError):
                self._run.kill()
            await self._run.wait()

    async def kill_when(self, *waiting: str) -> None:
        """Kill `run` at a moment when rows of all these kinds wait; it is halted for each look."""
        assert self._run is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                os.kill(self._run.pid, signal.SIGSTOP)
                if all(self.count(kind) for kind in waiting):
                    await self.kill()
                    return
                os.kill(self._run.pid, signal.SIGCONT)
                await asyncio.sleep(0.002)

    async def settled(self) -> None:
        """Wait until all that people did was taken, decided, sent and fetched."""
        await self.until(lambda: not self.box.pending and not any(self.count(kind) for kind in _QUIET))

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true that nobody in this process is told of."""
        async with asyncio.timeout(PATIENCE):
            while not happened():  # noqa: ASYNC110  # another process sets no event
                await asyncio.sleep(0.01)

    def count(self, kind: str) -> int:
        """Count waiting rows of a kind (inbox, outbox, fetches) as any other program could that reads the file."""
        with closing(sqlite3.connect(f"file:{self.data}/helpline.db?mode=ro", uri=True)) as database:
            return int(database.execute(_QUIET[kind]).fetchone()[0])

    async def command(self, *arguments: object) -> Ended:
        """Run a command to its end."""
        pipe = asyncio.subprocess.PIPE
        process = await self._spawn(*map(str, arguments), "--no-dotenv", out=pipe, err=pipe)
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def command_here(self, *arguments: object) -> Ended:
        """Run a command to its end in a thread of this process: the same, without the second that a start takes."""
        import_module(f"bot.cli.{COMMANDS[str(arguments[0])][0]}")
        asked = [*map(str, arguments), "--no-dotenv"]
        done = await asyncio.to_thread(CliRunner().invoke, app, asked, env=self._settings)
        if done.exception is not None and not isinstance(done.exception, HelplineError | SystemExit):
            raise done.exception
        told = str(done.exception) if isinstance(done.exception, HelplineError) else done.stderr
        return Ended(done.exit_code, done.stdout, told)

    async def at_terminal(self, *arguments: object) -> asyncio.subprocess.Process:
        """Begin a command that asks; what is typed goes to its standard input."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", *self.module, *map(str, arguments), "--no-dotenv"),
            env={**bare_environment(), **self._settings},
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )

    async def _spawn(self, *arguments: str, out: int, err: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *self.module, *arguments),
            env={**bare_environment(), **self._settings},
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )

    def left(self) -> Mapping[Path, bytes]:
        """Give every file that lies in the folders, and what was printed."""
        places = [self.printed, *(one for top in (self.data, self.keys, self.temporary) for one in top.rglob("*"))]
        return {place: place.read_bytes() for place in places if place.is_file()}

    def told_to_run(self) -> bytes:
        """Give the arguments and the environment of `run`, as the system shows them."""
        assert self._run is not None
        return b"".join(Path(f"/proc/{self._run.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
