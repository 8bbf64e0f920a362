"""How often logins failed that came from one address: strangers must not keep the working of passwords busy.

It is counted in memory, in each process for itself: an address is never kept, and a restart forgets it.
"""

from collections import deque
from datetime import datetime, timedelta

MOST = 20
WINDOW = timedelta(minutes=10)
"""So many failures in so long; then nothing from that address is looked at until the first of them is older."""
ADDRESSES = 10_000
"""So many are counted; the one that failed longest ago is forgotten first."""


class Doorstep:
    """Count failed logins by address; "" is an address that is not known, and is never counted."""

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._failed: dict[str, deque[datetime]] = {}

    def lets(self, address: str, now: datetime) -> bool:
        """Say whether a login from there is looked at."""
        failed = self._failed.get(address)
        return failed is None or len(failed) < MOST or now - failed[0] >= WINDOW

    def failed(self, address: str, now: datetime) -> None:
        """Count a failure."""
        if not address:
            return
        failed = self._failed.pop(address, deque(maxlen=MOST))
        failed.append(now)
        self._failed[address] = failed  # at the end: the first is who failed longest ago
        self._forget(now)

    def _forget(self, now: datetime) -> None:
        while self._failed:
            first = next(iter(self._failed))
            if len(self._failed) <= ADDRESSES and now - self._failed[first][-1] < WINDOW:
                return
            del self._failed[first]
