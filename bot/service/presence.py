"""Notice that the helpline was away: not running, or without a way to Telegram. Told by whoever gets the updates.

Since when is kept in the store, written rarely; between two answers of one process a steady clock counts, because the
machine's clock may be set. Of several processes it is enough that one gets them.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.service.receiving import Receiver
from bot.service.storing import DeskStore

ALIVE = "alive"
"""The fact that tells when Telegram last answered."""
AWAY = timedelta(seconds=120)
"""Telegram keeps a press for 150 seconds."""
LOST = timedelta(hours=23)
"""Telegram keeps a message for 24 hours."""
WRITE_EVERY = 20.0


class Presence:
    """Keep when Telegram last answered, and order what follows an absence."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        receiver: Receiver,
        alarm: Callable[[str], Awaitable[None]],
        steady: Callable[[], float],
    ) -> None:
        """Use these ports; `steady` gives seconds of a clock that nobody sets."""
        self._desk = desk
        self._receiver = receiver
        self._alarm = alarm
        self._steady = steady
        self._last: float | None = None
        self._written: float | None = None
        self._back: datetime | None = None

    async def answered(self, at: datetime, *, more: bool) -> None:
        """Note that Telegram answered; `more`: what waited there is not all fetched yet, and goes first.

        Raises MachineError; then it is to be called again.
        """
        away = await self._away(at)
        if away > AWAY:
            self._back = self._back or at
            if more:
                return
            await self._receiver.returned(since=at - away, back=self._back)
            if away > LOST:
                await self._alarm("messages_lost")
        self._back = None
        now = self._last = self._steady()
        if self._written is None or now - self._written >= WRITE_EVERY:
            await self._desk.put(ALIVE, at.isoformat())
            self._written = now

    async def _away(self, at: datetime) -> timedelta:
        here = timedelta(seconds=self._steady() - self._last) if self._last is not None else None
        if here is not None and here <= AWAY:
            return here
        alive = await self._desk.get(ALIVE)
        anywhere = at - datetime.fromisoformat(alive) if alive is not None else timedelta()
        return anywhere if here is None else min(here, anywhere)
