"""One case: opened with the key of whoever is logged in, worked on, answered; and its files."""

import secrets
from typing import get_args

from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.timeline import Story
from bot.console.visits import Visit
from bot.core.values import URGENCIES
from bot.service.casebook import REASONS, Choice, Item, MissingError, ReasonNeededError, Work
from bot.service.replying import LONGEST_REPLY

HEARD = {"voice": "audio/ogg"}
"""What is played on the page; everything else is saved."""
ENDINGS = {"voice": "ogg", "photo": "jpg", "video": "mp4"}
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of a file: whatever it is, it runs nothing and belongs to nobody."""


async def case(visit: Visit) -> Response:
    """Show a case."""
    return await _case(visit)


async def _case(visit: Visit, *, problem: str = "", draft: str = "") -> Response:
    visitor, number = visit.visitor, visit.asked("number")
    try:
        dossier = await visit.means.casebook.open(visitor, visit.means.gate.secret(visitor), number)
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return visit.page("reason.html", number=number.upper(), reasons=REASONS)
    names = {one.id: one.name for one in await visit.means.desk.operators()}
    content = visit.means.speaker.content
    return visit.page(
        "case.html",
        status=400 if problem else 200,
        story=Story(dossier, visit.means.speaker.speech(visitor.language), names=names),
        case=dossier.item.case,
        sealed=dossier.items is None,
        unsent=dossier.unsent,
        names=names,
        urgencies=URGENCIES,
        reasons=content.urgency_reasons,
        outcomes={one.id: one.words for one in content.outcomes.values()},
        once=secrets.token_urlsafe(16),
        told=visit.request.query_params.get("told") or "",
        problem=problem,
        draft=draft,
        most=LONGEST_REPLY,
    )


async def reason(visit: Visit) -> Response:
    """Take the reason for opening a colleague's case, then open it."""
    number = visit.asked("number")
    try:
        await visit.means.casebook.reasoned(visit.visitor, number, visit.form.get("reason", ""))
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    return visit.to(f"/cases/{number.upper()}")


async def act(visit: Visit) -> Response:
    """Take, give back, change the urgency or finish."""
    form, number = visit.form, visit.asked("number")
    work = next((one for one in get_args(Work) if one == form.get("act")), None)
    choice = _choice(visit)
    if work is None or (work == "urgency" and not (choice.urgency and choice.reason)):
        raise Refused(400, "malformed")
    if work == "resolve" and choice.outcome is None:
        raise Refused(400, "malformed")
    try:
        await visit.means.casebook.act(visit.visitor, number, work, choice, key=_once(visit))
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    return visit.to(f"/cases/{number.upper()}?told={work}")


def _choice(visit: Visit) -> Choice:
    """Read what an act needs; only what the tables know."""
    form, content = visit.form, visit.means.speaker.content
    urgency = next((one for one in URGENCIES if one == form.get("urgency")), None)
    why, outcome = form.get("reason"), form.get("outcome")
    return Choice(
        urgency=urgency,
        reason=why if why in content.urgency_reasons else None,
        outcome=outcome if outcome in content.outcomes else None,
    )


async def reply(visit: Visit) -> Response:
    """Write to the person; the contact rule says when it goes."""
    text, number = visit.form.get("text", "").strip(), visit.asked("number")
    if not 0 < len(text) <= LONGEST_REPLY:
        return await _case(visit, problem="reply_length", draft=text)
    try:
        await visit.means.casebook.reply(visit.visitor, number, text, key=_once(visit))
    except (MissingError, ReasonNeededError) as missing:
        raise Refused(404, "missing") from missing
    return visit.to(f"/cases/{number.upper()}?told=reply")


def _once(visit: Visit) -> str:
    """Give the key of a form, by which it acts once however often it is sent; it is made with the page."""
    once = visit.form.get("once", "")
    if not 16 <= len(once) <= 64 or not once.isascii():
        raise Refused(400, "malformed")
    return f"{visit.visitor.operator.id}:{once}"


async def file(visit: Visit) -> Response:
    """Give a file to be saved, under a name of ours."""
    item, clear = await _file(visit)
    kind = str(item.body.get("file", {}).get("kind", "file"))
    name = f"{kind}-{item.id[:8]}.{ENDINGS.get(kind, 'bin')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": ALONE}
    return Response(clear, headers=headers, media_type="application/octet-stream")


async def voice(visit: Visit) -> Response:
    """Give a voice message to be played on the page; nothing else."""
    item, clear = await _file(visit, kinds=HEARD)
    headers = {"Content-Security-Policy": ALONE, "Accept-Ranges": "bytes"}
    media_type = HEARD[str(item.body["file"]["kind"])]
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


async def _file(visit: Visit, *, kinds: object = None) -> tuple[Item, bytes]:
    visitor = visit.visitor
    secret = visit.means.gate.secret(visitor)
    try:
        item, clear = await visit.means.casebook.file(visitor, secret, visit.asked("number"), visit.asked("record"))
    except (MissingError, ReasonNeededError) as missing:
        raise Refused(404, "missing") from missing
    if isinstance(kinds, dict) and item.body.get("file", {}).get("kind") not in kinds:
        raise Refused(404, "missing")
    return item, clear
