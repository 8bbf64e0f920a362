"""How fast messages may go: over all chats, in one private chat, in one group (HELPLINE_SEND_RATE).

Beside other processes the buckets of all chats and of groups are shared: `Outbox.draw` keeps them. A private chat's is
not: its messages are with one process at a time.

Half of what a second takes may go at once, over all chats; then the rate holds: with all of it at once twice the rate
would go within one second, and calls take a little longer or shorter to arrive.
A private chat takes bursts of 5, then one a second; a group 20 a minute. Private chats with many messages waiting
share a quarter of the rate: fifty people who write without end would otherwise have nearly all of it. A rate of 0 lifts
every limit. Times are seconds of a steady clock that the caller passes in.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

PRIVATE = (5, 1.0)
GROUP = (20, 20 / 60)
"""(burst, refill a second)."""
MANY = 5
"""A private chat for which more messages wait than this is one of many words, and takes from the quarter."""
BURST = 0.5
"""Seconds of the rate that may go at once, over all chats."""
QUARTER = 0.25
SEVERAL_CHATS = 3
"""So many chats asked to wait in a row mean that the whole bot is."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` at once, then `rate` a second."""

    burst: float
    rate: float
    tokens: float = -1.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Give the seconds to wait before a token taken now may be used. Callers queue: later takers wait longer."""
        if self.tokens < 0 and self.at == 0.0:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + max(now - self.at, 0.0) * self.rate)
        self.at = now
        return max((1.0 - self.tokens) / self.rate, 0.0)

    def take(self) -> None:
        """Take a token."""
        self.tokens -= 1.0


class Draw(Protocol):
    """Take a token of a bucket that processes share; gives the seconds to wait, and takes none beyond `most`."""

    async def __call__(self, key: str, *, burst: float, rate: float, most: float) -> float:
        """See `Outbox.draw`."""


@dataclass
class Pace:
    """The pace of sending: `rate` sends and edits a second over all chats; `shared`: by all processes together."""

    rate: float
    shared: Draw | None = None
    _all: Bucket = field(init=False)
    _many: Bucket = field(init=False)
    _chats: dict[int, Bucket] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make the bucket of all chats, and that of chats with many messages waiting."""
        self._all = Bucket(max(self.rate * BURST, 1.0), max(self.rate, 0.001))
        self._many = Bucket(max(self.rate * QUARTER, 1.0), max(self.rate * QUARTER, 1.0))

    def take(self, chat: int, now: float, *, most: float) -> float:
        """Give the seconds to wait before the next send or edit in this chat; 0 if it may go now.

        Whoever gets more than `most` has no place in the queue and must ask again: what waits elsewhere meanwhile
        would otherwise use up the pace of those who can go.
        """
        if self.rate == 0:
            return 0.0
        bucket = self._chats.get(chat)
        if bucket is None:
            self._prune(now)
            bucket = self._chats[chat] = Bucket(*(GROUP if chat < 0 else PRIVATE))
        wait = max(bucket.wait(now), self._all.wait(now))
        if wait <= most:
            bucket.take()
            self._all.take()
        return wait

    async def turn(self, chat: int, now: float, *, most: float) -> float:
        """Give the seconds to wait as `take` does, also for what other processes send."""
        wait = self.take(chat, now, most=most)
        if self.shared is None or self.rate == 0:
            return wait
        if chat < 0 and wait <= most:
            wait = max(wait, await self.shared(f"group:{chat}", burst=GROUP[0], rate=GROUP[1], most=most))
        if wait <= most:
            wait = max(wait, await self.shared("all", burst=self._all.burst, rate=self.rate, most=most))
        return wait

    async def share(self, chat: int, now: float, *, most: float) -> float:
        """Give the seconds until a chat with many messages waiting may ask for its turn; `most` as with `take`."""
        if self.rate == 0 or chat < 0:
            return 0.0
        if self.shared is not None:
            share = max(self.rate * QUARTER, 1.0)
            return await self.shared("many", burst=share, rate=share, most=most)
        wait = self._many.wait(now)
        if wait <= most:
            self._many.take()
        return wait

    def _prune(self, now: float) -> None:
        """Forget chats that were quiet for a minute: their buckets are full again."""
        if len(self._chats) < 10_000:
            return
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if now - bucket.at < 60}


@dataclass
class Halt:
    """A pause of all sending, in one process: nothing goes before `until`.

    One chat that Telegram asks to wait is that chat's matter; several in a row, with nothing taken in between, are not.
    `begun` is when the last pause began: a clock that was set back since must not make it longer.
    """

    until: datetime | None = None
    begun: datetime | None = None
    _refused: set[str] = field(default_factory=set, init=False)

    def wait(self, now: datetime) -> float:
        """Give the seconds until something may be sent again."""
        if self.until is None or self.begun is None or now < self.begun:
            return 0.0
        return max((self.until - now).total_seconds(), 0.0)

    def stop(self, now: datetime, seconds: float) -> None:
        """Let nothing go for so long."""
        left = self.wait(now)
        self.begun, self.until = now, now + timedelta(seconds=max(left, seconds))

    def refused(self, lane: str, now: datetime, *, seconds: float) -> None:
        """Note that Telegram asked a chat to wait."""
        self._refused.add(lane)
        if len(self._refused) >= SEVERAL_CHATS:
            self.stop(now, seconds)

    def taken(self) -> None:
        """Note that Telegram took a message."""
        self._refused.clear()
