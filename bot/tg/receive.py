"""Receive by long polling, on raw JSON: Telegram is told that an update arrived only after it was committed.

The library's own updater confirms what is still only in memory, so that a crash loses it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.core.errors import MachineError
from bot.core.sending import pause
from bot.service.messaging import Clock
from bot.tg.api import Api
from bot.tg.errors import PerhapsSentError, failed, says

WANTED = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""Every kind that `translate` reads; of the others Telegram sends none."""
POLL_SECONDS = 50
"""The longest Telegram holds an empty answer back."""
PATIENCE_SECONDS = 60.0
BATCH = 100
SOON_SECONDS = 0.5
SOON_TRIES = 8
"""So soon and so often the network is tried before the pauses grow: calls fail by chance, and a hide may wait there."""
MOST_SECONDS = 15.0
"""Whether a network, a disk or a database is back is looked at so often: people are waiting."""
CONFLICT_SECONDS = 30.0
"""The longest pause after another poller. The first is short: while we rest, it gets what people write."""
_MOST_TRIES = SOON_TRIES + 6  # from here on no pause grows

Update = dict[str, object]
log = structlog.get_logger()


class Poller:
    """Poll for ever and hand every batch to `receive`, which returns once it is committed.

    While `receive` waits nothing more is fetched: that is how a full inbox holds Telegram back. If it raises
    MachineError the same batch comes again. `on_conflict`: somebody else polls with our token. `on_revoked`: the token
    is not valid any more. `on_answer`: when Telegram answered, once its updates are committed, and whether it has more;
    it too may raise MachineError. `last_answer`: when receiving last worked and what came was committed; None before it
    did. A watchdog asks for it.
    """

    def __init__(
        self,
        api: Api,
        *,
        receive: Callable[[Sequence[Update]], Awaitable[object]],
        on_conflict: Callable[[], Awaitable[object]],
        on_revoked: Callable[[], Awaitable[object]],
        on_answer: Callable[[datetime, bool], Awaitable[object]],
        clock: Clock,
    ) -> None:
        self._api = api
        self._receive = receive
        self._on_conflict = on_conflict
        self._on_revoked = on_revoked
        self._on_answer = on_answer
        self._clock = clock
        self._offset: int | None = None
        self._has_webhook = True
        self._hold = 0
        self.last_answer: datetime | None = None

    async def run(self) -> NoReturn:
        """Poll until cancelled. What was not committed by then is not confirmed, and comes again."""
        tries = 0
        while True:
            try:
                await self._step()
                tries = 0
            except (TelegramError, MachineError) as error:
                log.warning("receive.failed", error=type(error).__name__, tries=tries)
                self._hold = 0  # the next answer comes at once, and tells that we are back
                await self._wait(await self._pause(error, tries))
                tries = min(tries + 1, _MOST_TRIES)

    async def _step(self) -> None:
        if self._has_webhook:  # Telegram answers no poll as long as there may be one
            await self._api.call("deleteWebhook", {"drop_pending_updates": False})
            self._has_webhook = False
        updates = await self._fetch()
        if updates:
            await self._receive(updates)
        self.last_answer = self._clock.now()
        await self._on_answer(self.last_answer, len(updates) >= BATCH)
        self._hold = POLL_SECONDS
        # An answer to an offset has confirmed what was before it, and then the offset has served: update ids go on
        # anywhere after a quiet week, and none is ever stored (the inbox knows what it already has).
        self._offset = _after(updates)

    async def _fetch(self) -> list[Update]:
        parameters = {"timeout": self._hold, "limit": BATCH, "allowed_updates": WANTED}
        if self._offset is not None:
            parameters["offset"] = self._offset
        return _readable(await self._api.call("getUpdates", parameters, patience=PATIENCE_SECONDS))

    async def _pause(self, error: TelegramError | MachineError, tries: int) -> float:
        """Tell who must know, and give the seconds to wait."""
        match error:
            case MachineError():
                return min(pause(tries), MOST_SECONDS)
            case Conflict():
                self._has_webhook = says(error, "webhook")  # else it is another poller
                await self._on_conflict()
                return min(pause(tries), CONFLICT_SECONDS)
            case InvalidToken():
                await self._on_revoked()
                return pause(_MOST_TRIES)
            case RetryAfter():
                return max(failed(error).after, 1.0)
        return SOON_SECONDS if tries < SOON_TRIES else min(pause(tries - SOON_TRIES), MOST_SECONDS)

    async def _wait(self, seconds: float) -> None:
        await self._clock.until(self._clock.now() + timedelta(seconds=seconds))


def _readable(result: object) -> list[Update]:
    """Keep the updates that can be confirmed: objects with an id.

    Raises PerhapsSentError if there is none among others: they would come again at once, for ever.
    """
    if not isinstance(result, list):
        raise PerhapsSentError("Telegram's updates are no list")
    updates = [one for one in result if isinstance(one, dict) and type(one.get("update_id")) is int]
    if len(updates) < len(result):
        log.error("receive.unreadable", count=len(result) - len(updates))
        if not updates:
            raise PerhapsSentError("none of Telegram's updates has an id")
    return updates


def _after(updates: list[Update]) -> int | None:
    """Give the offset that confirms these updates; None if there are none."""
    match updates[-1:]:
        case [{"update_id": int(last)}]:
            return last + 1
    return None
