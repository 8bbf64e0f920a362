"""`./helpline try` in a real browser: the phone, the group and the console on one page, somebody logged in."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.settings import ROOT, bare_environment
from tests.browser.conftest import PHONE, watched

WIDE: ViewportSize = {"width": 1400, "height": 900}
ADDRESS = re.compile(rb"Open +(http://127\.0\.0\.1:\d+)\s")
START_SECONDS = 120
LIVE_MS = 5_000
BEGUN_MS = 30_000
"""A process that is started again has everything to read."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Run the command, and give the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "try", "--port", "0"),
        env={**bare_environment(), "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path_factory.mktemp("try"))},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while (found := ADDRESS.search(line := await process.stdout.readline())) is None:
                assert line, "it ended at once"
        yield found.group(1).decode()
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGTERM)
        await process.communicate()


async def in_danger(page: Page) -> None:
    """Press START and the top button on the phone."""
    phone = page.locator("#phone-chat")
    await phone.get_by_role("button", name="START").click()
    await phone.get_by_role("button", name="I am in danger now").click()


async def test_try_shows_a_case_on_all_three_sides_at_once(browser: Browser, address: str) -> None:
    """Danger pressed on the phone is a card in the group and a row in the console beside it, which opens there."""
    faults: list[str] = []
    page = await watched(browser, faults, screen=WIDE)
    await page.goto(address)
    console = page.frame_locator("#console-frame")
    await expect(console.get_by_role("heading", name="Cases")).to_be_visible(timeout=LIVE_MS)
    await in_danger(page)
    await expect(page.locator("#desk-chat")).to_contain_text("P1", timeout=LIVE_MS)
    await console.locator(".cases a").click()
    await console.get_by_role("button", name="Take", exact=True).click()

    await expect(console.get_by_role("status")).to_have_text("Done.")
    await expect(page.locator("#desk-chat")).to_contain_text("Dara", timeout=LIVE_MS)
    assert faults == []


async def test_on_a_phone_the_console_is_a_part_of_its_own(browser: Browser, address: str) -> None:
    """One part at a time, and nothing is wider than the screen, in either language."""
    faults: list[str] = []
    page = await watched(browser, faults, screen=PHONE)
    await page.goto(address)
    frame = page.locator("#console-frame")
    await expect(page.locator("#side-phone")).to_be_visible()
    await expect(frame).to_be_hidden()
    await page.locator("#views").get_by_role("button", name="Console").click()
    await page.locator("#language").click()

    await expect(frame).to_be_visible()
    await expect(page.locator("#side-phone")).to_be_hidden()
    await expect(page.frame_locator("#console-frame").get_by_role("heading", name="Cases")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []


async def test_the_console_comes_back_with_the_process(browser: Browser, address: str) -> None:
    """Killed, it says so; started again, it is there again with the same operator logged in."""
    page = await watched(browser, [], screen=WIDE)
    await page.goto(address)
    console = page.frame_locator("#console-frame")
    await expect(console.get_by_role("heading", name="Cases")).to_be_visible(timeout=LIVE_MS)
    killed = page.get_by_role("switch", name="Process killed")
    await killed.click()
    await expect(page.get_by_text("and the console with it")).to_be_visible(timeout=LIVE_MS)
    await killed.click()

    await expect(console.get_by_role("heading", name="Cases")).to_be_visible(timeout=BEGUN_MS)
