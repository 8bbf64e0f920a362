"""How fast messages may go: over all chats, in one private chat, in one group (DESIGN §7, HELPLINE_SEND_RATE).

A private chat takes bursts of 5, then one a second; a group 20 a minute. A rate of 0 lifts every limit. Times are
seconds of a steady clock that the caller passes in.
"""

from dataclasses import dataclass, field

PRIVATE = (5, 1.0)
GROUP = (20, 20 / 60)
"""(burst, refill a second)."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` at once, then `rate` a second."""

    burst: float
    rate: float
    tokens: float = -1.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Take a token; gives the seconds to wait before using it. Callers queue: later takers wait longer."""
        if self.tokens < 0 and self.at == 0.0:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + max(now - self.at, 0.0) * self.rate)
        self.at = now
        self.tokens -= 1.0
        return 0.0 if self.tokens >= 0 else -self.tokens / self.rate


@dataclass
class Pace:
    """The pace of one process: `rate` sends and edits a second over all chats."""

    rate: float
    _all: Bucket = field(init=False)
    _chats: dict[int, Bucket] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make the bucket of all chats."""
        self._all = Bucket(max(self.rate, 1.0), max(self.rate, 0.001))

    def wait(self, chat: int, now: float) -> float:
        """Give the seconds to wait before the next send or edit in this chat; 0 if it may go now."""
        if self.rate == 0:
            return 0.0
        bucket = self._chats.get(chat)
        if bucket is None:
            self._prune(now)
            bucket = self._chats[chat] = Bucket(*(GROUP if chat < 0 else PRIVATE))
        return max(bucket.wait(now), self._all.wait(now))

    def _prune(self, now: float) -> None:
        """Forget chats that were quiet for a minute: their buckets are full again."""
        if len(self._chats) < 10_000:
            return
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if now - bucket.at < 60}
