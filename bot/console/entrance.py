"""The pages of coming and going: login, invite, PIN, logout."""

import io
import re
from dataclasses import replace
from urllib.parse import quote

import segno
from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.origin import origin_of
from bot.console.visits import Visit
from bot.core import totp
from bot.core.errors import OperatorError
from bot.core.values import Language
from bot.service.entering import Enrolment, PinError
from bot.service.shifts import RefusedError
from bot.service.stretching import BusyError

_OURS = re.compile(r"/(?![/\\])[!-~]{0,500}")


async def home(visit: Visit) -> Response:
    """Go to the first page of one's role."""
    visitor = visit.somebody
    if visitor is None:
        return await outside(visit, is_page=True)
    return visit.to("/queue" if visitor.may("queue") else "/people")


async def outside(visit: Visit, *, is_page: bool) -> Response:
    """Answer who is not logged in: by the form of the PIN if their shift pauses, else by the login, if it is a page.

    Raises Refused (401) if it is a form, or a part of a page.
    """
    language = await visit.means.shifts.paused(visit.token)
    if language is not None:
        return _paused(replace(visit, spoken=language), back=visit.here)
    if not is_page:
        raise Refused(401, "logged_out")
    back = _ours(visit.here)
    return visit.to("/login" if back == "/" else f"/login?back={quote(back)}")


async def login(visit: Visit) -> Response:
    """Show the login."""
    return _login(visit, back=visit.request.query_params.get("back", ""))


def _login(visit: Visit, *, back: str, status: int = 200, problem: str = "") -> Response:
    return visit.page("login.html", status=status, problem=problem, back=_ours(back))


async def log_in(visit: Visit) -> Response:
    """Take a login."""
    form = visit.form
    back = form.get("back", "")
    try:
        token = await visit.means.gate.log_in(
            form.get("name", ""),
            form.get("password", ""),
            form.get("code", ""),
            origin=origin_of(visit.request),
            before=visit.token,
        )
    except RefusedError:
        return _login(visit, back=back, status=401, problem="login_refused")
    except BusyError:
        return _login(visit, back=back, status=503, problem="busy")
    return visit.welcome(token, _ours(back))


def _ours(back: str) -> str:
    """Give the address to go on at; the first page if it is none of ours, whoever asked for it."""
    return back if _OURS.fullmatch(back) else "/"


def _paused(visit: Visit, *, back: str, problem: str = "") -> Response:
    """Show the form of the PIN in the place of a page; then it goes on at `back`."""
    return visit.page("pin.html", status=401, problem=problem, back=_ours(back))


async def resume(visit: Visit) -> Response:
    """Take a PIN."""
    form, shifts = visit.form, visit.means.shifts
    back = form.get("back", "")
    language = await shifts.paused(visit.token)
    visit = replace(visit, spoken=language)
    try:
        token = await shifts.resume(visit.token, form.get("pin", ""))
    except RefusedError:
        if await shifts.paused(visit.token) is None:
            return _login(visit, back=back, status=401, problem="pin_over" if language else "")
        return _paused(visit, problem="pin_refused", back=back)
    except BusyError:
        return _paused(visit, problem="busy", back=back)
    return visit.welcome(token, _ours(back))


async def log_out(visit: Visit) -> Response:
    """End the session."""
    await visit.means.gate.log_out(visit.visitor)
    return visit.goodbye()


async def invite(visit: Visit) -> Response:
    """Show the form of a first login."""
    try:
        enrolment = await visit.means.gate.invited(visit.asked("token"))
    except RefusedError:
        return visit.page("refused.html", status=404, key="invite_over")
    return _enrolment(visit, enrolment)


async def enrol(visit: Visit) -> Response:
    """Take a first login."""
    gate, form, token = visit.means.gate, visit.form, visit.asked("token")
    try:
        enrolment = await gate.invited(token, form.get("kept", ""))
    except RefusedError:
        return visit.page("refused.html", status=404, key="invite_over")
    password = form.get("password", "")
    if password != form.get("again"):
        return _enrolment(visit, enrolment, problem="password_differs")
    try:
        session = await gate.enrol(
            token,
            kept=enrolment.kept,
            password=password,
            pin=form.get("pin", ""),
            code=form.get("code", ""),
            language=_language(visit),
        )
    except RefusedError:
        return _enrolment(visit, enrolment, problem="code_refused")
    except BusyError:
        return _enrolment(visit, enrolment, problem="busy")
    except PinError:
        return _enrolment(visit, enrolment, problem="pin_wrong")
    except OperatorError:
        return _enrolment(visit, enrolment, problem="password_short")
    return visit.welcome(session)


def _language(visit: Visit) -> Language:
    return "en" if visit.form.get("language") == "en" else "km"


def _enrolment(visit: Visit, enrolment: Enrolment, *, problem: str = "") -> Response:
    address = totp.address(enrolment.secret, name=enrolment.operator.name)
    return visit.page(
        "invite.html",
        status=400 if problem else 200,
        problem=problem,
        name=enrolment.operator.name,
        kept=enrolment.kept,
        key=totp.spelt(enrolment.secret),
        square=picture(address),
    )


def picture(text: str) -> str:
    """Draw a text as a QR code: an SVG of ours, without any style or script."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, light="#fff")
    return drawn.getvalue().decode()
