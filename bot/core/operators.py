"""Operators' acts, each to where it is decided."""

from bot.core import callers, desk, findings, handling
from bot.core.events import (
    Called,
    CardWanted,
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
        case Called():
            callers.called(turn, event)
        case Received():
            callers.receive(turn, event)
        case _:
            findings.keep(turn, event)
