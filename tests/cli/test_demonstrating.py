"""`try` opens on the console, too: its demonstration operator logs in as any other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from bot.cli.demonstrating import Demonstration
from bot.core.errors import PeerError
from tests.console.browsing import Console, console_of
from tests.whole.conftest import content, house, keys
from tests.whole.house import House

__all__ = ["content", "house", "keys"]


@pytest.fixture
async def console(house: House) -> AsyncIterator[Console]:
    async with console_of(house) as console:
        yield console


async def test_a_browser_is_let_in_again_and_again(console: Console) -> None:
    """With the same session while it lasts, and a new one after that."""
    operator, clock = console.house.dara.id, console.house.clock
    invite = (await console.house.helpline.office.answer({"do": "invite", "id": operator}))["token"]
    demonstration = Demonstration(console.base, operator=operator, now=lambda: clock.now().timestamp())
    await demonstration.enrol(invite)
    first, again = await demonstration(), await demonstration()
    clock.put_forward(timedelta(hours=9))
    address, cookie = await demonstration()
    browser = console.browser()
    browser.cookie = cookie.partition("=")[2].partition(";")[0]

    assert first == again and cookie != first[1] and address == console.base
    assert (await browser.get("/queue")).status_code == 200


async def test_an_invite_that_is_none_is_said_so(console: Console) -> None:
    """The trial tells what happened, instead of a page that never opens."""
    with pytest.raises(PeerError, match="did not take the invite"):
        await Demonstration(console.base, operator=console.house.dara.id).enrol("never-made")


async def test_the_sandbox_leads_to_the_console(console: Console) -> None:
    """Without a console it says so, and the page shows none; else the page has a link to it."""
    async with httpx.AsyncClient(base_url=console.house.box.root) as client:
        answer = await client.get("/sandbox/console")
        page, state = await client.get("/"), await client.get("/sandbox/state")

    assert answer.status_code == 501 and 'href="/sandbox/console"' in page.text
    assert state.json()["console"] is False
