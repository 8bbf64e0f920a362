"""Operators' acts, each to where it is decided."""

from bot.core import callers, consenting, desk, findings, handling, searching
from bot.core.events import (
    Called,
    CardWanted,
    ConsentAsked,
    ConsentUnasked,
    Desk,
    HandedOver,
    Identified,
    Judged,
    Noted,
    Opened,
    Postponed,
    Reached,
    Received,
    Replied,
    Staged,
    Suspected,
)
from bot.core.turn import Turn

DeskEvent = (
    Desk
    | HandedOver
    | Postponed
    | Replied
    | Opened
    | CardWanted
    | Called
    | Received
    | Staged
    | ConsentAsked
    | ConsentUnasked
    | Noted
    | Judged
    | Suspected
    | Identified
    | Reached
)


def act(turn: Turn, event: DeskEvent) -> None:
    """Decide one act of an operator."""
    match event:
        case Desk():
            desk.act(turn, event)
        case HandedOver():
            handling.hand_over(turn, event)
        case Postponed():
            handling.postpone(turn, event)
        case Replied():
            desk.reply(turn, event)
        case Opened():
            desk.opened(turn, event)
        case CardWanted():
            desk.card(turn, event)
        case Staged():
            searching.stage(turn, event)
        case Called() | Received():
            _by_hand(turn, event)
        case ConsentAsked() | ConsentUnasked():
            _consent(turn, event)
        case _:
            findings.keep(turn, event)


def _by_hand(turn: Turn, event: Called | Received) -> None:
    if isinstance(event, Called):
        callers.called(turn, event)
    else:
        callers.receive(turn, event)


def _consent(turn: Turn, event: ConsentAsked | ConsentUnasked) -> None:
    if isinstance(event, ConsentAsked):
        consenting.ask(turn, event)
    else:
        consenting.unasked(turn, event)
