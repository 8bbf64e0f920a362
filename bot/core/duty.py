"""Who is on duty at an instant, and when the next duty begins. The time zone is passed in.

Duty is read off the wall clock, so a change to or from summer time needs no rule: who is listed for 01:00 to 03:00 is
on duty whenever the clock shows that, twice or not at all. Neighbouring hours leave no hole in such a night.
"""

from datetime import UTC, datetime, timedelta, tzinfo

from bot.core.roster import DAY, QUARTER, Roster, Span
from bot.core.values import Value

AHEAD = timedelta(hours=24)
"""Whoever begins later than this is told to nobody: an hour of the day would mean another day."""
_QUARTER = timedelta(minutes=QUARTER)
_DAY = timedelta(days=1)


class Watch(Value):
    """Who is on duty, by id, and when somebody who is not will be; None if nobody will within a day.

    `clock` is what the organisation's clock shows then.
    """

    on: tuple[int, ...] = ()
    begins: datetime | None = None
    clock: str = ""


NOBODY = Watch()


def watch(roster: Roster, zone: tzinfo, now: datetime) -> Watch:
    """Look at the roster at an instant; what is seen holds until the next quarter of an hour."""
    on = on_duty(roster, zone, now)
    begins = next_duty(roster, zone, now) if roster.duties else None
    clock = f"{begins.astimezone(zone):%H:%M}" if begins is not None else ""
    return Watch(on=tuple(sorted(on)), begins=begins, clock=clock)


def on_duty(roster: Roster, zone: tzinfo, now: datetime) -> frozenset[int]:
    """Give the operators whose hours it is."""
    local = now.astimezone(zone)
    today, minute = local.date(), _minute(local)
    return frozenset(
        one
        for one in roster.operators
        if _holds(roster.spans(one, today), minute) or _holds(roster.spans(one, today - _DAY), minute + DAY)
    )


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _holds(spans: tuple[Span, ...], minute: int) -> bool:
    return any(span.begins <= minute < span.ends for span in spans)


def next_duty(roster: Roster, zone: tzinfo, now: datetime) -> datetime | None:
    """Give the first instant after now at which somebody is on duty who is not now; at most a day ahead.

    Looked for where hours begin, and where the clock is changed.
    """
    on, moment, before = on_duty(roster, zone, now), now, now.astimezone(zone)
    while (moment := next_quarter(moment)) <= now + AHEAD:
        local = moment.astimezone(zone)
        may_begin = _minute(local) in roster.beginnings or local.utcoffset() != before.utcoffset()
        if may_begin and not on_duty(roster, zone, moment) <= on:
            return moment
        before = local
    return None


def next_quarter(now: datetime) -> datetime:
    """Give the first full quarter of an hour after an instant."""
    moment = now.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % QUARTER, second=0, microsecond=0) + _QUARTER
