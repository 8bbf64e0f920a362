"""The channel outside Telegram: when it is called, what it is told, and what becomes of calls that fail."""

import json
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.console.paging import AddressCall, CommandCall
from bot.core.content import Content
from bot.service.paging import FEW
from tests.whole.house import House, Keys

Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[Start]:
    """Give what starts a helpline with further settings; it is closed at the end."""
    houses: list[House] = []

    async def started(**settings: Any) -> House:
        houses.append(House(tmp_path, content, keys, **settings))
        await houses[-1].start()
        return houses[-1]

    yield started
    for house in houses:
        await house.close()


@dataclass
class Listener:
    """Somebody outside Telegram who is called over HTTP, and answers with `status`."""

    status: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append(json.loads(await request.text()))
        return web.Response(status=self.status)

    async def was_called(self, times: int = 1) -> bool:
        """Say whether that many calls came."""
        return len(self.heard) >= times


@pytest.fixture
async def listener() -> Listener:
    return Listener()


@pytest.fixture
async def paged(start: Start, listener: Listener) -> AsyncIterator[House]:
    """A helpline whose pager is an address."""
    app = web.Application()
    app.router.add_post("/page", listener.hear)
    async with TestServer(app) as server:
        yield await start(pager_url=str(server.make_url("/page?key=secret")))


async def test_unseen_it_goes_over_the_channel_outside_telegram(paged: House, listener: Listener) -> None:
    """After five minutes, once; the call tells the number, urgency, country and age, and nothing else."""
    mary = paged.person("CanaryName")
    await paged.asks_for_help(mary, "yes", "yes", "TH")
    await paged.after(mary.says("CanaryWords they hit me"))
    (case,) = await paged.cases()
    await paged.passes(minutes=4)
    assert listener.heard == []

    await paged.passes(minutes=1)
    assert listener.heard == [{"number": case["number"], "urgency": "P1", "country": "TH", "minutes": 5}]


@pytest.mark.parametrize("act", ["s", "t"])
async def test_what_was_seen_or_taken_pages_nobody(paged: House, listener: Listener, act: str) -> None:
    """Either is somebody who is awake."""
    case = await paged.in_danger(paged.person())
    await paged.after(paged.desk(paged.dara, act, case["number"]))
    await paged.passes(minutes=16)

    assert listener.heard == []


async def test_the_pager_is_called_though_telegram_is_down(paged: House, listener: Listener) -> None:
    """That is what it is for."""
    await paged.in_danger(paged.person())
    paged.box.faults.switch(down=True)
    paged.clock.put_forward(timedelta(minutes=5))
    await paged.until(listener.was_called)
    paged.box.faults.switch(down=False)

    assert len(listener.heard) == 1


async def test_a_pager_that_fails_is_an_alarm_and_is_tried_again(paged: House, listener: Listener) -> None:
    """The group hears of it, and the call is made once it can be."""
    await paged.in_danger(paged.person())
    listener.status = 500
    await paged.passes(minutes=5)
    failed = len(listener.heard)
    listener.status = 200
    await paged.passes(minutes=1, seconds=1)
    await paged.passes(minutes=5)

    assert (failed, len(listener.heard)) == (1, 2)
    assert any("pager_failed" in message.text for message in paged.group.messages())


async def test_what_is_seen_at_last_is_not_called_for_again(paged: House, listener: Listener) -> None:
    """A call that is to be repeated asks first whether it is still wanted."""
    case = await paged.in_danger(paged.person())
    listener.status = 500
    await paged.passes(minutes=5)
    await paged.after(paged.desk(paged.dara, "s", case["number"]))
    await paged.passes(minutes=5)

    assert len(listener.heard) == 1


async def test_rungs_missed_while_the_machine_was_away_are_one_call(paged: House, listener: Listener) -> None:
    """After two hours without power the pager rings once."""
    await paged.in_danger(paged.person())
    await paged.stop(clean=False)
    paged.clock.put_forward(timedelta(hours=2))
    await paged.open()
    await paged.settled()

    assert [call["minutes"] for call in listener.heard] == [120]


async def test_a_flood_does_not_empty_the_purse(paged: House, listener: Listener) -> None:
    """Of many urgent cases five are called for in ten minutes; those that are taken meanwhile are not at all."""
    cases = [await paged.in_danger(paged.person(f"P{number}")) for number in range(FEW + 2)]
    paged.clock.put_forward(timedelta(minutes=5))
    await paged.until(lambda: listener.was_called(FEW))
    await paged.until(lambda: paged.count("SELECT count(*) = 2 FROM pages"))
    for case in cases:
        await paged.desk(paged.dara, "t", case["number"])
    await paged.until(lambda: paged.count("SELECT count(*) = 0 FROM cases WHERE state = 'new'"))
    waiting = await paged.count("SELECT count(*) FROM pages")
    await paged.passes(minutes=10)

    assert (waiting, len(listener.heard)) == (2, FEW)


SCRIPT = """
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(sys.stdin.readline())
    file.write(" ".join(name for name in os.environ if name.startswith("HELPLINE")) + "\\n")
{more}
"""


@pytest.fixture
async def commanded(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A helpline whose pager is a command, with a setting in its environment."""
    monkeypatch.setenv("HELPLINE_BOT_TOKEN", "1:secret")
    script = tmp_path / "call us.py"
    script.write_text(SCRIPT.format(more=""), encoding="utf-8")
    command = shlex.join([sys.executable, str(script), str(tmp_path / "told; touch x")])
    house: House = await start(pager_command=command)
    return house


async def test_a_command_is_run_without_a_shell(commanded: House, tmp_path: Path) -> None:
    """It is told one line of JSON, its words are its own, and it learns no setting of ours."""
    case = await commanded.in_danger(commanded.person())
    await commanded.passes(minutes=5)
    told, settings = (tmp_path / "told; touch x").read_text(encoding="utf-8").splitlines()

    assert json.loads(told) == {"number": case["number"], "urgency": "P1", "country": None, "minutes": 5}
    assert settings == ""
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("more", "heard"), [("sys.exit(0)", True), ("sys.exit(3)", False), ("time.sleep(60)", False)])
async def test_a_command_has_a_bounded_time(tmp_path: Path, more: str, heard: bool) -> None:
    """One that does not end is killed and counts as unheard, and so does one that says it failed."""
    script = tmp_path / "call.py"
    script.write_text(SCRIPT.format(more=more), encoding="utf-8")
    call = CommandCall([sys.executable, str(script), str(tmp_path / "told")], {}, folder=str(tmp_path), seconds=2)

    assert await call(b"{}") is heard


async def test_a_command_that_is_not_there_is_unheard(tmp_path: Path) -> None:
    """As is an address that nobody answers at."""
    assert not await CommandCall(["/nonexistent/call"], {}, folder=str(tmp_path))(b"{}")
    assert not await AddressCall("http://127.0.0.1:9/secret")(b"{}")


async def test_an_address_that_leads_elsewhere_is_unheard(listener: Listener) -> None:
    """Nothing is told to whoever it is passed on to."""

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/page")

    app = web.Application()
    app.router.add_post("/page", listener.hear)
    app.router.add_post("/", elsewhere)
    async with TestServer(app) as server:
        assert not await AddressCall(str(server.make_url("/")))(b"{}")

    assert listener.heard == []
