"""The rows of one chat that this process has in hand: their order, and what hiding the chat does to them."""

import asyncio
from collections import deque
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass

from bot.core.sending import RowKind
from bot.service.pacing import MANY, Pace
from bot.service.rows import OutboxRow

SILENCED: tuple[RowKind, ...] = ("screen", "reply", "notice")
"""What hiding a chat stops on its way."""
CARDS: tuple[RowKind, ...] = ("card", "card_reply")
LONG_PAUSE_SECONDS = 20.0
"""A longer pause gives the chat's rows back to the store instead of holding them leased."""
MISSED_SECONDS = 0.5
"""Who comes so late for its turn (the process was halted) takes another: else all that waited would go at once."""
FULL = 10
"""Of a chat with so many rows in hand no more are leased: the rest keeps its order, by urgency, in the store."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row in hand; `wipe` is the last wipe that its chat had seen when it was taken."""

    row: OutboxRow
    wipe: int


class Lane:
    """The rows of one chat, in order; urgent cards go before those of other cases. `busy`: somebody is sending them."""

    def __init__(self) -> None:
        """Begin with nothing in hand."""
        self.busy = False
        self._rows: deque[Waiting] = deque()
        self._wipe = 0
        self._wiped = asyncio.Event()
        self._wiped.set()
        self._hurry = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is in hand, and nothing has to be remembered."""
        return not self._rows and not self.busy and self._wiped.is_set()

    @property
    def is_full(self) -> bool:
        """Say whether so many rows are in hand that what waits in the store may stay there."""
        return len(self._rows) >= FULL

    @property
    def has_many(self) -> bool:
        """Say whether so many rows are in hand that others go before them."""
        return len(self._rows) > MANY

    def add(self, row: OutboxRow) -> None:
        """Take a row in hand."""
        self._rows.insert(self._place(row), Waiting(row, self._wipe))

    def _place(self, row: OutboxRow) -> int:
        """Give the place of a new row: the last one, but for urgent cards, which never overtake their own case."""
        rows = [waiting.row for waiting in self._rows]
        if row.kind not in CARDS or row.priority > 1:
            return len(rows)
        own = [at for at, one in enumerate(rows, start=1) if one.case == row.case]
        later = range(max(own, default=0), len(rows))
        return next((at for at in later if rows[at].priority > row.priority), len(rows))

    async def next(self) -> Waiting | None:
        """Take the next row out, once a wipe that began was tried; None if there is none."""
        await self._wiped.wait()
        return self._rows.popleft() if self._rows else None

    def again(self, waiting: Waiting) -> None:
        """Put a row back at the front."""
        self._rows.appendleft(waiting)

    def take_out(self, *, case: str | None = None, kinds: Container[RowKind] | None = None) -> list[OutboxRow]:
        """Take out all rows, or those of one case, or of some kinds."""
        rows, self._rows = self._rows, deque()
        out = []
        for waiting in rows:
            if (case is None or waiting.row.case == case) and (kinds is None or waiting.row.kind in kinds):
                out.append(waiting.row)
            else:
                self._rows.append(waiting)
        return out

    async def turn(self, waiting: Waiting, chat: int, *, pace: Pace) -> float:
        """Wait until the pace lets a row go, or its chat is hidden; gives the seconds if that would take too long."""
        now = asyncio.get_running_loop().time
        for wait_of in (pace.share, pace.turn) if self.has_many else (pace.turn,):
            missed = True
            while missed and not self.is_overtaken(waiting):
                wait = await wait_of(chat, now(), most=LONG_PAUSE_SECONDS)
                if wait > LONG_PAUSE_SECONDS:
                    return wait
                turn = now() + wait
                await self.pause(wait)
                missed = now() - turn > MISSED_SECONDS
        return 0.0

    async def pause(self, seconds: float) -> None:
        """Wait, but not while the chat is being hidden."""
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    # ── hiding ───────────────────────────────────────────────────────────────────────────────────────────────

    def begin_wipe(self, row: OutboxRow) -> list[OutboxRow]:
        """Note that the chat is being hidden; gives the rows in hand that are not to be sent any more."""
        self._wipe = max(self._wipe, row.id)
        self._wiped.clear()
        self._hurry.set()
        rows, self._rows = self._rows, deque()
        overtaken = []
        for waiting in rows:
            if self.is_overtaken(waiting):
                overtaken.append(waiting.row)
            else:
                self._rows.append(waiting)
        return overtaken

    def end_wipe(self) -> None:
        """Note that the wipe was tried; what comes after it may go."""
        self._wiped.set()

    def is_overtaken(self, waiting: Waiting) -> bool:
        """Say whether the chat was hidden after this row was made and taken."""
        row = waiting.row
        return row.kind in SILENCED and row.id < self._wipe and waiting.wipe < self._wipe
