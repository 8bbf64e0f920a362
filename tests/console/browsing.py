"""A browser of few words: what an operator's sends to the console, over real HTTP, and who has logged in with it."""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from bot.console.serving import listening
from bot.console.visits import COOKIE
from bot.core import totp
from bot.service.rows import Operator
from tests.whole.house import House

PASSWORD = "five words of an operator"
PIN = "407193"
SAME = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Keep one cookie and send what pages of ours send. `secret` is in its operator's app once they enrolled."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        """Begin with no cookie."""
        self.house = house
        self.client = client
        self.cookie = ""
        self.secret = b""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return await self.client.get(path, headers=self._headers(headers))

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form, from a page of ours unless the headers say otherwise."""
        answer = await self.client.post(path, data=dict(fields or {"": ""}), headers=self._headers({**SAME, **headers}))
        self._keep(answer)
        return answer

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        own = {"Accept-Language": "en"} | ({"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {})
        return own | {name.replace("_", "-"): value for name, value in headers.items()}

    def _keep(self, answer: httpx.Response) -> None:
        found = re.search(rf'{COOKIE}="?([\w-]*)', answer.headers.get("set-cookie", ""))
        if found is not None:
            self.cookie = found.group(1)

    def code(self) -> str:
        """Give what the operator's app shows; each is another, as if they had waited."""
        self.house.clock.put_forward(timedelta(seconds=totp.SECONDS))
        return totp.code(self.secret, int(self.house.clock.now().timestamp()) // totp.SECONDS)

    async def enrol(self, operator: int, *, password: str = PASSWORD, pin: str = PIN) -> httpx.Response:
        """Take an invite, as a new operator would."""
        token = (await self.house.helpline.office.answer({"do": "invite", "id": operator}))["token"]
        page = (await self.get(f"/invite/{token}")).text
        self.secret = base64.b32decode(hidden(page, r'id="key">([A-Z2-7 ]+)<').replace(" ", ""))
        kept = hidden(page, r'name="kept" value="([0-9a-f]+)"')
        fields = {"kept": kept, "password": password, "again": password, "pin": pin}
        fields |= {"code": self.code(), "language": "en"}
        return await self.post(f"/invite/{token}", fields)

    async def log_in(
        self, name: str | int, *, password: str = PASSWORD, code: str | None = None, back: str = ""
    ) -> httpx.Response:
        """Log in; `back` is where one wanted to go."""
        fields = {"name": str(name), "password": password, "code": code or self.code(), "back": back}
        return await self.post("/login", fields)

    async def resumes(self, pin: str = PIN, *, back: str = "/") -> httpx.Response:
        """Go on after a pause."""
        return await self.post("/pin", {"pin": pin, "back": back})

    async def once(self, number: str) -> str:
        """Give the key of the forms on a case's page."""
        return hidden((await self.get(f"/cases/{number}")).text, r'name="once" value="([\w-]+)"')

    async def acts(self, number: str, act: str, **fields: str) -> httpx.Response:
        """Press a button of a case's page."""
        answer = await self.post(f"/cases/{number}/act", {"once": await self.once(number), "act": act, **fields})
        await self.house.settled()
        return answer

    async def replies(self, number: str, text: str) -> httpx.Response:
        """Write to the person of a case."""
        return await self.acts(number, "reply", text=text)

    async def speaks(self, number: str, sound: bytes, **more: str) -> httpx.Response:
        """Answer the person of a case with a sound, as the page's form sends it."""
        form = {"once": await self.once(number)} | more
        file = {"sound": ("voice", sound, "audio/webm")}
        headers = self._headers(SAME)
        answer = await self.client.post(f"/cases/{number}/voice", data=form, files=file, headers=headers)
        await self.house.settled()
        return answer


def hidden(page: str, pattern: str) -> str:
    """Find what a page holds for its own forms."""
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found.group(1)


class Console:
    """The console of a running helpline, and its operators, each with a browser of their own."""

    def __init__(self, house: House, base: str) -> None:
        """Nobody is logged in yet."""
        self.house = house
        self.base = base
        self._clients: list[httpx.AsyncClient] = []

    def browser(self) -> Browser:
        """Open another browser."""
        client = httpx.AsyncClient(base_url=self.base, timeout=20)
        self._clients.append(client)
        return Browser(self.house, client)

    async def operator(self, ident: int, name: str = "", role: str = "operator") -> Browser:
        """List an operator, if a name is given, and let them make their key."""
        if name:
            await self.house.store.desk.put_operator(Operator(ident, name, role))
            self.house.helpline.household.forget()
        browser = self.browser()
        answer = await browser.enrol(ident)
        assert answer.status_code == 303, answer.text
        return browser

    async def dara(self) -> Browser:
        """Give the browser of the first operator of the house."""
        return await self.operator(self.house.dara.id)

    async def bopha(self) -> Browser:
        """Give that of the second."""
        return await self.operator(self.house.bopha.id)

    async def close(self) -> None:
        """Close all browsers."""
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def console_of(house: House) -> AsyncIterator[Console]:
    """Serve the console of a house over HTTP."""
    async with listening(house.helpline.site, ("127.0.0.1", 0)) as door:
        console = Console(house, f"http://{door.at}")
        try:
            yield console
        finally:
            house.helpline.cases.end()
            await console.close()
