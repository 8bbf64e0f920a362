"""Wakes all who wait for something to happen in this process."""

import asyncio
from contextlib import suppress
from datetime import timedelta


class Bell:
    """Ring it, and everybody who waits wakes; once it is ended nobody waits any more."""

    def __init__(self) -> None:
        """Nobody waits yet. `over`: there is nothing more to wait for."""
        self._rung = asyncio.Event()
        self.over = False

    def ring(self) -> None:
        """Wake who waits now."""
        self._rung.set()
        if not self.over:
            self._rung = asyncio.Event()

    def end(self) -> None:
        """Wake who waits, for good."""
        self.over = True
        self.ring()

    async def pause(self, length: timedelta) -> None:
        """Let a while pass, unless there is nothing more to wait for."""
        await self.wait(asyncio.Event(), length)

    def next(self) -> asyncio.Event:
        """Give what is set by the next ring; take it before looking, so that no ring is missed between."""
        return self._rung

    async def wait(self, coming: asyncio.Event, at_most: timedelta) -> None:
        """Wait for a ring, or so long."""
        if not self.over:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most.total_seconds()):
                    await coming.wait()
