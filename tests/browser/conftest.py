"""Debian's chromium, driven through the console of a helpline that runs in this process."""

import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

from bot.console.serving import listening
from bot.core import totp
from tests.whole.conftest import content, house, keys
from tests.whole.house import House

__all__ = ["content", "house", "keys"]

CHROMIUM = Path("/usr/bin/chromium")
assert CHROMIUM.exists(), "Debian's chromium is not here: sudo apt install -y chromium"
ARGS = ["--no-sandbox", "--use-fake-device-for-media-stream"]
"""A microphone that beeps, for there may be none."""
PASSWORD = "five words of an operator"
PIN = "407193"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 640}


async def first_login(page: Page, link: str, *, code: Callable[[bytes], str]) -> bytes:
    """Follow an invite, as on the first day; gives the secret that is in the operator's app from now on."""
    await page.goto(link)
    spelt = await page.locator("#key").inner_text()
    secret = base64.b32decode(spelt.replace(" ", ""))
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=again]", PASSWORD)
    await page.fill("[name=pin]", PIN)
    await page.fill("[name=code]", code(secret))
    await page.click("main form button")
    await page.wait_for_url("**/queue")
    return secret


@dataclass
class Seat:
    """An operator at a browser of their own; `secret` is in their app once they enrolled."""

    house: House
    base: str
    page: Page
    faults: list[str]
    secret: bytes = b""

    async def goto(self, path: str) -> None:
        """Open a page of the console."""
        await self.page.goto(self.base + path)

    def _code(self, secret: bytes) -> str:
        """Give what the operator's app shows, half a minute later."""
        self.house.clock.put_forward(timedelta(seconds=totp.SECONDS))
        return totp.code(secret, int(self.house.clock.now().timestamp()) // totp.SECONDS)

    async def enrol(self, operator: int) -> None:
        """Be invited, and log in for the first time."""
        token = (await self.house.helpline.office.answer({"do": "invite", "id": operator}))["token"]
        self.secret = await first_login(self.page, f"{self.base}/invite/{token}", code=self._code)

    async def resume(self) -> None:
        """Go on after a pause."""
        await expect(self.page.get_by_role("heading", name="You were away")).to_be_visible(timeout=10_000)
        self.faults.clear()  # the browser complains of a page that is a 401
        await self.page.fill("[name=pin]", PIN)
        await self.page.click("main form button")

    async def log_in(self, name: str) -> None:
        """Log in with password and app."""
        await self.goto("/login")
        await self.identify(name)

    async def identify(self, name: str, *, then: str = "/queue") -> None:
        """Fill the form of the login, and wait for the page that it leads to."""
        await self.page.fill("[name=name]", name)
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.fill("[name=code]", self._code(self.secret))
        await self.page.click("main form button")
        await self.page.wait_for_url(lambda url: url == self.base + then, wait_until="commit")


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether a page complains; that its list's stream broke off is no complaint when somebody goes to another page."""
    return said.type == "error" and not said.text.startswith("htmx: htmx:sse:error: network error")


async def watched(browser: Browser, faults: list[str], *, screen: ViewportSize, language: str = "en-US") -> Page:
    """Open a browser window of its own; what it complains about is added to `faults`."""
    context = await browser.new_context(viewport=screen, locale=language)
    page = await context.new_page()
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page


@dataclass
class Room:
    """Where operators sit down."""

    house: House
    base: str
    browser: Browser
    faults: list[str]

    async def seat(self, *, phone: bool = False, language: str = "en-US") -> Seat:
        """Give somebody a browser of their own; what it complains about is kept in `faults`."""
        page = await watched(self.browser, self.faults, screen=PHONE if phone else DESK, language=language)
        return Seat(self.house, self.base, page, self.faults)

    async def seated(self, operator: int, *, phone: bool = False) -> Seat:
        """Let an operator begin."""
        seat = await self.seat(phone=phone)
        await seat.enrol(operator)
        return seat

    async def supervisor(self, *, phone: bool = False) -> Seat:
        """Let Dara begin, who looks after the others."""
        dara = self.house.dara
        listed = {"do": "add_operator", "id": dara.id, "name": "Dara", "role": "supervisor"}
        await self.house.helpline.office.answer(listed)
        return await self.seated(dara.id, phone=phone)

    async def number(self, text: str = "They took my passport") -> str:
        """Let somebody in danger write; gives the number of the case."""
        person = self.house.person()
        case = await self.house.in_danger(person)
        await self.house.after(person.says(text))
        return str(case["number"])


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def room(house: House, browser: Browser) -> AsyncIterator[Room]:
    """Give the console and a chromium; no page of ours may make it complain."""
    async with listening(house.helpline.site, ("127.0.0.1", 0)) as door:
        try:
            room = Room(house, f"http://{door.at}", browser, [])
            yield room
            assert room.faults == []
        finally:
            house.helpline.cases.end()
            for context in browser.contexts:
                await context.close()
