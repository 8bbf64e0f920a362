"""A sandbox with one person in it, our own calls into it, and a clock that nobody has to wait for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from bot.sandbox import Person, Sandbox
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.request import AiohttpRequest


class Hands:
    """A clock moved by hand; who waits on it moves it. `waits` are the seconds that were waited, in order."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
        self.waits: list[float] = []
        self._waited = asyncio.Event()

    def now(self) -> datetime:
        return self.time

    async def until(self, moment: datetime) -> None:
        self.waits.append((moment - self.time).total_seconds())
        self.time = max(self.time, moment)
        self._waited.set()
        await asyncio.sleep(0)

    async def waited(self, times: int) -> None:
        """Wait until somebody has waited so many times."""
        while len(self.waits) < times:
            self._waited.clear()
            await self._waited.wait()

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


class Runs(Protocol):
    """What runs until it is cancelled."""

    async def run(self) -> object: ...


@asynccontextmanager
async def running(part: Runs) -> AsyncIterator[None]:
    """Let it run, and cancel it at the end."""
    task = asyncio.create_task(part.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def box(clock: Hands) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock.now) as box:
        yield box


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as request:
        yield request


@pytest.fixture
def api(box: Sandbox, request_: AiohttpRequest) -> Api:
    return Api(request_, root=box.root, token=box.token)


@pytest.fixture
def messenger(api: Api) -> TelegramMessenger:
    return TelegramMessenger(api)


@pytest.fixture
async def sokha(box: Sandbox) -> Person:
    """Someone who has started the bot; nothing waits in the queue."""
    person = box.add_person("Sokha")
    await person.says("/start")
    box.world.updates.clear()
    return person
