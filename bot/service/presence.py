"""Notice that the helpline was away: not running, or without a way to Telegram. Told by whoever asks for updates.

Since when is kept in the store, written rarely; between two answers of one process a steady clock counts, because the
machine's clock may be set.
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

    async def answered(self, at: datetime, *, more: bool) -> None:
        """Note that Telegram answered; `more`: what waited there is not all fetched yet, and goes first.

        Raises MachineError; then it is to be called again.
        """
        away = await self._away(at)
        if away > AWAY:
            if more:
                return
            await self._receiver.returned(since=at - away, back=at)
            if away > LOST:
                await self._alarm("messages_lost")
        now = self._last = self._steady()
        if self._written is None or now - self._written >= WRITE_EVERY:
            await self._desk.put(ALIVE, at.isoformat())
            self._written = now

    async def _away(self, at: datetime) -> timedelta:
        if self._last is not None:
            return timedelta(seconds=self._steady() - self._last)
        alive = await self._desk.get(ALIVE)
        return at - datetime.fromisoformat(alive) if alive is not None else timedelta()
