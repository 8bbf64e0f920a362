"""What an operator does in a story, as an event."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.events import (
    Called,
    Desk,
    Event,
    HandedOver,
    Identified,
    Judged,
    Noted,
    Opened,
    Postponed,
    Reached,
    Replied,
    Suspected,
)
from bot.sandbox.story import Turn


def operator_event(turn: Turn, case: str, now: datetime) -> Event:
    """Give the event of an operator's turn about a case."""
    who = {"case": case, "operator": turn.by, "name": f"Operator {turn.by}"}
    match turn.operator:
        case "reply":
            return Replied.model_validate({**who, "row": "0:0", "override": turn.override})
        case "open":
            return Opened(case=case, record="R")
        case "hand_over":
            fields = {"to": turn.to, "to_name": f"Operator {turn.to}", "note": turn.words}
            return HandedOver.model_validate(who | fields)
        case "remind":
            return Postponed.model_validate({**who, "due": now + span(turn.after)})
        case "called":
            return Called.model_validate({**who, "reached": turn.reached})
        case "note" | "judge" | "suspect" | "identify" | "milestone":
            return _finding(turn, who, now)
        case act:
            fields = {"act": act, "urgency": turn.urgency, "reason": turn.reason, "outcome": turn.outcome}
            return Desk.model_validate(who | fields)


def _finding(turn: Turn, who: Mapping[str, object], now: datetime) -> Event:
    match turn.operator:
        case "note":
            return Noted.model_validate({**who, "text": turn.words})
        case "judge":
            fields = {"indicator": turn.indicator, "agrees": turn.agrees, "reason": turn.words}
            return Judged.model_validate({**who, **fields})
        case "suspect":
            return Suspected.model_validate({**who, "holds": turn.agrees, "reason": turn.words})
        case "identify":
            return Identified.model_validate({**who, "by": turn.words, "on": now.date()})
        case _:
            fields = {"milestone": turn.milestone, "on": now.date(), "again": turn.again}
            return Reached.model_validate({**who, **fields})


def span(text: str) -> timedelta:
    """Read a span of a story: 90s, 5m, 2h, 1d."""
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])})
