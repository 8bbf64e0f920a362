"""Write down what became of rows: many results in one transaction, and none lost while the store is sick."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from bot.core.errors import MachineError
from bot.service.messaging import Clock
from bot.service.rows import Kept, Settled
from bot.service.storing import Outbox

AGAIN = timedelta(seconds=1)
log = structlog.get_logger()


class Settler:
    """Collect results and write them; `written` is told of them, and of what arrived after its chat was hidden."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        clock: Clock,
        alarm: Callable[[str], Awaitable[None]],
        written: Callable[[Sequence[Settled], Sequence[Kept]], None],
    ) -> None:
        """Use these ports."""
        self._outbox = outbox
        self._clock = clock
        self._alarm = alarm
        self._written = written
        self._results: list[Settled] = []
        self._some = asyncio.Event()

    def add(self, result: Settled) -> None:
        """Take a result to be written soon."""
        self._results.append(result)
        self._some.set()

    async def run(self) -> None:
        """Write results for ever."""
        while True:
            await self._some.wait()
            self._some.clear()
            if not await self.write():
                await self._clock.until(self._clock.now() + AGAIN)
                self._some.set()

    async def write(self) -> bool:
        """Write what was collected; False if the store is sick, and then everything is kept to be written again."""
        results, self._results = self._results, []
        if not results:
            return True
        try:
            strays = await self._outbox.settle(results)
        except (MachineError, asyncio.CancelledError) as error:
            # Of a writing that was cancelled nobody knows; what was written already is left alone the second time.
            self._results = results + self._results
            if isinstance(error, asyncio.CancelledError):
                raise
            log.error("outbox.machine_sick", error=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - one result that cannot be written must not lose the others: alarmed, then each is tried alone
            log.error("outbox.unsettled", results=len(results), error=type(error).__name__)
            await self._alarm("outbox")
            strays = [stray for result in results for stray in await self._alone(result)]
        self._written(results, strays)
        return True

    async def _alone(self, result: Settled) -> Sequence[Kept]:
        try:
            return await self._outbox.settle([result])
        except Exception as error:  # noqa: BLE001 - the others still have to be written; this row is sent again when its lease ends
            log.error("outbox.unsettled", row=result.id, error=type(error).__name__)
            return ()
