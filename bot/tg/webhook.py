"""Receive by webhook: Telegram posts one update a request, and is told 200 only after it was committed.

The proxy in front ends TLS and passes the path on. Nothing of a request is believed, or even read, before its secret
is the right one. Answers are empty: Telegram would carry out a method named in one.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.core.errors import MachineError
from bot.service.messaging import Clock

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
LARGEST = 1 << 20
"""Bytes of a body. Telegram's own are a few thousand; one of 1 MiB is no update."""
MOST_AT_ONCE = 200
"""Requests under way. Telegram keeps to CONNECTIONS; more come only if a proxy lets its own tries pile up."""
BODY_SECONDS = 10.0
RETRY_AFTER_SECONDS = 5
"""Telegram honours this; otherwise its pauses double, to two minutes."""

Update = dict[str, object]
log = structlog.get_logger()


class Webhook:
    """Take what is posted. `keep` returns once an update is committed, or raises MachineError.

    `last_kept`: when an update was last committed, for a watchdog; None before the first.
    """

    def __init__(self, secret: str, *, keep: Callable[[Update], Awaitable[None]], clock: Clock) -> None:
        self._secret = secret.encode()
        self._keep = keep
        self._clock = clock
        self._under_way = 0
        self.last_kept: datetime | None = None

    async def take(self, request: Request) -> Response:
        """Answer one request: 200 if its update is committed, and if not, why not."""
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return _refused(401)
        if self._under_way >= MOST_AT_ONCE:
            return _later("crowded")
        self._under_way += 1
        try:
            return await self._read_and_keep(request)
        finally:
            self._under_way -= 1

    async def _read_and_keep(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return _refused(408)
        if body is None:
            return _refused(413)
        update = _update(body)
        if update is None:
            return _refused(400)
        try:
            await self._keep(update)
        except MachineError:
            return _later("machine_sick")
        self.last_kept = self._clock.now()
        return Response()


async def _body(request: Request) -> bytes | None:
    """Read the body; None as soon as it is, or says that it will be, too large."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _update(body: bytes) -> Update | None:
    """Read an update, an object with an id; None if it is none, and then Telegram sends it again."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and type(update.get("update_id")) is int else None


def _refused(status: int) -> Response:
    """Refuse a request, with the connection: what is left of its body is not read."""
    log.warning("webhook.refused", status=status)
    return Response(status_code=status, headers={"Connection": "close"})


def _later(reason: str) -> Response:
    log.warning("webhook.later", reason=reason)
    return Response(status_code=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Connection": "close"})
