"""A helpline on a disk that is full: `unshare --mount --map-root-user python -m tests.faults.full_disk FOLDER`.

The disk is a small file system in memory, which only this process and its children see, and which goes with them.
"""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from bot.sandbox import Sandbox
from tests.faults.town import Town

BYTES = 16 << 20
LONG = "they hit me " * 300
"""Words of many people that do not fit into what a database has spare."""


def mount(folder: Path) -> None:
    """Put a small file system at a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES},mode=700", "none", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Take all the room that is left."""
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(BYTES // 512):
            file.write(bytes(512))


async def main(folder: Path) -> None:
    """Let everybody write while nothing can be kept; then make room."""
    async with Sandbox() as box:
        town = Town(box, folder)
        town.process.data.mkdir(mode=0o700)
        mount(town.process.data)
        ballast = town.process.data / "ballast"
        try:
            await town.process.start()
            fill(ballast)
            await town.all_ask(words=LONG)
            await town.process.until(lambda: b"receive.failed error=MachineError" in town.process.printed.read_bytes())
            assert town.box.pending > 0
            ballast.unlink()
            free = time.perf_counter()
            await town.all_kept()
            print(f"{time.perf_counter() - free:.1f}")  # noqa: T201 - this is the answer
        finally:
            await town.process.kill()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
