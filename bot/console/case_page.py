"""One case: opened with the key of whoever is logged in, worked on, answered."""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from bot.console.apart import seconds_of
from bot.console.facts import Facts
from bot.console.guard import RECORDING, Refused
from bot.console.timeline import Timeline
from bot.console.visits import Visit
from bot.core.casework import TO_DECIDE
from bot.core.content import Content
from bot.core.events import Attachment
from bot.core.render import line_text
from bot.core.standing import standing
from bot.core.state import SHOWN, Stage, Unasked
from bot.core.values import LANGUAGES, URGENCIES, Language
from bot.service import consents
from bot.service.cards import HOME, REMIND_HOURS
from bot.service.casebook import REASONS, SEARCHED, Dossier, MissingError, ReasonNeededError
from bot.service.entries import Consent
from bot.service.wishes import LONGEST_NAME, LONGEST_NOTE, LONGEST_REPLY, WishError, works_on_cases

PROBLEMS = {"reply": "reply_length", "speak": "unspoken"}
"""What is said of an act that was not complete; of all others, that something is missing."""
LONGEST = {"reply": LONGEST_REPLY, "note": LONGEST_NOTE, "name": LONGEST_NAME}


async def case(visit: Visit) -> Response:
    """Show a case."""
    return await _case(visit)


async def status(visit: Visit) -> Response:
    """Show where a case stands, to be read aloud to who says its number, and the agreed word."""
    try:
        said, word = visit.form.get("said", ""), visit.form.get("word", "")
        may_hear = await visit.means.casebook.may_hear(visit.visitor, visit.asked("number"), said=said, word=word)
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return visit.to(f"/cases/{visit.asked('number').upper()}")
    return await _case(visit, problem="" if may_hear else "status_wrong", may_hear=may_hear)


async def _case(visit: Visit, *, problem: str = "", may_hear: bool = False) -> Response:
    """Show it; what was written in a form that could not be taken stays in the form."""
    visitor, number = visit.visitor, visit.asked("number")
    try:
        dossier = await visit.means.casebook.open(visitor, visit.means.shifts.secret(visitor), number)
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except ReasonNeededError:
        return _asking_why(visit)
    calling = _calling(visit, dossier, may_hear=may_hear)
    values = {**_opened(visit, dossier), **calling, **await _people(visit), **_tables(visit), **_form(visit, dossier)}
    told = visit.request.query_params.get("told") or ""
    page = visit.page("case.html", status=400 if problem else 200, problem=problem, told=told, **values)
    page.headers.update(RECORDING)
    return page


def _opened(visit: Visit, dossier: Dossier) -> dict[str, Any]:
    case, history = dossier.item.case, dossier.history
    return {
        "case": case,
        "file": dossier.file,
        "unsent": dossier.unsent,
        "held": dossier.held,
        "undecided": case.mark in TO_DECIDE,
        "search": dossier.talk.search_of(case.id),
        "consents": _consents(dossier, visit.means.speaker.content),
        "related": [("earlier", history.earlier), ("alike", history.alike)],
    }


def _calling(visit: Visit, dossier: Dossier, *, may_hear: bool) -> dict[str, Any]:
    """Give what is said on the page: of somebody who called, how to call them, and what may be read aloud to them."""
    speaker, talk = visit.means.speaker, dossier.talk
    t = speaker.speech(visit.language, aloud=talk.by_hand)
    return {
        "t": t,
        "facts": Facts(dossier, t),
        "by_hand": talk.by_hand,
        "owed": dossier.item.case.id in talk.to_call,
        "languages": (talk.speaks, *(one for one in LANGUAGES if one != talk.speaks)),
        "standing": _standing(speaker.content.aloud, dossier) if may_hear else None,
    }


def _standing(content: Content, dossier: Dossier) -> Mapping[Language, Sequence[str]]:
    """Give the sentences on where a case stands, in each language."""
    case, steps = dossier.item.case, dossier.file.milestones if dossier.file is not None else ()
    passed_on = max((step.on for step in steps if step.milestone == "referred"), default=None)
    received, owed = case.created.astimezone(HOME).date(), case.id in dossier.talk.to_call
    lines = standing(content, case, received=received, passed_on=passed_on, owed=owed)
    return {one: [line_text(content, line, one) for line in lines] for one in LANGUAGES}


def _consents(dossier: Dossier, content: Content) -> list[Consent]:
    """Give the consents by which the case may be passed on now."""
    file = dossier.file
    found = [consents.standing(file, one) for one in content.organisations] if file is not None else []
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
        "dangers": content.dangers,
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


async def speak(visit: Visit) -> Response:
    """Answer the person of a case with a voice."""
    return await _done(visit, "speak", lambda: _speak(visit, key=f"speak:{visit.once()}"))


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
        items = await visit.means.casebook.kin(visitor, visit.means.shifts.secret(visitor), number)
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
    await visit.means.casebook.act(visit.visitor, number, wished, fields, key=f"{wished}:{visit.once()}")


async def _speak(visit: Visit, *, key: str) -> None:
    """Send what was made anew of a sound: of the file itself nothing leaves the house."""
    made = await visit.means.apart.voice(visit.file)
    if made is None:
        raise WishError("voice", "This cannot be sent as a voice.")
    content, seconds = b64encode(made).decode(), seconds_of(made)
    voice = Attachment(file="", kind="voice", mime="audio/ogg", size=len(made), duration=seconds, content=content)
    await visit.means.casebook.act(visit.visitor, visit.asked("number"), "reply", visit.form, key=key, spoken=voice)


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
        return await _case(visit, problem=PROBLEMS.get(what, "incomplete"))
    return visit.to(f"{here}?told={what}")
