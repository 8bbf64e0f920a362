"""The duty roster: which operator is listed for which hours, and how that is written.

Hours stand on the wall clock of the organisation's time zone, in quarters of an hour. A dated entry stands in the place
of its operator's weekly hours that begin on that day; without hours they are off.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property

from pydantic import Field

from bot.core.errors import OperatorError
from bot.core.values import Value

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"
OFF = "off"
DAY = 24 * 60
QUARTER = 15
"""Minutes. Every time zone's offset is a multiple of it, so nobody's duty begins or ends in between."""
_SPAN = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")


class Span(Value):
    """Hours of a day, in minutes after its midnight; `ends` beyond 1440 lies in the next day. The end is not in it."""

    begins: int = Field(ge=0, lt=DAY, multiple_of=QUARTER)
    ends: int = Field(gt=0, le=2 * DAY, multiple_of=QUARTER)


class Duty(Value):
    """The hours of one operator, by numeric id, that begin on a weekday (`mon`) or a date (`2026-12-24`)."""

    operator: int
    day: str
    spans: tuple[Span, ...] = ()


class Roster(Value):
    """Who is listed for which hours; (operator, day) is unique."""

    duties: tuple[Duty, ...] = ()

    @cached_property
    def operators(self) -> tuple[int, ...]:
        """Give the operators that are listed, each once."""
        return tuple(sorted({duty.operator for duty in self.duties}))

    @cached_property
    def beginnings(self) -> frozenset[int]:
        """Give the minutes of a day at which anybody's hours begin."""
        return frozenset(span.begins for duty in self.duties for span in duty.spans)

    @cached_property
    def _spans(self) -> Mapping[tuple[int, str], tuple[Span, ...]]:
        return {(duty.operator, duty.day): duty.spans for duty in self.duties}

    def spans(self, operator: int, day: date) -> tuple[Span, ...]:
        """Give the hours of an operator that begin on a day."""
        weekly = self._spans.get((operator, DAYS[day.weekday()]), ())
        return self._spans.get((operator, day.isoformat()), weekly)

    def of(self, operators: frozenset[int]) -> "Roster":
        """Give the entries of these operators alone."""
        return Roster(duties=tuple(duty for duty in self.duties if duty.operator in operators))


def read_days(text: str) -> tuple[str, ...]:
    """Read `mon`, `mon-fri`, `fri-mon`, `daily` or a date such as `2026-12-24`; raises OperatorError."""
    first, dash, last = text.lower().partition("-")
    if text.lower() == DAILY:
        return DAYS
    if first in DAYS and (not dash or last in DAYS):
        begins, ends = DAYS.index(first), DAYS.index(last or first)
        return tuple(DAYS[at % len(DAYS)] for at in range(begins, ends + 1 + (len(DAYS) if ends < begins else 0)))
    try:
        return (date.fromisoformat(text).isoformat(),)
    except ValueError:
        raise OperatorError(
            f"'{text[:20]}' is no day: write mon, mon-fri, daily, or a date such as 2026-12-24."
        ) from None


def read_spans(text: str) -> tuple[Span, ...]:
    """Read hours such as `08:00-12:00 22:00-06:00`, or `off` for none; raises OperatorError."""
    parts = text.split()
    if parts == [OFF]:
        return ()
    spans = tuple(sorted((_span(part) for part in parts), key=lambda span: span.begins))
    if not spans:
        raise OperatorError("No hours were given: write 08:00-18:00, or off.")
    return spans


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is not None:
        begins, ends = (int(hour) * 60 + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
        if begins < DAY and ends <= DAY and begins % QUARTER == ends % QUARTER == 0:
            return Span(begins=begins, ends=ends if ends > begins else ends + DAY)
    raise OperatorError(
        f"'{text[:20]}' are no hours: write 08:00-18:00, in quarters of an hour; 22:00-06:00 ends the next day."
    )


def spans_text(spans: tuple[Span, ...]) -> str:
    """Write hours as `read_spans` reads them."""
    return " ".join(f"{_clock(span.begins)}-{_clock(span.ends)}" for span in spans) or OFF


def _clock(minutes: int) -> str:
    minutes = minutes if minutes <= DAY else minutes - DAY
    return f"{minutes // 60:02}:{minutes % 60:02}"
