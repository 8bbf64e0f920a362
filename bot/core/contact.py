"""The contact rule: when may the helpline write first. Answers always go; initiatives only as the person allowed.

A message is an answer while it belongs to the person's own act of less than ten minutes ago. Windows are
hours of the day in the person's country; where a country has several zones, only hours that are safe in all of them.
Nothing goes into a hidden chat: what waits is for whoever opens it again. Nothing ever goes to a phone that its person
has left because it is somebody else's. Who called or came is called as the rule allows and never as an answer: they
hung up, and somebody else may be there by now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.core.content import Content
from bot.core.state import Case, ContactRule, Conversation, Hours

ANSWER_TIME = timedelta(minutes=10)
WINDOWS: dict[Hours, tuple[int, int]] = {"morning": (6, 10), "noon": (11, 14), "evening": (17, 20), "night": (20, 23)}
"""From and until, in whole hours of the local day; the end is not included."""

_STEP = timedelta(minutes=15)
_LOOK_AHEAD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Allowance:
    """When a person may be written to, as it is `now`; all instants are aware.

    `until`: so long what is sent answers their own act; None if nothing does. `allowed`: the first instant at which an
    initiative may go; None if only their own act allows it.
    """

    now: datetime
    until: datetime | None
    allowed: datetime | None

    @property
    def due(self) -> datetime | None:
        """Give when something may go, as an answer or else by the rule; None: not before they write."""
        return self.now if self.until is not None else self.allowed


def allowance(content: Content, talk: Conversation, case: Case | None, now: datetime) -> Allowance:
    """Say when the person of a conversation may be written to, about a case or, with None, about none."""
    if talk.mode == "hidden" or (case is not None and case.id in talk.left):
        return Allowance(now, None, None)
    acted = None if talk.by_hand else talk.last_act
    until = acted + ANSWER_TIME if acted is not None and is_answer(acted, now) else None
    return Allowance(now, until, next_allowed(talk.contact, zones_of(content, talk, case), now))


def may_override(talk: Conversation, case: Case) -> bool:
    """Say whether an operator may write against the rule, with a reason: only to save who is in danger now.

    Never into a hidden chat: whoever hid it said that somebody else may be reading.
    """
    return talk.mode == "open" and case.urgency == "P1"


def is_answer(last_act: datetime | None, now: datetime) -> bool:
    """Say whether what is sent now still answers the person's own act.

    A clock that was set back a little counts as no time passed; further, and nobody knows how much has.
    """
    return last_act is not None and -ANSWER_TIME < now - last_act < ANSWER_TIME


def may_write(rule: ContactRule, zones: Sequence[tzinfo], now: datetime) -> bool:
    """Say whether an initiative may go at this instant."""
    match rule.kind:
        case "any_time":
            return True
        case "hours":
            return bool(zones) and all(_inside(rule.hours, now.astimezone(zone)) for zone in zones)
        case "when_i_write" | "never":
            return False


def zones_of(content: Content, talk: Conversation, case: Case | None) -> tuple[tzinfo, ...]:
    """Give the zones in which a person may be: of their case's country, else of the one they named; none if unknown."""
    country = case.country if case is not None else None
    return content.zones(country or str(talk.answers.get("country", "")))


def next_allowed(rule: ContactRule, zones: Sequence[tzinfo], now: datetime) -> datetime | None:
    """Give the first instant from now on at which an initiative may go; None if only the person's own act allows it.

    Looked for in quarter hours, because every zone's offset is a multiple of one; at most eight days ahead.
    """
    if may_write(rule, zones, now):
        return now
    if rule.kind != "hours" or not zones:
        return None
    moment = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    while moment < now + _LOOK_AHEAD:
        moment += _STEP
        if may_write(rule, zones, moment):
            return moment
    return None


def _inside(hours: Iterable[Hours], local: datetime) -> bool:
    return any(WINDOWS[one][0] <= local.hour < WINDOWS[one][1] for one in hours)
