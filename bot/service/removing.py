"""Deletions beside the order of a chat, and what may be repeated as freely: tried a few times, each in a task."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial

import structlog

from bot.core.errors import MachineError
from bot.core.sending import plan
from bot.service.delivery import Delivery
from bot.service.messaging import Clock, SendFailed
from bot.service.rows import Kept
from bot.service.storing import Outbox

TRIES = 12
"""Over half a minute."""
Remove = Callable[[], Awaitable[None]]
log = structlog.get_logger()


class Removals:
    """Remove what should not lie in a chat any more; what stays is in the ledger, for hide."""

    def __init__(
        self, *, delivery: Delivery, outbox: Outbox, clock: Clock, start: Callable[[Coroutine[None, None, None]], None]
    ) -> None:
        """Use these ports; `start` runs a task that the sender waits for at its end."""
        self._delivery = delivery
        self._outbox = outbox
        self._clock = clock
        self._start = start

    def begin(self, remove: Remove) -> None:
        """Begin one."""
        self._start(self._try(remove))

    def take_back(self, strays: Sequence[Kept]) -> None:
        """Begin to delete what arrived after its chat was hidden, or after another process had shown it."""
        for stray in strays:
            self.begin(partial(self._take_back, stray))

    async def take_back_earlier(self) -> None:
        """Begin with what arrived too late in the hands of a process that ended; else the next hide does it."""
        try:
            self.take_back(await self._outbox.strays())
        except MachineError as error:
            log.error("outbox.machine_sick", error=str(error))

    async def _take_back(self, stray: Kept) -> None:
        if await self._delivery.remove(stray):
            await self._outbox.unkeep([stray.id])

    async def _try(self, remove: Remove) -> None:
        for tries in range(TRIES):
            try:
                await remove()
                return
            except SendFailed as failed:
                again = plan(failed.failure, kind="delete", tries=tries, age_seconds=0.0, after=failed.after)
                if again.do != "again":
                    return
                await self._clock.until(self._clock.now() + timedelta(seconds=again.seconds))
