"""Delivering updates to a webhook: in order within a lane, tried again with growing delay, as Telegram does it."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.calls import Call
from bot.sandbox.refusals import RefusedError, bad
from bot.sandbox.updates import Update, Updates
from bot.sandbox.wire import Wire, form_fields

_TOKEN_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_WAIT = 60  # seconds, to twice that at random
_LONGEST_RETRY_AFTER = 3600
_GONE_LIFE = 23 * 3600  # seconds of nothing but 410 after which the webhook is removed
# What an answer's body cannot make Telegram do.
_NOT_IN_ANSWERS = ("deletewebhook", "setwebhook", "close", "logout")


@dataclass(frozen=True, slots=True)
class Address:
    """Where updates go, with which secret; `certificate`: whoever set it gave one of their own."""

    url: str
    secret: str
    connections: int
    certificate: bool = False


def address(call: Call) -> Address | None:
    """Read setWebhook's parameters; None for an empty address, which removes the webhook.

    Raises: RefusedError; also for an address elsewhere than on this machine, which the sandbox never calls.
    """
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return None
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not _TOKEN_CHARACTERS.issuperset(secret):
        raise bad("secret token contains unallowed characters")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad("invalid webhook URL specified") from None
    if parts.scheme not in ("http", "https") or not host:
        raise bad("invalid webhook URL specified")
    if host not in _LOOPBACK:
        raise bad(f"bad webhook: the sandbox delivers to 127.0.0.1 only, not to {host}")
    certificate = "certificate" in call.uploads or "certificate" in call.params
    return Address(url, secret, max(1, min(call.number("max_connections", 40), 100)), certificate)


class Webhook:
    """Deliver what waits in the queue while an address is set; `second` shortens every wait for tests."""

    def __init__(
        self, updates: Updates, *, perform: Callable[[Call], object], chance: random.Random, now: Callable[[], float]
    ) -> None:
        self._updates = updates
        self._perform = perform
        self._chance = chance
        self._now = now
        self._lanes: dict[str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(1)
        self._gone_since: float | None = None
        self.second = 1.0
        self.address: Address | None = None
        self.last_error: tuple[int, str] | None = None

    def info(self) -> Wire:
        """Answer getWebhookInfo."""
        wire: Wire = {
            "url": self.address.url if self.address else "",
            "has_custom_certificate": self.address is not None and self.address.certificate,
            "pending_update_count": len(self._updates),
        }
        if self.address:
            wire |= {"max_connections": self.address.connections, "ip_address": "127.0.0.1"}
        if self.last_error:
            wire |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        if self._updates.allowed is not None:
            wire["allowed_updates"] = self._updates.allowed
        return wire

    async def set(self, to: Address | None) -> None:
        """Begin to deliver to an address, or stop."""
        await self._stop()
        self.address = to
        self.last_error = self._gone_since = None
        if to is not None:
            self._updates.end_poll("terminated by setWebhook request")
            self._room = asyncio.Semaphore(to.connections)
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
            for update in self._updates.waiting():
                self._line_up(update)
            self._updates.on_put = self._line_up

    async def close(self) -> None:
        """Stop delivering."""
        await self._stop()
        self.address = None

    def _line_up(self, update: Update) -> None:
        if update.lane in self._lanes:
            self._lanes[update.lane].append(update)
            return
        self._lanes[update.lane] = deque([update])
        task = asyncio.create_task(self._run(update.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: str) -> None:
        queue = self._lanes[lane]
        while queue:
            await self._deliver(queue.popleft())
        del self._lanes[lane]

    async def _deliver(self, update: Update) -> None:
        """Post one update until it is taken, its time is over, or the webhook is gone."""
        delay, fails = 1.0, 0
        while self._session is not None and self.address is not None:
            async with self._room:
                error, retry_after = await self._post(self._session, self.address, update)
            if error is None:
                self._updates.drop(update.id)
                return
            self.last_error = (int(self._now()), error)
            wait = float(retry_after)
            if not retry_after and fails:
                longest = self._chance.uniform(_LONGEST_WAIT, 2 * _LONGEST_WAIT)
                wait = delay = min(longest, delay * 2)
            fails += 1
            self._updates.on_change()
            if self._now() + wait > update.expires:
                self._updates.drop(update.id)
                return
            await asyncio.sleep(wait * self.second)

    async def _post(self, session: aiohttp.ClientSession, to: Address, update: Update) -> tuple[str | None, int]:
        """Post once; gives what was wrong (None: nothing) and the seconds the receiver asked for."""
        headers = {"Content-Type": "application/json"}
        if to.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = to.secret
        try:
            async with session.post(to.url, data=update.json.encode(), headers=headers) as answer:
                body = await answer.text(errors="replace")
                self._note_gone(answer.status)
                if 200 <= answer.status <= 299:
                    self._obey(body, answer.content_type)
                    return None, 0
                after = answer.headers.get("Retry-After", "")
                wait = min(int(after), _LONGEST_RETRY_AFTER) if after.isdigit() else 0
                return f"Wrong response from the webhook: {answer.status} {answer.reason}", wait
        except (aiohttp.ClientError, TimeoutError):
            return "Webhook connection closed", 0

    def _obey(self, body: str, content_type: str) -> None:
        """Carry out a method named in the answer, as Telegram does; nobody learns its result."""
        params = _params(body, content_type)
        method = str(params.get("method", "")).lower()
        if method and method not in _NOT_IN_ANSWERS and not method.startswith("get"):
            try:
                self._perform(Call(method, params))
            except RefusedError:
                return  # recorded with the call; Telegram tells nobody either

    def _note_gone(self, status: int) -> None:
        if status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = self._now()
        elif self._now() - self._gone_since > _GONE_LIFE:
            self.address = None
            self._updates.on_put = lambda update: None

    async def _stop(self) -> None:
        self._updates.on_put = lambda update: None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None


def _params(body: str, content_type: str) -> Wire:
    if content_type == "application/json":
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return form_fields(body.encode())
