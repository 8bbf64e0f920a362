"""What people are told while nothing can be kept: a static text from memory, once in ten minutes a chat.

The pace is this process's own: what others send nobody can ask while the store is sick. Where it lies is written down
as soon as anything can be, before what comes next: that may be a hide.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from bot.core.content import Content
from bot.core.render import Message
from bot.core.values import LANGUAGES
from bot.service.closing import Closer
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.pacing import Pace
from bot.service.rows import Kept
from bot.service.storing import Outbox

QUIET = timedelta(minutes=10)
REMEMBERED = 10_000
log = structlog.get_logger()


class Emergency:
    """Tell people that what they write now may not be seen. Nothing of what they wrote is written down."""

    def __init__(
        self,
        *,
        content: Callable[[], Content],
        messenger: Messenger,
        closer: Closer,
        outbox: Outbox,
        clock: Clock,
        pace: Pace,
    ) -> None:
        """Use these ports; `pace`: that of the sender beside it."""
        self._content = content
        self._messenger = messenger
        self._closer = closer
        self._outbox = outbox
        self._clock = clock
        self._pace = pace
        self._told: dict[int, datetime] = {}
        self._sent: list[Kept] = []

    async def write_down(self) -> None:
        """Put what was told into the ledgers, for hide to remove. Raises MachineError, and forgets nothing then."""
        if sent := tuple(self._sent):
            await self._outbox.keep(sent)
            self._sent = self._sent[len(sent) :]

    async def tell(self, chats: Iterable[int]) -> None:
        """Tell each of these chats, unless it was told less than ten minutes ago."""
        now = self._clock.now()
        if len(self._told) > REMEMBERED:
            self._told = {chat: at for chat, at in self._told.items() if now - at < QUIET}
        due = [chat for chat in dict.fromkeys(chats) if not self._was_told(chat, now)]
        self._told |= dict.fromkeys(due, now)
        # The store cannot say which language a person reads.
        words = self._content().phrases["static_emergency"]
        message = Message(text="\n\n".join(self._content().text(words, one) for one in LANGUAGES))
        await asyncio.gather(*(self._send(chat, message) for chat in due))

    def _was_told(self, chat: int, now: datetime) -> bool:
        # A clock that was set back must not silence it for longer.
        return chat in self._told and timedelta() <= now - self._told[chat] < QUIET

    async def _send(self, chat: int, message: Message) -> None:
        await asyncio.sleep(self._pace.take(chat, asyncio.get_running_loop().time(), most=math.inf))
        try:
            sent = await self._messenger.send(chat, message)
        except SendFailed as failed:
            log.info("emergency.untold", failure=failed.failure)
            return
        lane = self._closer.lane(chat)
        self._sent.append(Kept(lane, self._closer.message_id(lane, sent), self._clock.now()))
