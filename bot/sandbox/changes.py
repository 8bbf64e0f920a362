"""What changed, in order: a bounded feed for the page, and a bell for tests that wait for something."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.wire import Wire

KEPT = 10_000  # events a page may still ask for after it lost its connection


@dataclass(frozen=True, slots=True)
class Change:
    """One event: its place in the order, its type, and how to write it (late: most are never read)."""

    seq: int
    type: str
    write: Callable[[], Wire]

    def wire(self) -> Wire:
        """Give the event as the page gets it."""
        return {"seq": self.seq, "type": self.type} | self.write()


class Changes:
    """Number the changes, keep the newest, and wake whoever waits for one.

    A waiter waits for one chat or, with None, for anything: a thousand conversations do not wake each other.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._log: deque[Change] = deque(maxlen=KEPT)
        self._bells: dict[int | None, asyncio.Event] = {}

    def tell(self, kind: str, write: Callable[[], Wire], *, chat_id: int | None = None) -> None:
        """Record one change and wake those who wait for it."""
        self.seq += 1
        self._log.append(Change(self.seq, kind, write))
        self.ring(chat_id)

    def ring(self, chat_id: int | None = None) -> None:
        """Wake waiters without recording anything for the page."""
        for key in {None, chat_id}:
            if bell := self._bells.pop(key, None):
                bell.set()

    async def next(self, chat_id: int | None = None) -> None:
        """Wait for the next change in one chat, or anywhere."""
        bell = self._bells.setdefault(chat_id, asyncio.Event())
        await bell.wait()

    def after(self, seq: int) -> list[Change] | None:
        """Give the changes after `seq`, oldest first; None if some of them are no longer kept."""
        missing = self.seq - seq
        if missing <= 0:
            return [] if missing == 0 else None
        if missing > len(self._log):
            return None
        return [self._log[at] for at in range(len(self._log) - missing, len(self._log))]
