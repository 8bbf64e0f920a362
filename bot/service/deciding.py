"""Acts at the console on their way to be decided: committed once for each key, then waited for a while."""

from datetime import timedelta

from bot.core.events import Event
from bot.service.bell import Bell
from bot.service.consoling import ConsoleStore
from bot.service.receiving import Receiver

CONSOLE = "console"
"""The source of acts at the console in the inbox."""
PATIENCE = timedelta(seconds=3)
"""So long an act is waited for; it is decided all the same."""
LOOK_AGAIN = timedelta(milliseconds=100)


class Decisions:
    """Have acts decided."""

    def __init__(self, *, console: ConsoleStore, receiver: Receiver, decided: Bell) -> None:
        """Use these ports; `decided` rings after each commit."""
        self._console = console
        self._receiver = receiver
        self._decided = decided

    async def on(self, lane: str, key: str, event: Event) -> None:
        """Commit an event in a lane and wait until it was decided."""
        await self._receiver.event(lane, CONSOLE, key, event)
        left = PATIENCE
        while left > timedelta():
            coming = self._decided.next()
            if not await self._console.is_waiting(CONSOLE, key):
                return
            await self._decided.wait(coming, LOOK_AGAIN)
            left -= LOOK_AGAIN
