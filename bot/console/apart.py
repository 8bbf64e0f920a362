"""Have bytes that a stranger made touched in a process of its own: without keys, network, files, or much of anything.

What is shown or sent on is never the file itself, but what that process made of its pixels or samples. Its bounds are
in `bot.console.confined.limits`; here are those that only its parent can keep: how long, how many, how much it answers.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(__file__).parent / "confined"
"""A folder run as a program: with -I nothing can be imported there but itself and installed libraries."""
SECONDS = 60.0
"""By the clock, however busy the machine is; of a processor it has 20, and five minutes of sound take three."""
MOST_BYTES = 4 << 20
"""Of what is made: a JPEG of 1,600 pixels square and a voice of five minutes have less than a quarter of it."""
RATE = 48_000
"""By which Ogg counts Opus, whatever it was recorded at (RFC 7845, section 4)."""


class Apart:
    """Make files anew, one at a time: each may take as much memory as all the helpline."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._turn = asyncio.Semaphore(1)

    async def picture(self, content: bytes) -> bytes | None:
        """Make a JPEG of a picture's pixels; None if it cannot be shown."""
        return await self._made("picture", content)

    async def voice(self, content: bytes) -> bytes | None:
        """Make Ogg with Opus of a sound's samples; None if it cannot be sent, or is longer than five minutes."""
        return await self._made("voice", content)

    async def _made(self, what: str, content: bytes) -> bytes | None:
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-B", PROGRAM, what),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,  # what a decoder says of a file may repeat what is in it
                env={},
                cwd="/",
            )
            try:
                async with asyncio.timeout(SECONDS):
                    return await _answer(process, content)
            except TimeoutError:
                return None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


async def _answer(process: Process, content: bytes) -> bytes | None:
    """Hand the file over and take what was made of it; None if that failed, or is more than anything of ours."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
    with suppress(ConnectionError):  # it ended without reading on: its status says so
        process.stdin.write(content)
        await process.stdin.drain()
    process.stdin.close()
    try:
        await process.stdout.readexactly(MOST_BYTES + 1)
    except asyncio.IncompleteReadError as all_of_it:
        return all_of_it.partial if await process.wait() == 0 else None
    return None


def seconds_of(voice: bytes) -> int:
    """Read how long a voice is, from the position that its last page tells."""
    last = voice.rfind(b"OggS")
    return int.from_bytes(voice[last + 6 : last + 14], "little") // RATE
