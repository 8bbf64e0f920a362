"""Have bytes that a stranger made touched in a process of its own: without keys, network, files, or much of anything.

What is shown or sent on is never the file itself, but what that process made of its pixels or samples. Its bounds are
in `bot.console.confined.limits`; here are those that only its parent can keep: how long, how many, how much it answers.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path
from typing import cast

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
            transport, talk = await asyncio.get_running_loop().subprocess_exec(
                _Talk,
                *(sys.executable, "-I", "-B", str(PROGRAM), what),
                stderr=DEVNULL,  # what a decoder says of a file may repeat what is in it
                env={},
                cwd="/",
            )
            given = cast(asyncio.WriteTransport, transport.get_pipe_transport(0))  # its standard input is a pipe
            try:
                given.write(content)
                given.close()  # once all is written
                async with asyncio.timeout(SECONDS):
                    await talk.over
            except TimeoutError:
                return None
            finally:
                if given.get_write_buffer_size():
                    given.abort()  # nobody will read the rest
                transport.close()  # which ends it, and waits for nobody that it left behind with its pipes
                await talk.ended
            return bytes(talk.made) if talk.is_whole and transport.get_returncode() == 0 else None


class _Talk(asyncio.SubprocessProtocol):
    """Take what a process answers, up to a bound.

    `over` once all of it is there, or more than anything of ours is; `ended` once the process has.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.made = bytearray()
        self.over: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()

    @property
    def is_whole(self) -> bool:
        return len(self.made) <= MOST_BYTES

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.made += data
        if not self.is_whole:
            _settle(self.over)

    def process_exited(self) -> None:
        _settle(self.ended)

    def connection_lost(self, exc: Exception | None) -> None:
        _settle(self.over)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def seconds_of(voice: bytes) -> int:
    """Read how long a voice is, from the position that its last page tells."""
    last = voice.rfind(b"OggS")
    return int.from_bytes(voice[last + 6 : last + 14], "little") // RATE
