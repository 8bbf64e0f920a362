"""Tell a watcher elsewhere once a minute that people are answered; silence is the alarm.

A helpline that is dead, cut off or stuck cannot say so. So it says the opposite as long as it can, and whoever watches
calls a human when it stops.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn

import structlog

from bot.service.messaging import Clock
from bot.service.vitals import Vitals

EVERY = timedelta(minutes=1)
log = structlog.get_logger()


class Heartbeat:
    """Call the watcher while all is well. `call` tells whether it was heard, and never raises."""

    def __init__(self, vitals: Vitals, *, call: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._vitals = vitals
        self._call = call
        self._clock = clock

    async def run(self) -> NoReturn:
        """Beat until cancelled; the first beat comes after a minute, when there is something to tell."""
        while True:
            await self._clock.until(self._clock.now() + EVERY)
            if not await self._vitals.is_answering():
                log.error("heartbeat.withheld")
            elif not await self._call():
                log.warning("heartbeat.unheard")
