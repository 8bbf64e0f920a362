"""Commit in groups what arrives one by one: a commit waits for the disk, and may as well take all who wait with it.

The store shares commits among single writes too, but there each is a transaction step of its own; a group is one
statement.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.core.errors import MachineError

MOST = 100
"""As many as a poll brings at most."""

Update = dict[str, object]
log = structlog.get_logger()


class Gathering:
    """Hand updates to `receive`, one group at a time; who comes meanwhile goes with the next. There is no timer."""

    def __init__(self, receive: Callable[[Sequence[Update]], Awaitable[object]]) -> None:
        self._receive = receive
        self._waiting: list[tuple[Update, asyncio.Future[None]]] = []
        self._handing: asyncio.Task[None] | None = None

    async def add(self, update: Update) -> None:
        """Return once the update is committed. Raises what `receive` raises for it."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, committed))
        if self._handing is None or self._handing.done():
            self._handing = asyncio.create_task(self._hand_over())
        await committed

    async def _hand_over(self) -> None:
        while group := self._waiting[:MOST]:
            del self._waiting[:MOST]
            if not await self._together(group):
                for one in group:
                    await self._together([one])

    async def _together(self, group: Sequence[tuple[Update, asyncio.Future[None]]]) -> bool:
        """Commit a group and tell those who wait; False if it failed for what one of several may be to blame."""
        (outcome,) = await asyncio.gather(self._receive([update for update, _ in group]), return_exceptions=True)
        error = outcome if isinstance(outcome, BaseException) else None
        if error is not None and not isinstance(error, MachineError):
            log.error("receive.failed", updates=len(group), error=type(error).__name__)
            if len(group) > 1:
                return False
        for _, committed in group:
            _settle(committed, error)
        return True


def _settle(committed: asyncio.Future[None], error: BaseException | None) -> None:
    if committed.done():
        return  # who waited for it is gone
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)
