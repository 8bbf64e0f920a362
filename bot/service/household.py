"""What the running helpline knows of its organisation, kept for seconds; and alarms, at most one an hour a code."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.core.errors import OperatorError
from bot.service.clerk import House
from bot.service.messaging import Clock
from bot.service.storing import DeskStore

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seats:
    """Where operators sit, from the settings."""

    operators_chat: int | None
    escalation_chat: int | None
    trial: bool


class Household:
    """Give the House to those who decide; `forget` makes a change of operators or keys count at once."""

    KEEP = timedelta(seconds=5)

    def __init__(self, *, desk: DeskStore, clock: Clock, seats: Seats) -> None:
        """Use these ports."""
        self._desk = desk
        self._clock = clock
        self._seats = seats
        self._house: House | None = None
        self._until = clock.now()

    def forget(self) -> None:
        """Read anew next time: operators or recipients changed."""
        self._house = None

    async def house(self) -> House:
        """Give what is known; raises OperatorError if there is nobody to seal to (intake must never come to that)."""
        now = self._clock.now()
        if self._house is None or now >= self._until or now < self._until - self.KEEP:
            recipients = tuple(await self._desk.recipients())
            if not recipients:
                raise OperatorError("There is no key to seal cases to. Run `./helpline init`.")
            operators = tuple(await self._desk.operators())
            seats = self._seats
            self._house = House(seats.operators_chat, seats.escalation_chat, recipients, operators, seats.trial)
            self._until = now + self.KEEP
        return self._house


class Alarms:
    """Raise alarms: log each, tell the operators at most once an hour a code."""

    def __init__(self, *, desk: DeskStore, clock: Clock, tell: Callable[[str], Awaitable[None]]) -> None:
        """`tell` writes one line to the operators' group."""
        self._desk = desk
        self._clock = clock
        self._tell = tell

    async def __call__(self, code: str) -> None:
        """Raise the alarm of this code."""
        log.error("alarm", code=code)
        if await self._desk.alarm(code, self._clock.now()):
            await self._tell(code)
