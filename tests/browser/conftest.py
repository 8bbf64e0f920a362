"""Debian's chromium, driven through the console of a helpline that runs in this process."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from bot.console.serving import listening
from bot.core import totp
from tests.whole.conftest import content, house, keys
from tests.whole.house import House

__all__ = ["content", "house", "keys"]

CHROMIUM = Path("/usr/bin/chromium")
assert CHROMIUM.exists(), "Debian's chromium is not here: sudo apt install -y chromium"
PASSWORD = "five words of an operator"
PIN = "407193"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 640}


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

    def code(self) -> str:
        """Give what the operator's app shows, half a minute later."""
        self.house.clock.put_forward(timedelta(seconds=totp.SECONDS))
        return totp.code(self.secret, int(self.house.clock.now().timestamp()) // totp.SECONDS)

    async def enrol(self, operator: int) -> None:
        """Follow an invite, as on the first day."""
        token = (await self.house.helpline.office.answer({"do": "invite", "id": operator}))["token"]
        await self.goto(f"/invite/{token}")
        spelt = await self.page.locator("#key").inner_text()
        self.secret = base64.b32decode(spelt.replace(" ", ""))
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.fill("[name=again]", PASSWORD)
        await self.page.fill("[name=pin]", PIN)
        await self.page.fill("[name=code]", self.code())
        await self.page.click("main form button")
        await self.page.wait_for_url("**/queue")

    async def resume(self) -> None:
        """Go on after a pause."""
        await expect(self.page.get_by_role("heading", name="You were away")).to_be_visible(timeout=10_000)
        self.faults.clear()  # the browser complains of a page that is a 401
        await self.page.fill("[name=pin]", PIN)
        await self.page.click("main form button")

    async def log_in(self, name: str) -> None:
        """Log in with password and app."""
        await self.goto("/login")
        await self.page.fill("[name=name]", name)
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.fill("[name=code]", self.code())
        await self.page.click("main form button")
        await self.page.wait_for_url("**/queue")


@dataclass
class Room:
    """Where operators sit down."""

    house: House
    base: str
    browser: Browser
    faults: list[str]

    async def seat(self, *, phone: bool = False, language: str = "en-US") -> Seat:
        """Give somebody a browser of their own; what it complains about is kept in `faults`."""
        context = await self.browser.new_context(viewport=PHONE if phone else DESK, locale=language)
        page = await context.new_page()
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return Seat(self.house, self.base, page, self.faults)


@pytest.fixture
async def room(house: House) -> AsyncIterator[Room]:
    """Give the console and a chromium; no page of ours may make it complain."""
    async with listening(house.helpline.site, ("127.0.0.1", 0)) as door, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            room = Room(house, f"http://{door.at}", browser, [])
            yield room
            assert room.faults == []
        finally:
            house.helpline.cases.end()
            await browser.close()
