"""Many urgent cards at once become one list in the operators' group; stated danger always has a card of its own.

The list is made from the store: the untaken flagged cases that have no card in the group. A card is given up only once
its case was in a list that Telegram took, so a crash loses no case; its timers run all the same (ARCHITECTURE, Cases).
"""

import asyncio
import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.content import Content
from bot.core.render import Message
from bot.service.cards import list_rows, list_text
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.pacing import Pace
from bot.service.storing import DeskStore

FEW = 5
WITHIN = timedelta(minutes=10)
"""More than so many urgent cards within this time are folded into the list."""
CHANGED_EVERY = timedelta(seconds=15)
NEW_EVERY = timedelta(minutes=10)
"""An edit rings nobody's phone: with new cases the list is sent anew so often."""
SOON_SECONDS = 1.0
"""A turn that comes so soon is waited for: given up, it would be lost to the group."""
MOST = 500
LIST = "card_list:"
"""The fact that tells which message is the list of a group, and since when, is named so, and by the group's id."""


class Folding:
    """Keep the list of one operators' group."""

    def __init__(
        self, *, content: Callable[[], Content], desk: DeskStore, messenger: Messenger, clock: Clock, pace: Pace
    ) -> None:
        """Use these ports."""
        self._content = content
        self._desk = desk
        self._messenger = messenger
        self._clock = clock
        self._pace = pace
        self._cards: dict[int, datetime] = {}
        self._dangers: dict[str, datetime] = {}
        self._listed: frozenset[str] | None = None
        self._changed: datetime | None = None
        self._refreshing = False

    def is_folded(self, row: int, case: str, *, alone: bool, danger: bool) -> bool:
        """Count a card, once, and say whether it becomes a line of the list."""
        now = self._clock.now()
        # What lies in the future lies there because the clock was set back.
        self._cards = {one: at for one, at in self._cards.items() if timedelta() <= now - at < WITHIN}
        self._dangers = {one: at for one, at in self._dangers.items() if timedelta() <= now - at < WITHIN}
        self._cards.setdefault(row, now)
        if danger:
            self._dangers[case] = now
        return not alone and len(self._cards) > FEW and self._pace.rate > 0

    def lists(self, case: str | None) -> bool:
        """Say whether a case is in the list as it was last shown; one that an earlier process showed may hold it."""
        return self._listed is None or case in self._listed

    async def fold(self, case: str, chat: int) -> float:
        """Put a case into the list; gives the seconds until that can be done, 0 if it has been. Raises SendFailed."""
        if self._listed is not None and case in self._listed:
            return 0.0
        now = self._clock.now()
        if self._changed is not None and timedelta() <= now - self._changed < CHANGED_EVERY:
            return (self._changed + CHANGED_EVERY - now).total_seconds()
        wait = await self._pace.turn(chat, time.monotonic(), most=SOON_SECONDS)
        if wait > SOON_SECONDS:
            return wait
        await asyncio.sleep(wait)
        await self.show(chat, anew=True)
        return 0.0

    async def show(self, chat: int, *, anew: bool = False) -> None:
        """Bring the list up to date; `anew`: it has new cases, so now and then it is a new message. Raises SendFailed.

        Without new cases, and no list to change, nothing is shown.
        """
        now = self._clock.now()
        cases = await self._desk.uncarded(chat, also=list(self._dangers), limit=MOST)
        message = Message(text=list_text(self._content(), cases, dangers=self._dangers, now=now), rows=list_rows(cases))
        lies, since = await self._lying(chat)
        if lies is None and not anew:
            self._listed = frozenset()
            return
        self._changed = now
        if lies is None or (anew and now - since >= NEW_EVERY) or not await self._edited(chat, lies, message):
            sent = await self._messenger.send(chat, message)
            await self._desk.put(f"{LIST}{chat}", f"{sent} {now.isoformat()}")
            if lies is not None:
                await self._messenger.delete(chat, [lies])
        self._listed = frozenset(case.id for case in cases)

    async def refresh(self, chat: int) -> None:
        """Take out of the list what was taken or has a card by now, at the group's pace. Raises SendFailed."""
        if self._refreshing:
            return
        self._refreshing = True
        try:
            await asyncio.sleep(await self._pace.turn(chat, time.monotonic(), most=math.inf))
        finally:
            self._refreshing = False
        await self.show(chat)

    async def _lying(self, chat: int) -> tuple[int | None, datetime]:
        kept = await self._desk.get(f"{LIST}{chat}")
        if kept is None:
            return None, self._clock.now()
        message, since = kept.split()
        return int(message), datetime.fromisoformat(since)

    async def _edited(self, chat: int, message_id: int, message: Message) -> bool:
        """Edit the list; False if it is not there any more."""
        try:
            await self._messenger.edit(chat, message_id, message)
        except SendFailed as failed:
            if failed.failure != "nothing":
                raise
            return not failed.missing
        return True
