"""The heartbeat goes on exactly as long as people are answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.console.calling import Caller
from bot.service.heartbeat import Heartbeat
from bot.service.rows import Backlog
from tests.console.conftest import Well


class Watcher:
    """Somebody elsewhere who is called over HTTP, and answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append(f"{request.method} {request.path_qs}")
        return web.Response(status=self.status)


@pytest.fixture
async def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
async def beating(well: Well, watcher: Watcher) -> AsyncIterator[Well]:
    """A helpline that beats."""
    app = web.Application()
    app.router.add_get("/ping", watcher.hear)
    async with TestServer(app) as server:
        heartbeat = Heartbeat(well.vitals, call=Caller(str(server.make_url("/ping?key=k"))), clock=well.clock)
        task = asyncio.create_task(heartbeat.run())
        yield well
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def minutes(well: Well, number: int, *, heard: bool = True) -> None:
    """Let minutes pass in which Telegram answers, or does not."""
    for _ in range(number):
        if heard:
            well.last_answer = well.clock.time
        await well.clock.forward(minutes=1)


async def test_it_beats_once_a_minute(beating: Well, watcher: Watcher) -> None:
    """The first comes after a minute: a start is not yet an answer."""
    await minutes(beating, 3)

    assert watcher.heard == ["GET /ping?key=k"] * 3


async def test_it_stops_while_telegram_cannot_be_heard_and_goes_on_after(beating: Well, watcher: Watcher) -> None:
    """One missed minute is not worth a call in the night; two are."""
    await minutes(beating, 1)
    await minutes(beating, 4, heard=False)
    cut_off = len(watcher.heard)
    await minutes(beating, 1)

    assert (cut_off, len(watcher.heard)) == (1, 2)


async def test_before_the_first_update_could_come_it_is_silent(beating: Well, watcher: Watcher) -> None:
    """A helpline that never reached Telegram has never answered anybody."""
    beating.last_answer = None
    await minutes(beating, 3, heard=False)

    assert watcher.heard == []


@pytest.mark.parametrize("where", ["inbox", "outbox"])
async def test_it_stops_while_somebody_waits_too_long(beating: Well, watcher: Watcher, where: str) -> None:
    """Receiving alone is not answering: deciding or sending may be stuck."""
    setattr(beating.store, where, Backlog(1, beating.clock.time))
    await minutes(beating, 5)

    assert len(watcher.heard) == 1


async def test_it_stops_while_the_store_is_sick_or_the_parts_do_not_run(beating: Well, watcher: Watcher) -> None:
    """What cannot be looked at is not said to be well."""
    beating.store.sick = True
    await minutes(beating, 2)
    beating.store.sick, beating.vitals.serving = False, False
    await minutes(beating, 2)

    assert watcher.heard == []


async def test_a_watcher_who_is_away_stops_nothing(beating: Well, watcher: Watcher) -> None:
    """It is called again a minute later."""
    watcher.status = 500
    await minutes(beating, 2)

    assert len(watcher.heard) == 2
    assert await Caller("http://127.0.0.1:9/secret")() is False


async def test_cases_that_nobody_takes_are_no_fault_of_the_program(beating: Well, watcher: Watcher) -> None:
    """For them there are ladders and people."""
    beating.store.untaken = {**beating.store.untaken, "P1": Backlog(1, beating.ago(hours=1))}
    await minutes(beating, 2)

    assert len(watcher.heard) == 2


async def test_an_address_that_leads_elsewhere_is_not_followed(watcher: Watcher) -> None:
    """The address may be a secret, and who answers for it may send us anywhere."""

    async def lead_on(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/ping"})

    app = web.Application()
    app.router.add_get("/moved", lead_on)
    app.router.add_get("/ping", watcher.hear)
    async with TestServer(app) as server:
        heard = await Caller(str(server.make_url("/moved")))()

    assert heard is False and watcher.heard == []
