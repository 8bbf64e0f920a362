"""The contact rule: what the helpline sends by itself never leaves the hours a person named."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.contact import ANSWER_TIME, WINDOWS, Allowance, allowance, is_answer, may_write, next_allowed
from bot.core.content import Content
from bot.core.state import Case, ContactRule, Conversation, Hours

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOURS: tuple[Hours, ...] = ("morning", "noon", "evening", "night")
EVERY_CHOICE = [chosen for size in range(1, 5) for chosen in combinations(HOURS, size)]
SAFE: dict[Hours, set[int]] = {
    "morning": {6, 7, 8, 9},
    "noon": {11, 12, 13},
    "evening": {17, 18, 19},
    "night": {20, 21, 22},
}
"""The hours of the day each window means, written out by hand."""

OFFSETS = {
    "Asia/Bangkok": (7,),
    "Asia/Kuala_Lumpur Asia/Kuching": (8, 8),
    "Asia/Jakarta Asia/Makassar Asia/Jayapura": (7, 8, 9),
    "Asia/Shanghai Asia/Urumqi": (8, 6),
    "Asia/Riyadh": (3,),
    "Asia/Seoul": (9,),
    "Africa/Johannesburg": (2,),
}
"""Zones of a country, and their hours from UTC, written out by hand; none of them has summer time."""

SUMMER_TIME = ("Europe/London", "America/New_York", "Australia/Sydney", "America/Santiago", "Pacific/Auckland")
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
CHOICES = st.sampled_from(EVERY_CHOICE)


def _hours(*chosen: Hours) -> ContactRule:
    return ContactRule(kind="hours", hours=chosen)


@pytest.mark.parametrize("names", OFFSETS)
@pytest.mark.parametrize("chosen", EVERY_CHOICE)
def test_every_hour_of_a_week_is_safe_only_as_chosen(names: str, chosen: tuple[Hours, ...]) -> None:
    """In each of the 168 hours of a week, one may write exactly if the hour is chosen by every clock of the country."""
    zones = [ZoneInfo(name) for name in names.split(" ")]
    safe = set().union(*(SAFE[one] for one in chosen))
    for hour in range(168):
        now = MONDAY + timedelta(hours=hour, minutes=29)
        expected = all((hour + offset) % 24 in safe for offset in OFFSETS[names])
        assert may_write(_hours(*chosen), zones, now) == expected


@pytest.mark.parametrize("hour", range(168))
def test_any_time_is_any_time_and_never_is_never(hour: int) -> None:
    """The other three answers know no clock: any time always, the rest never by the helpline's own initiative."""
    now, zones = MONDAY + timedelta(hours=hour), [ZoneInfo("Asia/Bangkok")]
    assert may_write(ContactRule(kind="any_time"), zones, now)
    assert next_allowed(ContactRule(kind="any_time"), zones, now) == now
    for kind in ("when_i_write", "never"):
        rule = ContactRule.model_validate({"kind": kind})
        assert not may_write(rule, zones, now)
        assert next_allowed(rule, zones, now) is None


def test_before_it_was_asked_the_rule_is_only_when_i_write() -> None:
    """Nobody is written to who has not allowed it."""
    assert ContactRule().kind == "when_i_write"


@pytest.mark.parametrize("hour", range(24))
def test_hours_without_a_clock_are_no_hours(hour: int) -> None:
    """At sea, or with no country, chosen hours allow nothing."""
    now = MONDAY + timedelta(hours=hour)
    assert not may_write(_hours(*HOURS), [], now)
    assert next_allowed(_hours(*HOURS), [], now) is None


def test_a_window_begins_and_ends_on_the_minute() -> None:
    """The first minute of a window is inside, the minute it ends is not."""
    zone = ZoneInfo("Asia/Phnom_Penh")
    for name, (first, last) in WINDOWS.items():
        begin = datetime(2026, 3, 2, first, tzinfo=zone)
        end = datetime(2026, 3, 2, last, tzinfo=zone)
        second = timedelta(seconds=1)
        inside = [may_write(_hours(name), [zone], at.astimezone(UTC)) for at in (begin, end - second)]
        outside = [may_write(_hours(name), [zone], at.astimezone(UTC)) for at in (begin - second, end)]
        assert (inside, outside) == ([True, True], [False, False])


def test_clocks_too_far_apart_share_no_window() -> None:
    """Where no hour is safe by all clocks of a country, nothing is sent first at all."""
    zones = [ZoneInfo("Asia/Kamchatka"), ZoneInfo("Europe/Kaliningrad")]
    assert next_allowed(_hours("noon"), zones, MONDAY) is None


@given(now=INSTANTS, chosen=CHOICES, zone=st.sampled_from((*SUMMER_TIME, "Asia/Bangkok", "Asia/Yangon")))
def test_the_next_allowed_moment_is_allowed_and_the_first(now: datetime, chosen: tuple[Hours, ...], zone: str) -> None:
    """A reply that waits goes at the first safe moment, across changes of summer time too."""
    rule, zones = _hours(*chosen), [ZoneInfo(zone)]
    first = next_allowed(rule, zones, now)
    assert first is not None and now <= first <= now + timedelta(days=1, hours=1)
    assert may_write(rule, zones, first)
    if first != now:
        assert not may_write(rule, zones, first - timedelta(seconds=1))
        assert not any(
            may_write(rule, zones, now + timedelta(minutes=minute))
            for minute in range(0, int((first - now).total_seconds() // 60), 7)
        )


@given(now=INSTANTS, chosen=CHOICES, names=st.lists(st.sampled_from(SUMMER_TIME), min_size=2, max_size=3))
def test_one_more_clock_never_allows_more(now: datetime, chosen: tuple[Hours, ...], names: list[str]) -> None:
    """What several zones allow, each of them allows."""
    zones = [ZoneInfo(name) for name in names]
    if may_write(_hours(*chosen), zones, now):
        assert all(may_write(_hours(*chosen), [zone], now) for zone in zones)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, True), (599, True), (599.999, True), (600, False), (86_400, False), (-30, True), (-86_400, False)],
)
def test_an_answer_belongs_to_the_last_ten_minutes(seconds: float, expected: bool) -> None:
    """For ten minutes after a person's own act what goes to them is an answer; set back a day, a clock knows no act."""
    assert timedelta(minutes=10) == ANSWER_TIME
    assert is_answer(MONDAY - timedelta(seconds=seconds), MONDAY) == expected


def test_who_never_did_anything_is_not_answered() -> None:
    """Without an act of the person there is no answer."""
    assert not is_answer(None, MONDAY)


def _allowed(shipped: Content, *, minutes: int | None, hidden: bool = False, case: Case | None = None) -> Allowance:
    acted = MONDAY - timedelta(minutes=minutes) if minutes is not None else None
    talk = Conversation(
        last_act=acted, mode="hidden" if hidden else "open", contact=_hours("evening"), answers={"country": "TH"}
    )
    return allowance(shipped, talk, case, MONDAY)


def test_what_answers_may_go_now_and_until_when(shipped: Content) -> None:
    """Within ten minutes of the person's act what is sent goes at once; the rule's own hour is known all the same."""
    may = _allowed(shipped, minutes=4)
    assert may.due == MONDAY
    assert may.until == MONDAY + timedelta(minutes=6)
    assert may.allowed == MONDAY + timedelta(hours=10)


def test_an_initiative_is_due_by_the_clock_of_the_country_last_named(shipped: Content) -> None:
    """Without an act of theirs it waits for their evening, in the case's country or else the one they named."""
    korea = Case(id="c", number="26-0001-0", state="new", urgency="P3", created=MONDAY, updated=MONDAY, country="KR")
    assert _allowed(shipped, minutes=None).due == MONDAY + timedelta(hours=10)
    assert _allowed(shipped, minutes=30, case=korea).due == MONDAY + timedelta(hours=8)


def test_nothing_is_due_in_a_hidden_chat(shipped: Content) -> None:
    """Not even an answer: who reads it now may be somebody else."""
    may = _allowed(shipped, minutes=1, hidden=True)
    assert (may.due, may.until, may.allowed) == (None, None, None)
