"""The pages about oneself and about colleagues: language, password, logins, and the record of acts."""

from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.core.errors import OperatorError
from bot.service.entering import BusyError, RefusedError

PAGE = 100


async def me(visit: Visit) -> Response:
    """Show one's account."""
    return await _me(visit)


async def _me(visit: Visit, *, problem: str = "", done: str = "") -> Response:
    sessions = await visit.means.store.sessions(visit.visitor.operator.id)
    return visit.page("me.html", status=400 if problem else 200, sessions=sessions, problem=problem, done=done)


async def language(visit: Visit) -> Response:
    """Read in the other language from now on."""
    if visit.form.get("language") not in ("km", "en"):
        raise Refused(400, "malformed")
    await visit.means.store.speak(visit.visitor.operator.id, "en" if visit.form["language"] == "en" else "km")
    return visit.to("/me" if visit.form.get("from") != "queue" else "/queue")


async def password(visit: Visit) -> Response:
    """Change one's password; all other sessions end."""
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


async def end_others(visit: Visit) -> Response:
    """End one's other sessions."""
    visitor = visit.visitor
    await visit.means.store.end_all(visitor.operator.id, but=visitor.session.id)
    await visit.means.audit.note(visitor.operator.id, "ended")
    return visit.to("/me")


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
    asked = visit.request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None
    rows = await visit.means.store.newest(before=before, limit=PAGE)
    names = {one.id: one.name for one in await visit.means.desk.operators()}
    known = visit.means.speaker.content.console
    acts = {one.seq: _said(one.entry.act, known) for one in rows}
    return visit.page("record.html", rows=rows, names=names, acts=acts, more=len(rows) == PAGE)


def _said(act: str, known: object) -> str:
    key = f"act_{act.partition(':')[0]}"
    return key if isinstance(known, dict) and key in known else "act_other"
