"""Who is on duty at an instant, in any time zone, and in nights on which the clock is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.duty import AHEAD, next_duty, next_quarter, on_duty, watch
from bot.core.roster import DAY, DAYS, Duty, Roster, Span, read_days, read_spans

ZONES = ["Asia/Phnom_Penh", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
HOME, BERLIN = ZoneInfo("Asia/Phnom_Penh"), ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
SPAN = st.builds(
    lambda at, long: Span(begins=at * 15, ends=(at + long) * 15), st.integers(0, DAY // 15 - 1), st.integers(1, 96)
)
DATES = st.dates(min_value=datetime(2026, 1, 1).date(), max_value=datetime(2027, 12, 31).date())  # noqa: DTZ001 - a date
DAY_OF = st.one_of(st.sampled_from(DAYS), DATES.map(lambda day: day.isoformat()))
DUTIES = st.builds(Duty, operator=st.integers(1, 3), day=DAY_OF, spans=st.lists(SPAN, max_size=2).map(tuple))
ROSTERS = st.lists(DUTIES, max_size=12, unique_by=lambda duty: (duty.operator, duty.day)).map(
    lambda duties: Roster(duties=tuple(duties))
)
SPRING, AUTUMN = datetime(2026, 3, 29, 0, 45, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone


def listed(*lines: str) -> Roster:
    """Write a roster as the command takes it: operator, days, hours."""
    parts = [line.split(" ", 2) for line in lines]
    duties = [(int(one), day, read_spans(hours)) for one, days, hours in parts for day in read_days(days)]
    return Roster(duties=tuple(Duty(operator=one, day=day, spans=spans) for one, day, spans in duties))


def at(text: str, zone: ZoneInfo = HOME) -> datetime:
    """Give an instant by a wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "on"),
    [
        ("2026-03-02T07:59:59", set()),
        ("2026-03-02T08:00:00", {1}),
        ("2026-03-02T17:59:59", {1}),
        ("2026-03-02T18:00:00", {2}),
        ("2026-03-03T05:59:59", {2}),
        ("2026-03-03T06:00:00", set()),
        ("2026-03-03T09:00:00", set()),
        ("2026-03-08T09:00:00", {3}),
    ],
)
def test_hours_begin_and_end_on_the_minute(when: str, on: set[int]) -> None:
    """A night that began yesterday goes on today; the end belongs to whoever comes next; a date counts once."""
    roster = listed("1 mon 08:00-18:00", "2 mon 18:00-06:00", "3 2026-03-08 08:00-18:00")

    assert on_duty(roster, HOME, at(when)) == on


@given(roster=ROSTERS, zone=st.sampled_from(ZONES), now=NOWS)
@example(roster=listed("1 daily 02:00-03:00"), zone="Europe/Berlin", now=SPRING)
@example(roster=listed("1 daily 02:00-03:00"), zone="Europe/Berlin", now=AUTUMN)
def test_the_next_duty_is_the_first_change(roster: Roster, zone: str, now: datetime) -> None:
    """Nobody new is on duty before it, somebody new is at it; None: nobody new is for a whole day."""
    home = ZoneInfo(zone)
    found, on = next_duty(roster, home, now), on_duty(roster, home, now)
    until = found if found is not None else now + AHEAD
    minutes = range(1, int((until - now).total_seconds() // 60), 7)

    assert all(on_duty(roster, home, now + timedelta(minutes=one)) <= on for one in minutes)
    assert found is None or (now < found <= now + AHEAD and not on_duty(roster, home, found) <= on)


@given(roster=ROSTERS, zone=st.sampled_from(ZONES), now=NOWS, seconds=st.integers(0, 899))
def test_what_is_seen_holds_until_the_next_quarter(roster: Roster, zone: str, now: datetime, seconds: int) -> None:
    """So it may be kept until then: nobody comes or goes in between, in no zone and in no night."""
    home, later = ZoneInfo(zone), now + timedelta(seconds=seconds)
    if later < next_quarter(now):
        one, other = watch(roster, home, now), watch(roster, home, later)
        assert one.on == other.on
        assert one.begins in (other.begins, None)


@given(zone=st.sampled_from(ZONES), now=NOWS, cut=st.integers(1, 95))
@example(zone="Europe/Berlin", now=SPRING, cut=10)
@example(zone="Europe/Berlin", now=AUTUMN, cut=10)
@example(zone="Australia/Lord_Howe", now=datetime(2026, 4, 4, 15, 0, tzinfo=UTC), cut=7)
def test_neighbouring_hours_leave_no_hole(zone: str, now: datetime, cut: int) -> None:
    """Two who share the day are never both away, nor both there, also while the clock is changed."""
    halves = Span(begins=0, ends=cut * 15), Span(begins=cut * 15, ends=DAY)
    duties = [Duty(operator=one, day=day, spans=(half,)) for one, half in enumerate(halves) for day in DAYS]

    assert len(on_duty(Roster(duties=tuple(duties)), ZoneInfo(zone), now)) == 1


def test_an_hour_that_comes_twice_counts_twice() -> None:
    """At the end of summer time, whoever is listed for that hour is on duty for two."""
    roster = listed("1 daily 02:00-03:00")
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    quarters = [first + QUARTER * n for n in range(-1, 9)]

    assert [bool(on_duty(roster, BERLIN, one)) for one in quarters] == [False, *[True] * 8, False]


def test_an_hour_that_is_left_out_is_nobodys() -> None:
    """At its beginning, who is listed from within the lost hour begins when the clock has jumped over it."""
    roster = listed("1 daily 02:30-04:00")
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    assert on_duty(roster, BERLIN, jump - timedelta(seconds=1)) == set()
    assert next_duty(roster, BERLIN, jump - timedelta(hours=2)) == jump


def test_the_clock_of_the_organisation_is_told() -> None:
    """What begins is known as an instant, and as the organisation's clock shows it."""
    seen = watch(listed("1 daily 07:30-18:00"), HOME, at("2026-03-02T21:00:00"))

    assert (seen.on, seen.begins, seen.clock) == ((), at("2026-03-03T07:30:00"), "07:30")


def test_who_begins_later_than_a_day_is_told_to_nobody() -> None:
    """An hour of the clock would be taken for the next one."""
    roster, monday = listed("1 wed 08:00-18:00"), at("2026-03-02T08:00:00")

    assert watch(roster, HOME, monday).begins is None
    assert watch(roster, HOME, monday + timedelta(days=1)).begins == at("2026-03-04T08:00:00")


def test_an_empty_roster_sees_nobody() -> None:
    """Nothing listed is no error."""
    assert watch(Roster(), HOME, at("2026-03-02T08:00:00")).model_dump() == {"on": (), "begins": None, "clock": ""}
