"""Working passwords: half a second and 256 MiB each, so one at a time, in a thread, and not for any crowd."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.core.errors import OperatorError

CROWD = 8
"""So many wait for their password to be worked; whoever comes then is asked to try again."""
T = TypeVar("T")


class BusyError(OperatorError):
    """Too many are logging in at this moment."""


class Stretcher:
    """Do what takes so much, one after the other."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    async def __call__(self, work: Callable[[], T]) -> T:
        """Do one; raises BusyError behind a crowd."""
        if self._waiting >= CROWD:
            raise BusyError("Many are logging in: try again in a moment.")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
