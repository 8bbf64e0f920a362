"""Call somebody outside Telegram about an urgent case that nobody on duty has seen: a command, or an address.

What is told is the number, the urgency, the country and the age of the case: never a person's words. The call is made
until it was heard, or the case was seen or taken; one that fails raises an alarm.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.core.errors import MachineError
from bot.core.state import Case
from bot.service.messaging import Clock
from bot.service.rows import Page
from bot.service.storing import DeskStore

FEW = 5
WITHIN = timedelta(minutes=10)
"""No more calls than so many within this time, as with cards: a flood must not empty a purse of text messages."""
LOOK_AGAIN = 5.0
LONGEST_PAUSE = timedelta(minutes=10)
FAILED = "pager_failed"
"""The alarm that nobody could be called outside Telegram."""
log = structlog.get_logger()


class Pager:
    """Make the calls that are due. `call` tells whether it was heard, in a bounded time, and never raises."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        call: Callable[[bytes], Awaitable[bool]],
        clock: Clock,
        alarm: Callable[[str], Awaitable[None]],
    ) -> None:
        """Use these ports."""
        self._desk = desk
        self._call = call
        self._clock = clock
        self._alarm = alarm
        self._wake = asyncio.Event()
        self._called: list[datetime] = []

    def wake(self) -> None:
        """Say that there may be somebody to call."""
        self._wake.set()

    async def run(self) -> None:
        """Call for ever."""
        while True:
            self._wake.clear()
            try:
                while await self.step():
                    pass
            except MachineError as error:
                log.error("pager.machine_sick", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):  # wait_for can swallow a cancellation
                    await self._wake.wait()

    async def step(self) -> int:
        """Make the next call that is due; gives how many were."""
        now = self._clock.now()
        self._called = [at for at in self._called if now - at < WITHIN]
        due = await self._desk.due_pages(now, 1) if len(self._called) < FEW else ()
        for page in due:
            await self._one(page)
        return len(due)

    async def _one(self, page: Page) -> None:
        case, now = page.case, self._clock.now()
        is_wanted = case.state == "new" and case.urgency == "P1" and case.seen_by is None
        if not is_wanted or await self._heard(case, now):
            await self._desk.drop_page(page)
            return
        log.error("pager.unheard", tries=page.tries + 1)
        await self._alarm(FAILED)
        await self._desk.page_again(page, now + min(timedelta(minutes=2 ** min(page.tries, 4)), LONGEST_PAUSE))

    async def _heard(self, case: Case, now: datetime) -> bool:
        self._called.append(now)
        return await self._call(told(case, now))


def told(case: Case, now: datetime) -> bytes:
    """Write what the call tells: one JSON object; `country` is null if it is not known, `minutes` is the age."""
    age = case.minutes_at(now)
    fields = {"number": case.number, "urgency": case.urgency, "country": case.country, "minutes": age}
    return json.dumps(fields).encode("ascii")
