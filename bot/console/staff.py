"""Pages for looking after people and time: the roster, who is listed, invites, roles, how long cases are kept."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.core.errors import OperatorError
from bot.core.roles import RIGHTS
from bot.core.roster import DAILY, DAYS, OFF
from bot.service.enrolling import INVITE_HOURS, INVITE_PATH
from bot.service.retention import FEWEST_DAYS, MOST_DAYS
from bot.service.rows import Operator
from bot.service.wishes import works_on_cases

# ── who is on duty ───────────────────────────────────────────────────────────────────────────────────────────────


async def roster(visit: Visit) -> Response:
    """Show who is on duty, now and in general."""
    return await _roster(visit)


async def _roster(visit: Visit, *, problem: str = "") -> Response:
    known = await visit.means.office.answer({"do": "roster"})
    operators = await visit.means.desk.operators()
    return visit.page(
        "roster.html",
        status=400 if problem else 200,
        problem=problem,
        duties=list(_by_person(known["roster"])),
        on=[one.name for one in operators if one.id in known["on"]],
        begins=known["begins"],
        operators=[one for one in operators if works_on_cases(one)],
        days=(DAILY, *DAYS),
        weekdays=DAYS,
        form=visit.form,
    )


def _by_person(rows: list[Mapping[str, str]]) -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """Group the entries by person: the week in its order, then the dates."""
    order = {day: at for at, day in enumerate(DAYS)}
    known = sorted(rows, key=lambda row: (row["name"], str(row["id"]), order.get(row["day"], len(DAYS)), row["day"]))
    for (name, _), duties in groupby(known, key=lambda row: (row["name"], row["id"])):
        yield name, list(duties)


async def plan(visit: Visit) -> Response:
    """Change what somebody is listed for, or take them off the roster."""
    form = visit.form
    days, hours = form.get("date") or form.get("days", ""), OFF
    if not form.get("off"):
        hours = f"{form.get('from', '')}-{form.get('until', '')}"
    wanted = {"id": (await _listed(visit, form.get("operator", ""))).id, "days": days, "hours": hours}
    clears = form.get("act") == "clear"
    await visit.means.audit.note(visit.visitor.operator.id, "planned")
    try:
        await visit.means.office.answer({"do": "clear_duty" if clears else "set_duty", **wanted})
    except OperatorError:
        return await _roster(visit, problem="roster_wrong")
    return visit.to("/roster")


# ── who is listed ────────────────────────────────────────────────────────────────────────────────────────────────


async def people(visit: Visit) -> Response:
    """List who is listed, how often each is logged in, and who has no key yet."""
    operators, store = await visit.means.desk.operators(), visit.means.store
    logins = {one.id: len(await store.sessions(one.id)) for one in operators}
    keyless = {one.id for one in operators if await store.account(one.id) is None}
    return visit.page("people.html", operators=operators, logins=logins, keyless=keyless, roles=tuple(RIGHTS))


async def invite(visit: Visit) -> Response:
    """Give a link by which somebody makes their key.

    Only who has none is invited here: a link for somebody else's account would be a way into it.
    """
    listed = await _listed(visit, visit.asked("operator"))
    if await visit.means.store.account(listed.id) is not None:
        raise Refused(403, "not_allowed")
    await visit.means.audit.note(visit.visitor.operator.id, "invited")
    token = (await visit.means.office.answer({"do": "invite", "id": listed.id}))["token"]
    address = visit.request.url.replace(path=INVITE_PATH.format(token), query="", fragment="")
    return visit.page("invited.html", name=listed.name, hours=INVITE_HOURS, link=str(address))


async def role(visit: Visit) -> Response:
    """Change somebody's role; never one's own."""
    listed = await _listed(visit, visit.asked("operator"))
    wanted = visit.form.get("role", "")
    if wanted not in RIGHTS:
        raise Refused(400, "malformed")
    if listed.id == visit.visitor.operator.id:
        raise Refused(403, "not_allowed")
    await visit.means.audit.note(visit.visitor.operator.id, "role")
    await visit.means.office.answer({"do": "add_operator", "id": listed.id, "name": listed.name, "role": wanted})
    return visit.to("/people")


async def _listed(visit: Visit, ident: str) -> Operator:
    """Find somebody who is listed now; raises Refused."""
    found = next((one for one in await visit.means.desk.operators() if str(one.id) == ident), None)
    if found is None:
        raise Refused(404, "missing")
    return found


# ── how long closed cases are kept ───────────────────────────────────────────────────────────────────────────────


async def retention(visit: Visit) -> Response:
    """Show after how many days closed cases are destroyed."""
    return await _retention(visit)


async def _retention(visit: Visit, *, problem: str = "") -> Response:
    days = (await visit.means.office.answer({"do": "retention"}))["days"]
    limits = {"fewest": FEWEST_DAYS, "most": MOST_DAYS}
    return visit.page("retention.html", status=400 if problem else 200, problem=problem, days=days, **limits)


async def keep_for(visit: Visit) -> Response:
    """Change that number."""
    asked = visit.form.get("days", "")
    if not (asked.isascii() and asked.isdecimal() and FEWEST_DAYS <= int(asked[:9]) <= MOST_DAYS):
        return await _retention(visit, problem="incomplete")
    await visit.means.audit.note(visit.visitor.operator.id, "retention")
    await visit.means.office.answer({"do": "retention", "days": int(asked)})
    return visit.to("/retention")
