"""A call or a walk-in: the questions of the flows, to be read aloud in both languages, and what is answered."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.core.content import Content
from bot.core.flow import Ask, Line, Number, Words
from bot.core.render import line_text
from bot.core.screens import present
from bot.core.state import Conversation
from bot.core.values import LANGUAGES, Language
from bot.core.walk import step_at
from bot.service.casebook import MissingError
from bot.service.frontdesk import TICK, WAYS
from bot.service.minting import read_number
from bot.service.wishes import LONGEST_REPLY, WishError

LONGEST_NUMBER = 20
"""Of a case's number as somebody says it, with what stands between."""


async def calls(visit: Visit) -> Response:
    """Show how to begin, and what was begun and not finished; a number that was said leads to its case."""
    number = read_number(visit.request.query_params.get("number", "")[:LONGEST_NUMBER])
    if number:
        if not (number.isascii() and number.isalnum()):
            raise Refused(404, "missing")
        return visit.to(f"/cases/{number}#status")
    unfinished = await visit.means.frontdesk.unfinished(visit.visitor)
    return visit.page("calls.html", ways=WAYS, unfinished=unfinished, once=_new_key(), longest=LONGEST_NUMBER)


async def begin(visit: Visit) -> Response:
    """Receive somebody who is not known yet."""
    try:
        lane = await visit.means.frontdesk.begin(visit.visitor, visit.form.get("way", ""), key=f"calls:{visit.once()}")
    except WishError as wrong:
        raise Refused(400, "malformed") from wrong
    return visit.to(f"/calls/{lane}")


async def again(visit: Visit) -> Response:
    """Receive the person of a case again."""
    desk, way = visit.means.frontdesk, visit.form.get("way", "")
    try:
        lane = await desk.again(visit.visitor, visit.asked("number"), way, key=f"calls:{visit.once()}")
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except WishError as wrong:
        raise Refused(400, "malformed") from wrong
    return visit.to(f"/calls/{lane}")


async def call(visit: Visit) -> Response:
    """Show the present question."""
    return await _call(visit)


async def answer(visit: Visit) -> Response:
    """Take down an answer, and go on to the next question."""
    lane = visit.asked("lane")
    try:
        await visit.means.frontdesk.tell(visit.visitor, lane, visit.form, key=f"calls:{visit.once()}")
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    except WishError as wrong:
        return await _call(visit, problem="reply_length" if wrong.field == "text" else "incomplete")
    return visit.to(f"/calls/{lane}")


async def _call(visit: Visit, *, problem: str = "") -> Response:
    try:
        intake = await visit.means.frontdesk.at(visit.visitor, visit.asked("lane"))
    except MissingError as missing:
        raise Refused(404, "missing") from missing
    talk, speaker = intake.talk, visit.means.speaker
    return visit.page(
        "call.html",
        status=400 if problem else 200,
        t=speaker.speech(visit.language, aloud=True),
        problem=problem,
        intake=intake,
        spoken=(talk.speaks, next(one for one in LANGUAGES if one != talk.speaks)),
        once=_new_key(),
        draft=visit.form.get("text", ""),
        longest=LONGEST_REPLY,
        tick=TICK,
        **_question(speaker.content.aloud, talk),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: its id, what its button sends, and its label in each language."""

    id: str
    press: str
    label: Mapping[Language, str]
    picked: bool


def _question(content: Content, talk: Conversation) -> dict[str, Any]:
    """Give the present screen as a page shows it: what is read aloud, in each language, and how it is answered.

    `press` is what the buttons send, but for what they do.
    """
    step, screen = step_at(content, talk), present(content, talk)
    press = f"{talk.rev}:{screen.step}:"
    return {
        "above": _texts(content, talk.above),
        "asked": _texts(content, screen.lines),
        "choices": [
            Choice(one.id, one.data or f"{press}{at}", _label(content, one.words), one.picked)
            for at, one in enumerate(screen.options)
        ],
        "kind": step.kind if isinstance(step, Ask) else "menu",
        "number": step.number if isinstance(step, Ask) else Number(),
        "press": press,
    }


def _texts(content: Content, lines: Sequence[Line]) -> Mapping[Language, list[str]]:
    return {one: [line_text(content, line, one) for line in lines] for one in LANGUAGES}


def _label(content: Content, words: Words) -> Mapping[Language, str]:
    return {one: content.text(words, one) for one in LANGUAGES}


def _new_key() -> str:
    return secrets.token_urlsafe(16)
