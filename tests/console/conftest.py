"""A helpline's vitals that a test sets, and a clock moved by hand."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import MachineError
from bot.core.values import URGENCIES, Urgency
from bot.service.rows import Backlog, Readings
from bot.service.vitals import Counts, Vitals
from tests.console.browsing import Console, console_of
from tests.whole.conftest import content, house, keys
from tests.whole.house import House

__all__ = ["content", "house", "keys"]
NONE = Backlog(0, None)


class Hands:
    """A clock moved by hand; `until` returns when the test has moved it so far."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
        self.waiting = 0
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        return self.time

    async def until(self, moment: datetime) -> None:
        async with self._moved:
            self.waiting += 1
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self.time >= moment)

    async def forward(self, **by: float) -> None:
        """Let time pass, and wait until whoever it woke has done what it does and waits again."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.waiting)
            seen = self.waiting
            self.time += timedelta(**by)
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self.waiting > seen)


class Store:
    """What waits, as a test says; `sick`: it cannot be read."""

    def __init__(self) -> None:
        self.inbox = self.outbox = NONE
        self.untaken: Mapping[Urgency, Backlog] = dict.fromkeys(URGENCIES, NONE)
        self.sick = False

    async def read(self, now: datetime) -> Readings:
        if self.sick:
            raise MachineError("The disk is gone.")
        return Readings(inbox=self.inbox, aside=2, outbox=self.outbox, untaken=self.untaken)


class Well:
    """A helpline that is well, until a test changes something."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.store = Store()
        self.last_answer: datetime | None = self.clock.time
        calls = Counter({("sendMessage", "ok"): 5, ("sendMessage", "blocked"): 1})
        counts = Counts(received=4, decided=7, calls=calls, alarms=Counter({"poison": 3}))
        self.vitals = Vitals(
            gauges=self.store, clock=self.clock, last_answer=lambda: self.last_answer, counts=lambda: counts
        )
        self.vitals.serving = True

    def ago(self, **by: float) -> datetime:
        """Give an instant in the past."""
        return self.clock.time - timedelta(**by)


@pytest.fixture
def well() -> Well:
    return Well()


@pytest.fixture
async def console(house: House) -> AsyncIterator[Console]:
    """Give the console of a running helpline."""
    async with console_of(house) as console:
        yield console
