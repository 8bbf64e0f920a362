"""The end of what is kept: closed cases are destroyed some months after they were closed, unless they are held.

Those whose person asked for them to go, and which an operator let go, are destroyed within the hour.
Nothing but counts is left. Backups still hold a case until they are rotated away, at most four weeks later.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta

import structlog

from bot.core.content import Content
from bot.core.errors import HelplineError, OperatorError
from bot.core.render import both
from bot.service.cards import HOME
from bot.service.closing import Closer
from bot.service.delivery import DELETABLE
from bot.service.household import Alarms, Household
from bot.service.messaging import Clock
from bot.service.minting import new_id
from bot.service.rows import CardPlace, OutboxRow
from bot.service.storing import DeskStore

FEWEST_DAYS, DEFAULT_DAYS, MOST_DAYS = 30, 90, 365
DAYS = "retention_days"
"""The fact that tells after how many days a closed case is destroyed."""
SHRED_AT = time(4, 0)
"""In Cambodia: after the night's backup, and before anybody works."""
AGAIN = timedelta(hours=1)
AT_ONCE = 50
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing was closed by then: only what was let go is destroyed."""
LISTED = 5000
"""Silent chats listed at once: finding them reads all chats through."""
log = structlog.get_logger()


async def days(desk: DeskStore) -> int:
    """Give after how many days a closed case is destroyed."""
    return int(await desk.get(DAYS) or DEFAULT_DAYS)


async def set_days(desk: DeskStore, number: int) -> None:
    """Say after how many days a closed case is destroyed; raises OperatorError beyond 30 to 365."""
    if not FEWEST_DAYS <= number <= MOST_DAYS:
        raise OperatorError(f"{number} days: closed cases are kept for {FEWEST_DAYS} to {MOST_DAYS} days.")
    await desk.put(DAYS, str(number))


class Retention:
    """Destroy each night what has been kept for long enough."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        closer: Closer,
        content: Callable[[], Content],
        household: Household,
        alarm: Alarms,
        clock: Clock,
    ) -> None:
        """Use these ports."""
        self._desk = desk
        self._closer = closer
        self._content = content
        self._household = household
        self._alarm = alarm
        self._clock = clock

    async def run(self) -> None:
        """Do so for ever, and at once at a start: the machine may have been away at night."""
        night = self._clock.now()
        while True:
            now = self._clock.now()
            if now < night:
                await self._tried(self.let_go)
            else:
                night = _next_night(now) if await self._tried(self.sweep) else now + AGAIN
            await self._clock.until(min(night, now + AGAIN))

    async def _tried(self, destroy: Callable[[], Awaitable[tuple[int, int]]]) -> bool:
        try:
            gone, forgotten = await destroy()
        except HelplineError as error:
            log.error("retention.failed", error=type(error).__name__)
            await self._alarm("retention_failed")
            return False
        if gone or forgotten:
            log.info("retention.shredded", cases=gone, chats=forgotten)
        return True

    async def sweep(self) -> tuple[int, int]:
        """Destroy what is due; gives how many cases, and how many chats that had none and were silent as long."""
        before = self._clock.now() - timedelta(days=await days(self._desk))
        forgotten = 0
        gone, _ = await self.let_go()
        gone += await self._all(lambda: self._desk.expired(before, limit=AT_ONCE), closed=before)
        while lanes := await self._desk.silent(before, limit=LISTED):
            chunks = [lanes[at : at + AT_ONCE] for at in range(0, len(lanes), AT_ONCE)]
            done = sum([await self._desk.forget_lanes(chunk, silent=before) for chunk in chunks])
            forgotten += done
            if not done:
                break
        return gone, forgotten

    async def let_go(self) -> tuple[int, int]:
        """Destroy the closed cases whose person asked for them to go; gives how many, and no chats."""
        return await self._all(lambda: self._desk.let_go(limit=AT_ONCE), closed=LONG_AGO), 0

    async def _all(self, listed: Callable[[], Awaitable[Sequence[str]]], *, closed: datetime) -> int:
        """Destroy what is listed until nothing is, or nothing of it can be: others have it, or it was held."""
        gone = 0
        while ids := await listed():
            done = await self.destroy(ids, closed=closed)
            gone += done
            if not done:
                break
        return gone

    async def destroy(self, ids: Sequence[str], *, closed: datetime) -> int:
        """Destroy those of these cases that were let go, or closed up to an instant, and empty their cards.

        The one way in which a case that operators saw is destroyed. Gives how many were.
        """
        now = self._clock.now()
        wiping = [await self._emptied(place, now) for case in ids for place in await self._desk.cards(case)]
        return await self._desk.shred(ids, closed=closed, silent=now - DELETABLE, wiping=wiping)

    async def _emptied(self, place: CardPlace, now: datetime) -> OutboxRow:
        """Make the row by which a card in a chat of operators tells nothing of its case any more."""
        lane, chat = (await self._household.house()).seat(place.chat)
        key = f"emptied:{new_id()}"
        text = both(self._content(), self._content().phrases["card_gone"])
        body = self._closer.body(f"outbox|{key}", {"rows": [], "message": place.message, "text": text})
        closed = self._closer.chat(lane, chat)
        return OutboxRow(key, lane, closed, "card_buttons", body, now, case=place.case, priority=5, made=now)


def _next_night(after: datetime) -> datetime:
    local = after.astimezone(HOME)
    tonight = datetime.combine(local.date(), SHRED_AT, tzinfo=HOME)
    return tonight if tonight > local else tonight + timedelta(days=1)
