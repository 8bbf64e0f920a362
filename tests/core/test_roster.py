"""The roster as it is written: days, hours, and what is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import OperatorError
from bot.core.roster import DAY, DAYS, Duty, Roster, Span, read_days, read_spans, spans_text

QUARTERS = st.integers(0, DAY // 15 - 1)
SPANS = st.builds(lambda at, long: Span(begins=at * 15, ends=at * 15 + (long + 1) * 15), QUARTERS, QUARTERS)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", ("mon",)),
        ("Mon-Wed", ("mon", "tue", "wed")),
        ("sat-mon", ("sat", "sun", "mon")),
        ("daily", DAYS),
        ("2026-12-24", ("2026-12-24",)),
    ],
)
def test_days_are_read(text: str, days: tuple[str, ...]) -> None:
    """A weekday, a row of them past Sunday too, every day, or a date."""
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "-fri", "mon-2026-12-24", "24.12.2026", "2026-02-30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """Nobody is listed for a day that was only nearly written."""
    with pytest.raises(OperatorError, match="is no day"):
        read_days(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("08:00-18:00", [(480, 1080)]),
        ("22:00-06:00", [(1320, 1800)]),
        ("13:00-17:00 8:00-12:00", [(480, 720), (780, 1020)]),
        ("00:00-24:00", [(0, 1440)]),
        ("08:00-08:00", [(480, 1920)]),
        ("off", []),
    ],
)
def test_hours_are_read(text: str, spans: list[tuple[int, int]]) -> None:
    """Several in a day, past midnight, around the clock, or none."""
    assert [(span.begins, span.ends) for span in read_spans(text)] == spans


@pytest.mark.parametrize("text", ["", "8-18", "08:00", "08:10-09:00", "24:00-01:00", "08:00-25:00", "08:60-09:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    """Nor at hours that were only nearly written."""
    with pytest.raises(OperatorError, match="hours"):
        read_spans(text)


@given(spans=st.lists(SPANS, max_size=4, unique_by=lambda span: span.begins))
def test_hours_are_written_as_they_are_read(spans: list[Span]) -> None:
    """What is kept as text is the same when it comes back."""
    ordered = tuple(sorted(spans, key=lambda span: span.begins))
    assert read_spans(spans_text(ordered)) == ordered


def test_a_dated_entry_stands_in_the_place_of_the_weekly_hours() -> None:
    """On that date only, and for that operator only; without hours they are off."""
    weekly = [Duty(operator=one, day="thu", spans=read_spans("08:00-18:00")) for one in (1, 2)]
    roster = Roster(duties=(*weekly, Duty(operator=1, day="2026-12-24")))
    christmas, later = date(2026, 12, 24), date(2026, 12, 31)

    assert roster.spans(1, christmas) == ()
    assert roster.spans(2, christmas) == roster.spans(1, later) == read_spans("08:00-18:00")


def test_entries_of_some_operators_can_be_left_out() -> None:
    """Who cannot be written to is on nobody's watch."""
    roster = Roster(duties=tuple(Duty(operator=one, day="mon", spans=read_spans("08:00-18:00")) for one in (1, 2)))

    assert roster.of(frozenset({2, 3})).operators == (2,)
