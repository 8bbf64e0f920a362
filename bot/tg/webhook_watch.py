"""Keep Telegram calling us: set the webhook, and look once a minute whether it still stands and delivers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import structlog
from starlette.routing import Route
from telegram.error import InvalidToken, TelegramError

from bot.core.errors import MachineError
from bot.core.sending import pause
from bot.service.messaging import Clock
from bot.tg.api import Api
from bot.tg.errors import failed
from bot.tg.receive import WANTED
from bot.tg.webhook import Webhook

CONNECTIONS = 40
"""Telegram's default. Each update is committed with those beside it, so more would not be sooner."""
LOOK_SECONDS = 60.0
_MOST_TRIES = 6  # from here on the pause no longer grows

log = structlog.get_logger()


class WebhookWatch:
    """Keep the webhook set to `url`. `on_conflict`: somebody else took it away. `on_revoked`: the token is not valid.

    `on_answer`: when Telegram said that nothing waits for us; it may raise MachineError, and is then called again.

    It is not taken away at the end: what comes meanwhile waits at Telegram, and whoever polls next takes it away.
    """

    def __init__(
        self,
        api: Api,
        webhook: Webhook,
        *,
        url: str,
        secret: str,
        on_conflict: Callable[[], Awaitable[object]],
        on_revoked: Callable[[], Awaitable[object]],
        on_answer: Callable[[datetime], Awaitable[object]],
        clock: Clock,
    ) -> None:
        self._api = api
        self._webhook = webhook
        self._url = url
        self._secret = secret
        self._on_conflict = on_conflict
        self._on_revoked = on_revoked
        self._on_answer = on_answer
        self._clock = clock
        self._was_set = False
        self._none_waited: datetime | None = None

    def routes(self) -> Sequence[Route]:
        """Give what must be served where Telegram's calls arrive: the path of the address."""
        return [Route(unquote(urlsplit(self._url).path) or "/", self._webhook.take, methods=["POST"])]

    @property
    def last_answer(self) -> datetime | None:
        """Tell when receiving last worked: an update was committed, or Telegram had none for us. None before that."""
        known = [moment for moment in (self._webhook.last_kept, self._none_waited) if moment is not None]
        return max(known, default=None)

    async def run(self) -> NoReturn:
        """Keep it set until cancelled."""
        tries = 0
        while True:
            try:
                await self._look()
                tries, seconds = 0, LOOK_SECONDS
            except MachineError as error:
                log.error("webhook.machine_sick", error=str(error))
                seconds = LOOK_SECONDS
            except TelegramError as error:
                log.warning("webhook.unset", error=type(error).__name__, tries=tries)
                seconds = await self._pause(error, tries)
                tries = min(tries + 1, _MOST_TRIES)
            await self._clock.until(self._clock.now() + timedelta(seconds=seconds))

    async def _look(self) -> None:
        if not self._was_set:
            await self._set()
        info = await self._info()
        if not self._is_ours(info):
            await self._on_conflict()
            await self._set()
        elif info.get("pending_update_count") == 0:
            self._none_waited = self._clock.now()
            await self._on_answer(self._none_waited)

    async def _set(self) -> None:
        wanted = {"url": self._url, "secret_token": self._secret, "allowed_updates": WANTED}
        await self._api.call("setWebhook", {**wanted, "max_connections": CONNECTIONS, "drop_pending_updates": False})
        self._was_set = True

    async def _info(self) -> Mapping[str, object]:
        """Give what is set, and how many updates wait to be delivered."""
        info = await self._api.call("getWebhookInfo")
        return info if isinstance(info, dict) else {}

    def _is_ours(self, info: Mapping[str, object]) -> bool:
        """Say whether the webhook is as we set it. Whoever has the token can change it below the same address.

        A certificate of their own takes updates elsewhere, fewer kinds keep people's words away, another secret has
        them refused here: Telegram then says that it was answered 401.
        """
        kinds, said = info.get("allowed_updates"), str(info.get("last_error_message") or "")
        if info.get("url") != self._url or info.get("has_custom_certificate"):
            return False
        return isinstance(kinds, list) and set(kinds) == set(WANTED) and "webhook: 401" not in said

    async def _pause(self, error: TelegramError, tries: int) -> float:
        """Tell who must know, and give the seconds to wait."""
        if isinstance(error, InvalidToken):
            await self._on_revoked()
            return pause(_MOST_TRIES)
        return max(failed(error).after, pause(tries))
