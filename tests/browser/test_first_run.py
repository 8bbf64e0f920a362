"""From nothing to the first answer, with the real commands: `init`, the link it prints, a browser, a worker."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.core import totp
from bot.sandbox import Person, Sandbox
from tests.browser.conftest import DESK, first_login, watched
from tests.whole.process import Process

LINK = re.compile(r"http://\S+(/invite/\S+)")
LIVE_MS = 5_000


@pytest.fixture
async def new(tmp_path: Path) -> AsyncIterator[tuple[Process, Person, Person]]:
    """Give an installation that runs on empty folders, an operator whom nobody invited yet, and a worker."""
    async with Sandbox() as box:
        dara, mary = box.add_person("Dara", role="operator"), box.add_person("Mary", language_code="en")
        process = Process(box, box.add_group("Operators", [dara]), tmp_path)
        try:
            await process.start()
            yield process, dara, mary
        finally:
            await process.kill()


def code(secret: bytes) -> str:
    """Give what the operator's app shows now."""
    return totp.code(secret, int(time.time()) // totp.SECONDS)


async def test_the_first_operator_answers_the_first_worker(
    new: tuple[Process, Person, Person], browser: Browser, tmp_path: Path
) -> None:
    """`init` prints an invite; its link makes a key with a password and the app; what is told from then on opens."""
    process, dara, mary = new
    made = await process.command("init", "--unattended", "--out", tmp_path / "out", "--first", dara.id, "Dara")
    link = LINK.search(made.out)
    at = re.search(r"console=(\S+)", process.printed.read_text())
    assert link is not None and at is not None
    faults: list[str] = []
    page = await watched(browser, faults, screen=DESK)
    await first_login(page, f"http://{at.group(1)}{link.group(1)}", code=code)
    await mary.says("/start")
    await process.settled()
    await mary.says("They took my passport")
    await page.locator(".cases a").click(timeout=LIVE_MS)
    await page.get_by_role("button", name="Take", exact=True).click()
    await page.fill("textarea[name=text]", "Where are you now?")
    await page.get_by_role("button", name="Send").click()

    await expect(page.get_by_role("status")).to_contain_text("Sent to")
    await process.until(lambda: any("Where are you now?" in one.text for one in mary.messages()))
    assert faults == []
