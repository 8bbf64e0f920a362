"""Is the helpline alive, and does it answer people? What /healthz, /metrics and the heartbeat say."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.errors import MachineError
from bot.service.messaging import Clock
from bot.service.rows import Backlog, Readings
from bot.service.storing import Gauges

LATE = timedelta(minutes=2)
"""Who waits longer than this, or what was heard from Telegram longer ago, means that people are not answered."""
STORE_SECONDS = 5.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened since the process began. `calls`: by method and how they ended ("ok", or a Failure)."""

    received: int
    decided: int
    calls: Counter[tuple[str, str]]
    alarms: Counter[str]


class Vitals:
    """Know how the running helpline is. `last_answer`: when receiving last worked; None: not yet.

    `serving` is set by who runs its parts: they all run, or none.
    """

    def __init__(
        self,
        *,
        gauges: Gauges,
        clock: Clock,
        last_answer: Callable[[], datetime | None],
        counts: Callable[[], Counts],
    ) -> None:
        """Use these ports."""
        self._gauges = gauges
        self._clock = clock
        self._last_answer = last_answer
        self.counts = counts
        self.serving = False

    async def readings(self) -> Readings | None:
        """Read what waits; None if the store does not answer, or not soon enough."""
        try:
            async with asyncio.timeout(STORE_SECONDS):
                return await self._gauges.read(self._clock.now())
        except (MachineError, TimeoutError) as error:
            log.error("vitals.store_silent", error=type(error).__name__)
            return None

    async def is_alive(self) -> bool:
        """Say whether all parts run and the store answers; Telegram's troubles are no reason to start anew."""
        return self.serving and await self.readings() is not None

    async def is_answering(self) -> bool:
        """Say whether updates come in, and neither they nor our answers wait for long."""
        heard, readings = self.unheard(), await self.readings()
        if heard is None or readings is None:
            return False
        return self.serving and max(heard, self.age(readings.inbox), self.age(readings.outbox)) < LATE

    def unheard(self) -> timedelta | None:
        """Tell how long ago receiving last worked; None if it never did."""
        last = self._last_answer()
        return None if last is None else max(self._clock.now() - last, timedelta())

    def age(self, backlog: Backlog) -> timedelta:
        """Tell how long the oldest has been waiting; nothing if none does."""
        return timedelta() if backlog.oldest is None else max(self._clock.now() - backlog.oldest, timedelta())
