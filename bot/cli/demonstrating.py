"""The demonstration operator of `./helpline try`: makes a key by an invite and logs in, as any operator would."""

import asyncio
import base64
import html
import re
import time
from collections.abc import Callable

import aiohttp

from bot.console.visits import COOKIE
from bot.core import totp
from bot.core.errors import PeerError
from bot.vault.passphrases import new_passphrase

PIN = "285714"
"""No secret: `try` prints it."""
PATIENCE = aiohttp.ClientTimeout(total=30)
_OURS = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}


class Demonstration:
    """Keep one operator logged in at the console of `address` (http://host:port)."""

    def __init__(self, address: str, *, operator: int, now: Callable[[], float] = time.time) -> None:
        """Nobody has a key yet; `now` is the console's clock, in seconds since 1970."""
        self._now = now
        self.address = address
        self._operator = operator
        self._password = new_passphrase()
        self._secret = b""
        self._used = 0
        self._token = ""
        self._one_at_a_time = asyncio.Lock()

    async def enrol(self, invite: str) -> None:
        """Take an invite; raises PeerError if the console does not."""
        page = await self._page(f"/invite/{invite}")
        spelt, kept = _found(page, r'id="key">([A-Z2-7 ]+)<'), _found(page, r'name="kept" value="([0-9a-f]+)"')
        self._secret = base64.b32decode(spelt.replace(" ", ""))
        fields = {"kept": kept, "password": self._password, "again": self._password, "pin": PIN, "language": "en"}
        await self._enter(f"/invite/{invite}", {**fields, "code": await self._code()})

    async def __call__(self) -> tuple[str, str]:
        """Give the console's address and the cookie of a session that is open; raises PeerError."""
        async with self._one_at_a_time:
            if not await self._is_in():
                fields = {"name": str(self._operator), "password": self._password}
                await self._enter("/login", {**fields, "code": await self._code()})
        return self.address, f"{COOKIE}={self._token}; Path=/; Secure; HttpOnly; SameSite=Strict"

    async def _code(self) -> str:
        """Give the app's digits; each count once, so the next ones are waited for."""
        await asyncio.sleep(max((self._used + 1) * totp.SECONDS - self._now(), 0.0))
        self._used = int(self._now()) // totp.SECONDS
        return totp.code(self._secret, self._used)

    async def _is_in(self) -> bool:
        headers = {"Cookie": f"{COOKIE}={self._token}"}
        async with self._session() as session, session.get("/me", headers=headers, allow_redirects=False) as answer:
            return answer.status == 200

    async def _page(self, path: str) -> str:
        async with self._session() as session, session.get(path) as answer:
            return html.unescape(await answer.text())

    async def _enter(self, path: str, fields: dict[str, str]) -> None:
        async with self._session() as session, session.post(path, data=fields, allow_redirects=False) as answer:
            cookie = answer.cookies.get(COOKIE)
            if cookie is None:
                raise PeerError(f"The console let nobody in ({answer.status}); the bot's log above may say why.")
            self._token = cookie.value

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(self.address, headers=_OURS, timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar())


def _found(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise PeerError("The console did not take the invite; the bot's log above may say why.")
    return found.group(1)
