"""Asking somebody whether what they told may be passed on: one fixed question for each organisation and purpose.

The question goes as the contact rule allows. Only its own buttons answer it; words are for an operator to read, who
asks anew. The newest answer counts. Nobody is left unasked but a minor who may be abused, and whoever is in danger to
life, with a recorded reason (U.S. National Human Trafficking Hotline, "When you reach us").
"""

from typing import get_args

from bot.core.desk import find, has, tell
from bot.core.effects import Option, ReplyToCard, Screen, Send, TellPrivately, Toast
from bot.core.events import ConsentAsked, ConsentUnasked, Pressed
from bot.core.flow import Line
from bot.core.screens import show
from bot.core.state import Asked, Case, Consent
from bot.core.turn import Turn

MARK = "?"
"""What the callback data of the question begins with, which is answered whatever screen is shown."""
ANSWERS: tuple[Consent, ...] = get_args(Consent)
MOST = 20
"""Questions of one chat that can still be answered."""


def ask(turn: Turn, event: ConsentAsked) -> None:
    """Ask the person of a case; what they answer is sealed beside what they were asked."""
    case = find(turn, event)
    if case is None or not has(turn, event, case):
        return
    number = turn.talk.asked[-1].id + 1 if turn.talk.asked else 0
    wanted = {"organisation": event.organisation, "purpose": event.purpose}
    asked = Asked(id=number, case=case.id, version=_version(turn, event), **wanted)
    turn.change(asked=(*turn.talk.asked, asked)[-MOST:])
    _seal(turn, case, asked, "asked", operator=event.operator)
    options = tuple(
        Option(id=one, words=turn.content.phrases[f"consent_{one}"], data=f"{MARK}{number}:{one}") for one in ANSWERS
    )
    screen = Screen(step="consent.ask", lines=(_question(turn, asked),), options=options, bar=(("hide",),))
    turn.do(Send(screen=screen, case=case.id))
    tell(turn, event, "consent_is_asked")


def unasked(turn: Turn, event: ConsentUnasked) -> None:
    """Note why somebody is not asked."""
    case = find(turn, event)
    if case is None or not has(turn, event, case):
        return
    body = event.model_dump(mode="json", exclude={"type", "case", "name"})
    turn.seal({"kind": "consent", "answer": "unasked", **body}, case=case)
    turn.put(case)


def answered(turn: Turn, event: Pressed) -> None:
    """Seal an answer to a question that was asked; any other press of its kind is an old button."""
    number, _, said = event.data.removeprefix(MARK).partition(":")
    answer = next((one for one in ANSWERS if one == said), None)
    asked = next((one for one in turn.talk.asked if str(one.id) == number), None)
    case = turn.cases.get(asked.case) if asked is not None else None
    if answer is None or asked is None or case is None:
        turn.do(Toast(line=turn.phrase("expired_button")))
    else:
        _seal(turn, case, asked, answer, language=turn.talk.speaks)
        turn.put(case)
        _tell(turn, case)
        turn.say(f"consent_{answer}_noted")
    show(turn, edit=event.live)


def _tell(turn: Turn, case: Case) -> None:
    line = turn.phrase("consent_answered", number=case.number)
    if case.assignee is not None:
        turn.do(TellPrivately(operator=case.assignee, case=case.id, line=line))
    else:
        turn.do(ReplyToCard(case=case.id, line=line))


def _seal(turn: Turn, case: Case, asked: Asked, answer: str, **more: object) -> None:
    body = asked.model_dump(mode="json", exclude={"id", "case"})
    turn.seal({"kind": "consent", "answer": answer, **body, **more}, case=case)


def _question(turn: Turn, asked: Asked) -> Line:
    content, language = turn.content, turn.talk.speaks
    name = content.text(content.organisations[asked.organisation].words, language)
    return turn.phrase("consent_ask", name=name, purpose=content.text(content.purposes[asked.purpose], language))


def _version(turn: Turn, event: ConsentAsked) -> str:
    """Name the wording that is asked in."""
    content = turn.content
    words = (
        content.phrases["consent_ask"],
        content.organisations[event.organisation].words,
        content.purposes[event.purpose],
    )
    return content.version_of(words)
