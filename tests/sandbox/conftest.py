"""A sandbox whose clock only moves when told to, a person in it, and the real library's bot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox import Person, Sandbox


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now

    def forward(self, **by: float) -> None:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**by)


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library give timedeltas, as it soon will; its warning about that would be an error here."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def box(clock: Hands) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock) as box:
        yield box


@pytest.fixture
async def bot(box: Sandbox) -> AsyncIterator[Bot]:
    # Without TLS there is nothing to verify, and loading certificates would be most of a test's time.
    requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
    async with Bot(
        box.token,
        base_url=f"{box.root}/bot",
        base_file_url=f"{box.root}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    ) as bot:
        yield bot


@pytest.fixture
async def http(box: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=box.root) as http:
        yield http


@pytest.fixture
async def sokha(box: Sandbox) -> Person:
    """Someone who has started the bot; nothing waits in the queue."""
    person = box.add_person("Sokha")
    await person.says("/start")
    box.world.updates.clear()
    return person
