"""Timers: what comes due becomes an event in its lane's inbox, once, however often the process dies in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.core.errors import MachineError
from bot.core.events import TimerFired
from bot.core.timing import REPEAT
from bot.service.messaging import Clock
from bot.service.receiving import Receiver
from bot.service.rows import Timer
from bot.service.storing import DeskStore

AT_ONCE = 100
LOOK_AGAIN = timedelta(seconds=20)
"""A timer set meanwhile is seen after this long at the latest; rungs count in minutes."""
log = structlog.get_logger()


class Timers:
    """Watch the timers of the store."""

    def __init__(self, *, desk: DeskStore, receiver: Receiver, clock: Clock) -> None:
        """Use these ports."""
        self._desk = desk
        self._receiver = receiver
        self._clock = clock
        self._last: datetime | None = None

    async def run(self) -> None:
        """Fire timers for ever."""
        while True:
            try:
                await self.step()
                due = await self._desk.next_timer()
            except MachineError as error:
                log.error("timers.machine_sick", error=str(error))
                due = None
            look = self._clock.now() + LOOK_AGAIN
            await self._clock.until(min(due, look) if due is not None else look)

    async def step(self) -> int:
        """Fire what is due now; gives how many.

        The arrival's key holds the timer's due time, so a timer that fires again after a crash arrives only once.
        """
        now = self._clock.now()
        timers = await self._desk.due_timers(now, AT_ONCE) or await self._strayed(now)
        for timer in timers:
            await self._receiver.event(timer.lane, "timer", _key(timer), _event(timer))
        if timers:
            await self._desk.drop_timers(timers)
        return len(timers)

    async def _strayed(self, now: datetime) -> Sequence[Timer]:
        """List what calls for whoever is in danger, set before the clock went back: it would be silent for so long.

        Other timers wait for hours or days, and may as well come so much later.
        """
        if self._last is not None and now >= self._last:
            self._last = now
            return ()
        timers = await self._desk.strayed_timers("untaken", latest=now + REPEAT, limit=AT_ONCE)
        self._last = None if timers else now  # there may be more
        return timers


def _key(timer: Timer) -> str:
    return f"{timer.lane}:{timer.name}:{timer.case}:{timer.rev}:{int(timer.due.timestamp() * 1000)}"


def _event(timer: Timer) -> TimerFired:
    return TimerFired.model_validate({"name": timer.name, "case": timer.case, "rev": timer.rev, "due": timer.due})
