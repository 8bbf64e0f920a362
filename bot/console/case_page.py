"""One case: opened with the key of whoever is logged in, worked on, answered; and its files."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_args

from starlette.responses import Response

from bot.console.facts import Facts
from bot.console.guard import Refused
from bot.console.timeline import Timeline
from bot.console.visits import Visit
from bot.core.casework import TO_DECIDE
from bot.core.content import Content
from bot.core.state import SHOWN, Stage, Unasked
from bot.core.values import URGENCIES
from bot.service.cards import HOME, REMIND_HOURS
from bot.service.casebook import REASONS, SEARCHED, Dossier, MissingError, ReasonNeededError
from bot.service.consents import standing
from bot.service.entries import Consent, File
from bot.service.wishes import LONGEST_NAME, LONGEST_NOTE, LONGEST_REPLY, WishError, works_on_cases

HEARD = {"voice": "audio/ogg"}
"""What is played on the page; everything else is saved."""
ENDINGS = {"voice": "ogg", "photo": "jpg", "video": "mp4"}
LONGEST = {"reply": LONGEST_REPLY, "note": LONGEST_NOTE, "name": LONGEST_NAME}
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of a file: whatever it is, it runs nothing and belongs to nobody."""


async def case(visit: Visit) -> Response:
    """Show a case."""
    return await _case(visit)


async def _case(visit: Visit, *, problem: str = "") -> Response:
    """Show it; what was written in a form that could not be taken stays in the form."""
    visitor, number = visit.visitor, visit.asked("number")
    try:
        dossier = await visit.means.casebook.open(visitor, visit.means.gate.secret(visitor), number)
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return _asking_why(visit)
    values = {**_opened(visit, dossier), **await _people(visit), **_tables(visit), **_form(visit, dossier)}
    told = visit.request.query_params.get("told") or ""
    return visit.page("case.html", status=400 if problem else 200, problem=problem, told=told, **values)


def _opened(visit: Visit, dossier: Dossier) -> dict[str, Any]:
    case, history = dossier.item.case, dossier.history
    return {
        "facts": Facts(dossier, visit.means.speaker.speech(visit.language)),
        "case": case,
        "file": dossier.file,
        "unsent": dossier.unsent,
        "held": dossier.held,
        "undecided": case.mark in TO_DECIDE,
        "search": dossier.talk.search_of(case.id),
        "consents": _standing(dossier, visit.means.speaker.content),
        "related": [("earlier", history.earlier), ("alike", history.alike)],
    }


def _standing(dossier: Dossier, content: Content) -> list[Consent]:
    """Give the consents by which the case may be passed on now."""
    file = dossier.file
    found = [standing(file, one) for one in content.organisations] if file is not None else []
    return [one for one in found if one is not None]


async def _people(visit: Visit) -> dict[str, Any]:
    operators = await visit.means.desk.operators()
    names = {one.id: one.name for one in operators}
    own = visit.visitor.operator.id
    return {
        "names": names,
        "timeline": Timeline(visit.means.speaker.speech(visit.language), names),
        "colleagues": [one for one in operators if one.id != own and works_on_cases(one)],
    }


def _tables(visit: Visit) -> dict[str, Any]:
    content = visit.means.speaker.content
    return {
        "urgencies": URGENCIES,
        "reasons": content.urgency_reasons,
        "keep_reasons": content.keep_reasons,
        "outcomes": content.outcomes,
        "milestones": content.milestones,
        "saved_replies": content.saved_replies,
        "remind_hours": REMIND_HOURS,
        "stages": get_args(Stage),
        "organisations": content.organisations,
        "purposes": content.purposes,
        "unasked": get_args(Unasked),
        "shown": SHOWN,
        "longest": LONGEST,
    }


def _form(visit: Visit, dossier: Dossier) -> dict[str, Any]:
    """Give what the forms begin with: a key, today, what was written before, and a saved answer that was asked for."""
    content, query = visit.means.speaker.content, visit.request.query_params
    saved = content.saved_replies.get(query.get("saved", ""))
    kept: Mapping[str, str] = visit.form
    draft = kept.get("text", "") if kept.get("act") == "reply" else ""
    return {
        "once": secrets.token_urlsafe(16),
        "today": f"{visit.means.clock.now().astimezone(HOME):%Y-%m-%d}",
        "kept": kept,
        "saved": saved,
        "draft": draft or (content.text(saved.text, dossier.talk.speaks) if saved else ""),
    }


def _asking_why(visit: Visit) -> Response:
    """Ask why somebody opens what a colleague has taken."""
    return visit.page("reason.html", number=visit.asked("number").upper(), reasons=REASONS)


async def reason(visit: Visit) -> Response:
    """Take the reason for opening a colleague's case, then open it."""
    number = visit.asked("number")
    try:
        await visit.means.casebook.reasoned(visit.visitor, number, visit.form.get("reason", ""))
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    return visit.to(f"/cases/{number.upper()}")


async def act(visit: Visit) -> Response:
    """Do what a form of the page wishes."""
    number, wished = visit.asked("number"), visit.form.get("act", "")
    return await _done(visit, wished, lambda: _act(visit, number, wished))


async def hold(visit: Visit) -> Response:
    """Keep a case from being destroyed, or no longer."""
    number = visit.asked("number")
    return await _done(visit, "hold", lambda: visit.means.casebook.hold(visit.visitor, number, visit.form))


async def link(visit: Visit) -> Response:
    """Note that a family's request and another case belong together."""
    number = visit.asked("number")
    return await _done(visit, "link", lambda: visit.means.casebook.link(visit.visitor, number, visit.form))


async def kin(visit: Visit) -> Response:
    """Show in which cases the name stands that a family asks for."""
    visitor, number = visit.visitor, visit.asked("number").upper()
    try:
        items = await visit.means.casebook.kin(visitor, visit.means.gate.secret(visitor), number)
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return _asking_why(visit)
    names = {one.id: one.name for one in await visit.means.desk.operators()}
    form: dict[str, Any] = {"once": secrets.token_urlsafe(16), "longest": LONGEST, "most": SEARCHED}
    return visit.page("kin.html", case={"number": number}, items=items, names=names, **form)


async def _act(visit: Visit, number: str, wished: str) -> None:
    fields = dict(visit.form)
    if wished == "milestone":  # counted once, however often it is reached
        fields["again"] = "yes" if fields.get("milestone") in fields.get("reached", "").split() else "no"
    await visit.means.casebook.act(visit.visitor, number, wished, fields, key=f"{wished}:{_once(visit)}")


async def _done(visit: Visit, what: str, do: Callable[[], Awaitable[None]]) -> Response:
    """Do it and go back to the case; what is missing or wrong is said there."""
    here = f"/cases/{visit.asked('number').upper()}"
    try:
        await do()
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return visit.to(here)
    except WishError as wrong:
        if wrong.field == "role":
            raise Refused(403, "not_allowed") from wrong
        return await _case(visit, problem="reply_length" if what == "reply" else "incomplete")
    return visit.to(f"{here}?told={what}")


def _once(visit: Visit) -> str:
    """Give the key of a form, by which it acts once however often it is sent; it is made with the page."""
    once = visit.form.get("once", "")
    if not 16 <= len(once) <= 64 or not once.isascii():
        raise Refused(400, "malformed")
    return f"{visit.visitor.operator.id}:{once}"


async def file(visit: Visit) -> Response:
    """Give a file to be saved, under a name of ours."""
    file, clear = await _file(visit)
    name = f"{file.kind}-{file.record[:8]}.{ENDINGS.get(file.kind, 'bin')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": ALONE}
    return Response(clear, headers=headers, media_type="application/octet-stream")


async def voice(visit: Visit) -> Response:
    """Give a voice message to be played on the page; nothing else."""
    file, clear = await _file(visit)
    if file.kind not in HEARD:
        raise Refused(404, "missing")
    headers = {"Content-Security-Policy": ALONE, "Accept-Ranges": "bytes"}
    media_type = HEARD[file.kind]
    begin, end = _range(visit.request.headers.get("range", ""), len(clear))
    if (begin, end) == (0, len(clear)):
        return Response(clear, headers=headers, media_type=media_type)
    headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(clear)}"
    return Response(clear[begin:end], 206, headers=headers, media_type=media_type)


def _range(asked: str, size: int) -> tuple[int, int]:
    """Read which part of a file a player wants: from where, up to where; the whole if it is not one plain range."""
    unit, _, part = asked.partition("=")
    begin, _, end = part.partition("-")
    if unit != "bytes" or not begin.isdecimal() or len(begin) > 12 or int(begin) >= size:
        return 0, size
    last = int(end) + 1 if end.isdecimal() and len(end) <= 12 else size
    return int(begin), max(min(last, size), int(begin) + 1)


async def _file(visit: Visit) -> tuple[File, bytes]:
    visitor = visit.visitor
    secret = visit.means.gate.secret(visitor)
    try:
        return await visit.means.casebook.file(visitor, secret, visit.asked("number"), visit.asked("record"))
    except (MissingError, ReasonNeededError) as missing:
        raise Refused(404, "missing") from missing
