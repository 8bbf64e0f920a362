"""The port of the store for what is destroyed in time: closed cases, and chats that have no case any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.service.rows import OutboxRow, Record


class ForgettingStore(Protocol):
    """Destroying and holding. Each verb is one transaction; files go right after it."""

    async def expired(self, closed: datetime, *, limit: int) -> Sequence[str]:
        """List cases closed at or before an instant that are not held, the oldest first."""

    async def let_go(self, *, limit: int) -> Sequence[str]:
        """List closed cases whose person asked for them to go, and that are not held, the oldest first."""

    async def files_of(self, case: str) -> Sequence[str]:
        """List the sealed files of a case."""

    async def traces(self, case: str, files: Sequence[str]) -> Mapping[str, int]:
        """Count the rows that name a case, by table (but the record of acts), and how many of these files are here."""

    async def shred(
        self, cases: Sequence[str], *, closed: datetime, silent: datetime, wiping: Sequence[OutboxRow]
    ) -> int:
        """Destroy those of these cases that are still expired, or were let go.

        With them go wraps, records, files, cards, timers and unsent rows.

        Chats that have no other case and were silent since an instant are forgotten with them: where they are, where
        somebody stood, what lies in them. `wiping` are the rows that empty the cards. Gives how many cases it were.
        """

    async def silent(self, since: datetime, *, limit: int) -> Sequence[str]:
        """List lanes without a case that were silent since an instant."""

    async def forget_lanes(self, lanes: Sequence[str], *, silent: datetime) -> int:
        """Forget those of these lanes that are still silent and without a case; gives how many."""

    async def hold(self, case: str, *, since: datetime | None, reason: Record) -> None:
        """Keep a case from being destroyed (None: no longer), and its sealed reason with it."""

    async def held(self, case: str) -> datetime | None:
        """Tell since when a case is held; None if it is not."""
