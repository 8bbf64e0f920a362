"""Wait until an act that was committed to the inbox has been decided."""

from datetime import timedelta

from bot.service.bell import Bell
from bot.service.consoling import ConsoleStore

PATIENCE = timedelta(seconds=3)
"""So long an act is waited for; it is decided all the same."""
LOOK_AGAIN = timedelta(milliseconds=100)


async def is_decided(store: ConsoleStore, decided: Bell, *, source: str, key: str) -> bool:
    """Wait a while until an act is decided, and say whether it is; `decided` rings after each commit."""
    left = PATIENCE
    while left > timedelta():
        coming = decided.next()
        if not await store.is_waiting(source, key):
            return True
        await decided.wait(coming, LOOK_AGAIN)
        left -= LOOK_AGAIN
    return False
