"""The real `./helpline run` as a process of its own, against a sandbox in this one."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import Group, Sandbox
from bot.settings import NAMES, ROOT

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Running:
    """A helpline that polls. `started` are the seconds from its first instruction to its first poll."""

    pid: int
    started: float


@asynccontextmanager
async def running(
    box: Sandbox, group: Group, folder: Path, *, rate: float = 0, console: str = "127.0.0.1:0"
) -> AsyncIterator[Running]:
    """Run the helpline on what lies in `folder` until left; every limit is lifted unless there is a `rate` of sends."""
    names = {name: value for name, value in os.environ.items() if name not in NAMES}
    settings = {
        "HELPLINE_BOT_TOKEN": box.token,
        "HELPLINE_BOT_API": box.root,
        "HELPLINE_OPERATORS_CHAT": str(group.id),
        "HELPLINE_DATA": str(folder / "data"),
        "HELPLINE_KEYS": str(folder / "keys"),
        "HELPLINE_CONSOLE": console,
        "HELPLINE_SEND_RATE": str(rate),
    }
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "run", "--trial", "--no-dotenv"),
        env={**names, **settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await polling(box, process)
        yield Running(process.pid, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def polling(box: Sandbox, process: asyncio.subprocess.Process) -> None:
    """Wait until a process asks for updates; one that ends before is an error."""
    async with asyncio.timeout(PATIENCE):
        while not box.polled:
            if process.returncode is not None:
                raise ChildProcessError(f"it ended with {process.returncode} before it polled")
            await asyncio.sleep(0.005)
