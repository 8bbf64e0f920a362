"""What operators find out about a case: each a sealed record. None changes the urgency, and none reaches the person.

*Suspected* is an operator's word and *identified* an authority's: kept apart, and neither is made of the other.
Only milestones are counted here, by country and without a path to the case (ARCHITECTURE, What is in clear).
"""

from typing import assert_never

from bot.core.desk import find
from bot.core.effects import Count
from bot.core.events import Identified, Judged, Noted, Reached, Suspected
from bot.core.turn import Turn

Finding = Noted | Judged | Suspected | Identified | Reached


def keep(turn: Turn, event: Finding) -> None:
    """Seal what was found."""
    case = find(turn, event)
    if case is None:
        return
    body = event.model_dump(mode="json", exclude={"type", "case", "name", "again"})
    turn.seal({"kind": _kind(event), **body}, case=case)
    turn.put(case)
    if isinstance(event, Reached) and not event.again:
        labels = {"milestone": event.milestone, "country": case.country or "unknown"}
        turn.do(Count(name="milestone", labels=labels))


def _kind(event: Finding) -> str:
    match event:
        case Noted():
            return "note"
        case Judged():
            return "opinion"
        case Suspected():
            return "suspicion"
        case Identified():
            return "identification"
        case Reached():
            return "milestone"
        case _:
            assert_never(event)
