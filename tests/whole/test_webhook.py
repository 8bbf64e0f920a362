"""The whole helpline by webhook: in one process, and as `run` behind a Telegram that posts."""

import asyncio
import json
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from bot.console.serving import listening
from bot.core.content import Content
from bot.sandbox import Person, Sandbox, populate
from bot.service.gathering import Gathering
from bot.settings import Settings
from bot.tg.webhook import SECRET_HEADER, Webhook
from tests.whole.house import House, Keys, started
from tests.whole.process import PATIENCE, Process

SECRET = "an-invented_secret-of-40-characters-0000"
HEADERS = {SECRET_HEADER: SECRET}


def free_port() -> int:
    """Give a port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Posted(House):
    """A house to which Telegram posts."""

    def _settings(self) -> Settings:
        self.box.webhook.second = 0.01
        console = ("127.0.0.1", free_port())
        hook = {"public_url": f"http://127.0.0.1:{console[1]}/hook", "webhook_secret": SecretStr(SECRET)}
        return super()._settings().model_copy(update={"console": console, **hook})

    async def open(self, *, new: bool = False) -> None:
        """Open everything, and listen."""
        await super().open(new=new)
        await self._open.enter_async_context(listening(self.helpline.site, self.settings.console))


@pytest.fixture
async def posted(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[Posted]:
    async with started(Posted(tmp_path, content, keys)) as posted:
        yield posted


async def test_danger_by_webhook_is_a_card(posted: Posted) -> None:
    """From the press to the card and the answer, with not a single poll."""
    sokha = posted.person()
    case = await posted.in_danger(sokha)

    assert posted.card(case["number"]).rows
    assert posted.step(sokha).startswith("danger.")
    assert "getupdates" not in {call.method for call in posted.box.calls}


async def test_who_was_talking_when_it_went_away_is_asked_again(posted: Posted) -> None:
    """Telegram drops presses after 150 seconds by webhook too; who wrote meanwhile is answered, and not asked twice."""
    house = posted
    sokha, bo = house.person("Sokha"), house.person("Bo")
    for person in (sokha, bo):
        await house.asks_for_help(person)
    shown = sum(message.from_bot for message in bo.chat.messages.values())
    await house.stop(clean=False)
    await bo.says("yes")
    house.clock.put_forward(timedelta(minutes=5))
    await house.open()
    await house.until(partial(_is_at, house, bo, "help.keep"))
    await house.passes(seconds=61)
    await house.until(partial(_asked_again, house))
    await house.settled()

    assert house.shows(sokha, "away_again") and house.step(sokha) == "help.safe"
    assert sum(message.from_bot for message in bo.chat.messages.values()) == shown + 1


async def _is_at(house: Posted, person: Person, step: str) -> bool:
    return house.step(person) == step


async def _asked_again(house: Posted) -> int:
    return await house.count("SELECT count(*) FROM inbox WHERE source = 'return' AND state = 'done'")


async def test_a_crowd_is_answered_once_each(posted: Posted) -> None:
    """Many post at the same time; each is committed, decided and answered once."""
    crowd = [posted.person(f"Person {number}") for number in range(60)]
    await asyncio.gather(*(one.says("/start") for one in crowd))
    await posted.settled()

    assert {posted.step(one) for one in crowd} == {"start.menu"}
    assert {len([message for message in one.messages() if message.from_bot]) for one in crowd} == {1}


async def test_what_came_while_it_was_away_is_posted_after(posted: Posted) -> None:
    """Stopped and started again, in either way, nothing that waited is dropped."""
    sokha = posted.person()
    await posted.stop()
    await sokha.says("/start")
    await posted.open()
    await posted.settled()
    posted.settings = posted.settings.model_copy(update={"public_url": None, "webhook_secret": None})
    await posted.stop()
    await sokha.says("hide")
    await posted.open()
    await posted.eventually(lambda: posted.is_innocent(sokha))

    assert posted.box.webhook.address is None


async def test_an_update_that_is_posted_and_polled_is_one(house: House) -> None:
    """Whichever way it comes, and however often: one row, one answer."""
    hook = Webhook(SECRET, keep=Gathering(house.helpline.receiver.updates).add, clock=house.clock)
    sokha = house.person()
    house.box.faults.switch(down=True)
    await sokha.says("/start")
    (update,) = house.box.world.updates.waiting()
    app = Starlette(routes=[Route("/hook", hook.take, methods=["POST"])])
    async with listening(app, ("127.0.0.1", 0)) as door, aiohttp.ClientSession(headers=HEADERS) as client:

        async def post() -> int:
            async with client.post(f"http://{door.at}/hook", data=update.json.encode()) as answer:
                return answer.status

        twice = await asyncio.gather(post(), post())
        house.box.faults.switch(down=False)
        await house.passes(seconds=61)
        again = await post()
    await house.settled()

    assert [*twice, again] == [200, 200, 200]
    assert await house.count(f"SELECT count(*) FROM inbox WHERE key LIKE '{update.id:d}:%'") == 1  # noqa: S608 - a number
    assert len([message for message in sokha.messages() if message.from_bot]) == 1


# ── as a process ─────────────────────────────────────────────────────────────────────────────────────────────────


class PostedRun(Process):
    """`run` in webhook mode."""

    def __init__(self, box: Sandbox, folder: Path, **settings: str) -> None:
        super().__init__(box, populate(box), folder)
        box.webhook.second = 0.01
        self.at = f"http://127.0.0.1:{free_port()}"
        hook = {"HELPLINE_PUBLIC_URL": f"{self.at}/hook", "HELPLINE_WEBHOOK_SECRET": SECRET}
        self._settings |= {"HELPLINE_CONSOLE": self.at.removeprefix("http://"), **hook, **settings}

    async def start(self) -> None:
        """Begin `run`, and wait until it is set to be called."""
        with self.printed.open("ab") as printed:
            self._run = await self._spawn("run", "--no-dotenv", out=printed.fileno(), err=printed.fileno())
        await self.until(lambda: self.box.webhook.address or self._run is None or self._run.returncode is not None)

    async def end(self, how: signal.Signals) -> int:
        """End it by a signal; gives its exit code."""
        assert self._run is not None
        self._run.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            return await self._run.wait()

    def received(self) -> set[str]:
        """Give the ids of the updates in the inbox."""
        with closing(sqlite3.connect(f"file:{self.data}/helpline.db?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT key FROM inbox WHERE source = 'telegram'").fetchall()
        return {key.partition(":")[0] for (key,) in rows}


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[PostedRun]:
    """Give `run`, not begun yet."""
    async with Sandbox() as box:
        run = PostedRun(box, tmp_path)
        try:
            yield run
        finally:
            await run.kill()


def said(number: int) -> Mapping[str, object]:
    """Make an update in which somebody says something."""
    person = {"id": 10_000 + number, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    chat = {"id": 10_000 + number, "type": "private", "first_name": "Somebody"}
    message = {"message_id": 1, "from": person, "chat": chat, "date": 1_770_000_000, "text": "hello"}
    return {"update_id": number, "message": message}


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
async def test_what_run_acknowledged_is_kept_however_it_ends(run: PostedRun, how: signal.Signals, code: int) -> None:
    """The end comes in the middle of a crowd: told to stop, or killed, all that was told 200 is in the inbox."""
    acknowledged: set[str] = set()
    enough = asyncio.Event()

    async def post(number: int) -> None:
        with suppress(aiohttp.ClientError):  # it has ended
            async with client.post(f"{run.at}/hook", data=json.dumps(said(number))) as answer:
                acknowledged.update({str(number)} if answer.status == 200 else ())
            if len(acknowledged) > 20:
                enough.set()

    await run.start()
    async with aiohttp.ClientSession(headers=HEADERS) as client:
        crowd = [asyncio.create_task(post(number)) for number in range(1, 401)]
        await enough.wait()
        ended = await run.end(how)
        await asyncio.gather(*crowd)

    assert ended == code
    assert len(acknowledged) > 20 and acknowledged <= run.received()


async def test_run_answers_people_and_tells_machines_how_it_is(run: PostedRun) -> None:
    """One address for Telegram's calls, for health and for figures."""
    await run.start()
    sokha = run.box.add_person("Sokha", language_code="en")
    await sokha.says("/start")
    await run.box.until(sokha.screen)
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{run.at}/healthz") as health,
        client.get(f"{run.at}/metrics") as figures,
    ):
        told, shown = health.status, await figures.text()
    ended = await run.end(signal.SIGTERM)

    assert (told, ended) == (200, 0)
    assert "helpline_updates_received_total 1.0" in shown
    assert f"console={run.at.removeprefix('http://')}" in run.printed.read_text()


async def test_run_does_not_start_where_it_cannot_listen(run: PostedRun) -> None:
    """A port in use: it says which setting, and Telegram hears nothing."""
    with socket.create_server(("127.0.0.1", int(run.at.rpartition(":")[2]))):
        ended = await run.command("run")

    assert not [call for call in run.box.calls if call.method == "setwebhook"]
    assert ended.code == 1
    assert "HELPLINE_CONSOLE" in ended.err and "choose another port" in ended.err
