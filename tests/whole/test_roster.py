"""Who is woken for an urgent case: those on duty at once, then supervisors and a pager, unless somebody has seen it."""

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

from bot.cli.rostering import roster_lines
from bot.console.paging import AddressCall, CommandCall
from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.sandbox import Person
from bot.sandbox.chats import Message
from bot.service.paging import FEW
from tests.whole.house import House, Keys, ending

ALWAYS, NEVER = "00:00-24:00", "off"
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


async def lists(house: House, operator: Person, hours: str, days: str = "daily") -> None:
    """Put an operator on the roster, as the command does."""
    request = {"do": "set_duty", "id": operator.id, "days": days, "hours": hours}
    await house.helpline.office.answer(request)


def private(house: House) -> tuple[int, int]:
    """Count the cards that Dara and Bopha got privately."""
    return len(house.cards(house.dara.chat)), len(house.cards(house.bopha.chat))


def labels(card: Message) -> list[str]:
    """Give the labels of a card's buttons."""
    return [label for row in card.labels for label in row]


# ── privately ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_danger_press_goes_privately_to_whoever_is_on_duty(house: House) -> None:
    """At once, beside the group's card; who is off duty sleeps on."""
    await lists(house, house.dara, ALWAYS)
    await lists(house, house.bopha, NEVER)
    case = await house.in_danger(house.person())

    assert private(house) == (1, 0)
    assert case["number"] in house.cards(house.dara.chat)[0].text
    assert len(house.cards()) == 1


@pytest.mark.parametrize("hours", ["00:00-12:00", "12:15-24:00"])
async def test_with_nobody_on_duty_it_goes_to_everybody_at_once(house: House, hours: str) -> None:
    """A roster that lists nobody at noon is no reason to wait."""
    await lists(house, house.dara, hours)
    await house.in_danger(house.person())

    assert private(house) == (1, 1)


async def test_who_is_on_duty_but_never_pressed_start_is_not_counted_on(house: House) -> None:
    """Nothing can be sent to them, so it goes to all the others; and the person is promised nobody."""
    vanna = house.box.add_person("Vanna", role="operator")
    await house.helpline.office.answer({"do": "add_operator", "id": vanna.id, "name": "Vanna"})
    await lists(house, vanna, ALWAYS)
    sokha = house.person()
    await house.in_danger(sokha)

    assert private(house) == (1, 1)
    assert not house.shows(sokha, "next_now")


async def test_what_is_for_today_wakes_nobody_privately(house: House) -> None:
    """A voice message nobody has heard is P2: it has a card in the group."""
    await lists(house, house.dara, ALWAYS)
    await house.after(house.person().sends_voice(b"voice"))

    assert (private(house), len(house.cards())) == ((0, 0), 1)
    assert not any(house.says("seen") in label for label in labels(house.cards()[0]))


async def test_whoever_begins_duty_gets_what_nobody_has_taken(house: House) -> None:
    """The person was told that they will; by then the earlier one is off."""
    await lists(house, house.dara, "08:00-12:30")
    await lists(house, house.bopha, "12:30-20:00")
    sokha = house.person()
    await house.in_danger(sokha)
    assert house.shows(sokha, "next_now")
    for minutes in (5, 10, 5):
        await house.passes(minutes=minutes)
    before = private(house)
    await house.passes(minutes=10)

    assert before == (3, 2)
    assert private(house) == (3, 3)


async def test_taking_somebody_off_the_roster_counts_at_once(house: House) -> None:
    """Also with its operator."""
    for operator in (house.dara, house.bopha):
        await lists(house, operator, ALWAYS)
    await house.helpline.office.answer({"do": "clear_duty", "id": house.dara.id})
    await house.in_danger(house.person())
    assert private(house) == (0, 1)

    await house.helpline.office.answer({"do": "remove_operator", "id": house.bopha.id})
    assert (await house.helpline.office.answer({"do": "roster"}))["roster"] == []


# ── seen ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def _sees(house: House, operator: Person) -> None:
    card = house.cards(operator.chat)[-1]
    await house.after(operator.presses(ending(card, "s"), message=card))


async def test_who_has_seen_it_says_so_and_nobody_else_is_woken(house: House) -> None:
    """One press; every card of the case tells who, and five minutes later nothing rings."""
    await lists(house, house.dara, ALWAYS)
    case = await house.in_danger(house.person())
    await _sees(house, house.dara)
    await house.passes(minutes=10)

    assert private(house) == (1, 0)
    seen_by = house.says("seen_by", name="Dara")
    for card in (house.cards(house.dara.chat)[0], house.card(case["number"])):
        assert any(seen_by in label for label in labels(card))
    assert [body["act"] for body in (await house.opened(case["number"])).of("desk")] == ["seen"]


async def test_seen_is_not_taken(house: House) -> None:
    """After 15 minutes all are called for what is still untaken, and it can be taken then."""
    await lists(house, house.dara, ALWAYS)
    await house.in_danger(house.person())
    await _sees(house, house.dara)
    await house.passes(minutes=15)
    assert private(house) == (2, 1)

    newest = house.cards(house.bopha.chat)[-1]
    await house.after(house.bopha.presses(ending(newest, "t"), message=newest))
    assert [row["assignee"] for row in await house.cases()] == ["Bopha"]


async def test_who_is_not_listed_any_more_sees_nothing(house: House) -> None:
    """Roles are checked at the press: a card that lies in a chat is no right."""
    await lists(house, house.dara, ALWAYS)
    await house.in_danger(house.person())
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await _sees(house, house.dara)
    await house.passes(minutes=5)

    assert private(house) == (1, 1)
    assert house.says("not_listed") in house.dara.toasts[-1].text


async def test_unseen_it_goes_to_the_supervisor(house: House) -> None:
    """After five minutes, to supervisors alone."""
    await lists(house, house.dara, ALWAYS)
    vanna = house.box.add_person("Vanna", role="operator")
    add = {"do": "add_operator", "id": vanna.id, "name": "Vanna", "role": "supervisor"}
    await house.helpline.office.answer(add)
    await house.after(vanna.says("/start operator"))
    await house.in_danger(house.person())
    at_once = len(house.cards(vanna.chat))
    await house.passes(minutes=5)

    assert (at_once, len(house.cards(vanna.chat)), private(house)) == (0, 1, (1, 0))


# ── outside Telegram ─────────────────────────────────────────────────────────────────────────────────────────


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


# ── the office ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_roster_is_told_as_it_is(house: House) -> None:
    """Entries by operator and day, who is on duty now, when the next begins, and in which zone that is meant."""
    await lists(house, house.dara, "08:00-18:00", days="mon-tue")
    await lists(house, house.bopha, "18:00-24:00", days="2026-03-02")
    told = await house.helpline.office.answer({"do": "roster"})

    rows = sorted((row["name"], row["day"], row["hours"]) for row in told["roster"])
    assert rows == [
        ("Bopha", "2026-03-02", "18:00-24:00"),
        ("Dara", "mon", "08:00-18:00"),
        ("Dara", "tue", "08:00-18:00"),
    ]
    assert (told["on"], told["begins"], told["zone"]) == (
        [house.dara.id],
        "2026-03-02T11:00:00+00:00",
        "Asia/Phnom_Penh",
    )
    assert list(roster_lines(told))[-2:] == ["On duty now: Dara", "Next to begin: Mon 18:00 (Asia/Phnom_Penh)"]


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "set_duty", "id": 1, "days": "mon", "hours": "08:00-18:00"},
        {"do": "clear_duty", "id": 1},
    ],
)
async def test_only_listed_operators_are_on_the_roster(house: House, request_: dict[str, object]) -> None:
    """A slip of the id is told, and changes nothing."""
    with pytest.raises(OperatorError, match="No operator has this id"):
        await house.helpline.office.answer(request_)


async def test_hours_that_are_none_change_nothing(house: House) -> None:
    """All or nothing: what was listed stays."""
    await lists(house, house.dara, ALWAYS)
    for days, hours in (("mon", "8-18"), ("someday", ALWAYS)):
        with pytest.raises(OperatorError):
            await lists(house, house.dara, hours, days)

    assert len((await house.helpline.office.answer({"do": "roster"}))["roster"]) == 7
