"""Looking after people and time: who is on duty, who is invited, who has which role, how long closed cases are kept."""

import re

import pytest

from bot.service.retention import days
from bot.service.rows import Operator
from tests.console.browsing import Browser, Console

EVERY_DAY = {"days": "daily", "from": "00:00", "until": "24:00", "date": ""}


async def admin(console: Console) -> Browser:
    """Let an admin log in."""
    return await console.operator(7_200_001, "Chenda", "admin")


async def acts(console: Console) -> list[str]:
    """Give what was recorded last, the newest first."""
    return [one.entry.act for one in await console.house.store.console.newest(before=None, limit=9)]


async def test_everybody_sees_who_is_on_duty_and_only_some_change_it(console: Console) -> None:
    """What an admin writes down is what an operator reads, and what a P1 goes by."""
    dara, boss = await console.dara(), await admin(console)
    form = {**EVERY_DAY, "operator": str(console.house.bopha.id), "act": "set", "until": "23:45"}
    before = (await dara.get("/roster")).text
    refused = await dara.post("/roster", form)
    await boss.post("/roster", form)
    after = (await dara.get("/roster")).text

    assert "Bopha" not in before and 'action="/roster"' not in before and refused.status_code == 403
    assert re.search(r"On duty now:</strong>\s*Bopha", after) and after.count("00:00-23:45") == 7
    assert (await acts(console))[0] == "planned"


async def test_a_date_and_a_day_off_are_planned_and_taken_off(console: Console) -> None:
    """A date stands before the weekday that was chosen too; taking off leaves nothing."""
    boss = await admin(console)
    form = {**EVERY_DAY, "operator": str(console.house.bopha.id), "date": "2026-12-24", "off": "yes"}
    await boss.post("/roster", {**form, "act": "set"})
    planned = (await boss.get("/roster")).text
    await boss.post("/roster", {**form, "act": "clear"})
    cleared = (await boss.get("/roster")).text.split("<tbody>")

    assert re.search(r"2026-12-24</span>\s*Off", planned) and planned.count("<li><span>") == 1
    assert len(cleared) == 1


@pytest.mark.parametrize(
    "wrong", [{"from": "8 o'clock"}, {"from": "08:07"}, {"date": "24.12."}, {"days": "noday"}, {"until": "99:00"}]
)
async def test_hours_that_cannot_be_read_change_nothing(console: Console, wrong: dict[str, str]) -> None:
    """It is said, and the roster is what it was."""
    boss = await admin(console)
    form = {**EVERY_DAY, "operator": str(console.house.bopha.id), "act": "set", **wrong}
    answer = await boss.post("/roster", form)

    assert answer.status_code == 400 and "could not be read" in answer.text
    assert (await console.house.store.desk.roster()).duties == ()


async def test_somebody_new_is_invited_once(console: Console) -> None:
    """The link opens the form of a first login; whoever has a key is not invited here, by nobody."""
    boss = await admin(console)
    await console.house.store.desk.put_operator(Operator(7_200_009, "Maly"))
    page = (await boss.post("/people/7200009/invite")).text
    link = re.search(r"(http://\S+?/invite/[\w-]+)<", page)
    assert link is not None
    invite = await console.browser().get("/invite/" + link.group(1).rpartition("/")[2])

    assert "Maly" in page and invite.status_code == 200
    assert (await boss.post("/people/7200001/invite")).status_code == 403


async def test_a_role_is_changed_by_somebody_else(console: Console) -> None:
    """It holds from the next press on; nobody gives themselves one, and only the roles there are."""
    dara, boss = await console.dara(), await admin(console)
    own = await boss.post("/people/7200001/role", {"role": "supervisor"})
    unknown = await boss.post(f"/people/{console.house.dara.id}/role", {"role": "owner"})
    await boss.post(f"/people/{console.house.dara.id}/role", {"role": "supervisor"})
    operators = {one.id: one for one in await console.house.store.desk.operators()}

    assert (own.status_code, unknown.status_code) == (403, 400)
    assert operators[console.house.dara.id].role == "supervisor" and operators[console.house.dara.id].started
    assert operators[7_200_001].role == "admin" and dara.cookie


@pytest.mark.parametrize(("asked", "kept"), [("45", 45), ("29", 90), ("366", 90), ("many", 90), ("", 90)])
async def test_an_admin_says_how_long_closed_cases_are_kept(console: Console, asked: str, kept: int) -> None:
    """Within the bounds; nothing else changes it."""
    boss = await admin(console)
    await boss.post("/retention", {"days": asked})

    assert await days(console.house.store.desk) == kept and f'value="{kept}"' in (await boss.get("/retention")).text
