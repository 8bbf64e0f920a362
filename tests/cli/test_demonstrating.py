"""`try` opens on the console, too: its demonstration operator logs in as any other."""

from collections.abc import AsyncIterator

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


async def test_an_invite_that_is_none_is_said_so(console: Console) -> None:
    """The trial tells what happened, instead of a page that never opens."""
    with pytest.raises(PeerError, match="did not take the invite"):
        await Demonstration(console.base, operator=console.house.dara.id).enrol("never-made")


async def test_the_sandbox_leads_to_the_console(console: Console) -> None:
    """Without a console it says so; the page has a link to it."""
    async with httpx.AsyncClient(base_url=console.house.box.root) as client:
        answer = await client.get("/sandbox/console")
        page = await client.get("/")

    assert answer.status_code == 501 and 'href="/sandbox/console"' in page.text
