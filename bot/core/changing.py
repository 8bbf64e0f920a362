"""Changing an answer: the answered questions are listed, never their answers; the chosen one is asked anew."""

from bot.core.matching import match
from bot.core.screens import CHANGE, answered_asks, show
from bot.core.state import Place
from bot.core.turn import Turn
from bot.core.walk import leave


def is_listing(turn: Turn) -> bool:
    """Say whether a person looks at the list of answered questions."""
    place = turn.talk.place
    return place is not None and f"{place.flow}.{place.step}" == CHANGE


def typed_question(turn: Turn, text: str) -> str | None:
    """Give the listed question that typed words name, by its name or number."""
    content = turn.content
    asks = answered_asks(content, turn.talk)
    return match(text, [(ask.id, [content.text(ask.name, "km"), content.text(ask.name, "en")]) for _, ask in asks])


def ask_anew(turn: Turn, question: str, *, edit: bool) -> None:
    """Ask one answered question anew, then come back to where the person was."""
    flow = next((flow for flow, ask in answered_asks(turn.content, turn.talk) if ask.id == question), None)
    if flow is not None:
        leave(turn)
        end = Place(flow="end", step=turn.content.flows["end"].steps[0].id)
        turn.change(place=Place(flow=flow, step=question), agenda=(end, *turn.talk.agenda))
    show(turn, edit=edit)
