"""The pages about oneself and about colleagues: language, password, PIN, logins, and the record of acts."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import PlainTextResponse, Response

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.core.errors import OperatorError
from bot.service.consoling import Recorded
from bot.service.entering import PinError
from bot.service.shifts import SHIFT, RefusedError
from bot.service.stretching import BusyError

PAGE = 100


async def me(visit: Visit) -> Response:
    """Show one's account."""
    return await _me(visit)


async def _me(visit: Visit, *, problem: str = "") -> Response:
    account = await visit.means.store.account(visit.visitor.operator.id)
    has_pin = account is not None and account.pin is not None
    ends = visit.visitor.session.began + SHIFT
    return visit.page("me.html", status=400 if problem else 200, ends=ends, has_pin=has_pin, problem=problem)


async def here(visit: Visit) -> Response:
    """Take it that somebody is at the page; tells how many seconds it may stay from now on."""
    return PlainTextResponse(str(visit.visitor.seconds_left(visit.means.clock.now())))


async def language(visit: Visit) -> Response:
    """Read in the other language from now on."""
    if visit.form.get("language") not in ("km", "en"):
        raise Refused(400, "malformed")
    await visit.means.store.speak(visit.visitor.operator.id, "en" if visit.form["language"] == "en" else "km")
    return visit.to("/me" if visit.form.get("from") != "queue" else "/queue")


async def password(visit: Visit) -> Response:
    """Change one's password; a session begins anew."""
    form = visit.form
    if form.get("new") != form.get("again"):
        return await _me(visit, problem="password_differs")
    try:
        token = await visit.means.gate.change_password(
            visit.visitor, old=form.get("old", ""), new=form.get("new", ""), code=form.get("code", "")
        )
    except RefusedError:
        return await _me(visit, problem="login_refused")
    except BusyError:
        return await _me(visit, problem="busy")
    except OperatorError:
        return await _me(visit, problem="password_short")
    return visit.welcome(token)


async def pin(visit: Visit) -> Response:
    """Change one's PIN; a session begins anew."""
    form = visit.form
    try:
        token = await visit.means.gate.change_pin(
            visit.visitor, password=form.get("old", ""), code=form.get("code", ""), pin=form.get("pin", "")
        )
    except PinError:
        return await _me(visit, problem="pin_wrong")
    except RefusedError:
        return await _me(visit, problem="login_refused")
    except BusyError:
        return await _me(visit, problem="busy")
    return visit.welcome(token)


async def end_theirs(visit: Visit) -> Response:
    """End all sessions of somebody listed."""
    wanted = visit.asked("operator")
    found = next((one for one in await visit.means.desk.operators() if str(one.id) == wanted), None)
    if found is None:
        raise Refused(404, "missing")
    await visit.means.audit.note(visit.visitor.operator.id, "ended")
    await visit.means.store.end_all(found.id)
    return visit.to("/people")


async def record(visit: Visit) -> Response:
    """Show the record of acts, the newest first."""
    before = _place(visit.request.query_params.get("before", ""))
    store = visit.means.store
    rows = await store.newest(before=before, limit=PAGE)
    numbers = await store.numbers([one.entry.case for one in rows if one.entry.case])
    return visit.page("record.html", rows=rows, numbers=numbers, more=len(rows) == PAGE, **await _spoken(visit, rows))


async def searched(visit: Visit) -> Response:
    """Show which cases a search opened."""
    store, seq = visit.means.store, _place(visit.asked("seq"))
    row = await store.entry(seq) if seq is not None else None
    if row is None or not row.entry.cases:
        raise Refused(404, "missing")
    numbers = await store.numbers(row.entry.cases)
    return visit.page("searched.html", row=row, numbers=numbers, **await _spoken(visit, [row]))


def _place(asked: str) -> int | None:
    """Read a place in the record; None for what is none."""
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None


async def _spoken(visit: Visit, rows: Sequence[Recorded]) -> dict[str, Any]:
    """Give the names of people, and the keys of the sentences that say what was done, by entry."""
    names = {one.id: one.name for one in await visit.means.desk.operators()}
    known = visit.means.speaker.content.console
    return {"names": names, "acts": {one.seq: _said(one.entry.act, known) for one in rows}}


def _said(act: str, known: object) -> str:
    key = f"act_{act.partition(':')[0]}"
    return key if isinstance(known, dict) and key in known else "act_other"
