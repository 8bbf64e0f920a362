"""The contact rule through whole weeks: every rule, the host countries' clocks, and both changes to summer time.

What is expected is stated here by itself: offsets from UTC, the days on which clocks change, and the hours of the day
that each choice names are written out by hand. Nothing of the program is asked for it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from bot.core.contact import allowance
from bot.core.content import Content
from bot.core.state import ContactRule, Conversation, Hours

HOST = {
    **dict.fromkeys(("Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Phnom_Penh", "Asia/Vientiane", "Asia/Jakarta"), 7 * 60),
    **dict.fromkeys(("Asia/Pontianak",), 7 * 60),
    **dict.fromkeys(("Asia/Kuala_Lumpur", "Asia/Kuching", "Asia/Singapore", "Asia/Manila", "Asia/Makassar"), 8 * 60),
    **dict.fromkeys(("Asia/Hong_Kong", "Asia/Shanghai"), 8 * 60),
    **dict.fromkeys(("Asia/Seoul", "Asia/Tokyo", "Asia/Jayapura"), 9 * 60),
    "Asia/Urumqi": 6 * 60,
    "Asia/Yangon": 6 * 60 + 30,
    "Asia/Riyadh": 3 * 60,
}
"""Minutes from UTC of every clock in the countries a person can choose; none of these knows summer time."""

CHANGES = {
    "Europe/London": ((datetime(2026, 3, 29, 1, tzinfo=UTC), 0, 60), (datetime(2026, 10, 25, 1, tzinfo=UTC), 60, 0)),
    "America/New_York": (
        (datetime(2026, 3, 8, 7, tzinfo=UTC), -300, -240),
        (datetime(2026, 11, 1, 6, tzinfo=UTC), -240, -300),
    ),
    "Australia/Sydney": (
        (datetime(2026, 4, 4, 16, tzinfo=UTC), 660, 600),
        (datetime(2026, 10, 3, 16, tzinfo=UTC), 600, 660),
    ),
}
"""Both changes of a year where clocks are changed: the instant, and the minutes from UTC before and after it."""

SAFE: dict[Hours, range] = {
    "morning": range(6, 10),
    "noon": range(11, 14),
    "evening": range(17, 20),
    "night": range(20, 23),
}
RULES = (
    *(ContactRule(kind=kind) for kind in ("when_i_write", "never", "any_time")),
    *(ContactRule(kind="hours", hours=some) for size in range(1, 5) for some in combinations(SAFE, size)),
)
QUARTER = timedelta(minutes=15)
ACTED = (None, 0, 9, 10, 45)
"""Minutes since the person's own act: none, fresh twice, and grown old twice."""


def rule_says(rule: ContactRule, offsets: Sequence[int], now: datetime) -> bool:
    """State the rule: whether the helpline may write first, where clocks are so many minutes ahead of UTC."""
    if rule.kind == "any_time":
        return True
    if rule.kind != "hours":
        return False
    locals_ = [(now.hour * 60 + now.minute + offset) // 60 % 24 for offset in offsets]
    return all(any(local in SAFE[one] for one in rule.hours) for local in locals_)


def hours_of_a_week(start: datetime) -> Iterator[tuple[int, datetime]]:
    """Give an instant in each of the 168 hours: at its begin, in its middle, and in its last minute."""
    for hour in range(168):
        yield hour, start + timedelta(hours=hour, minutes=(0, 29, 59)[hour % 3])


def holds(
    content: Content, country: str, rule: ContactRule, now: datetime, *, acted: int | None, may: bool
) -> tuple[bool, datetime | None]:
    """Check one instant against what was stated of it; gives whether all is so, and when an initiative may go next."""
    last_act = None if acted is None else now - timedelta(minutes=acted)
    talk = Conversation(contact=rule, last_act=last_act, answers={"country": country})
    given = allowance(content, talk, None, now)
    fresh = acted is not None and acted < 10
    answers = (given.until is not None) == fresh and (given.due == now) == (fresh or may)
    return answers and (given.allowed == now) == may, given.allowed


def test_every_clock_of_every_country_is_written_out(shipped: Content) -> None:
    """A country or a zone that is added must be added here as well."""
    zones = {zone for country in shipped.countries.values() for zone in country.zones}
    assert {zone.key for zone in zones if isinstance(zone, ZoneInfo)} == set(HOST) and len(zones) == len(HOST)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: "+".join(rule.hours) or rule.kind)
def test_no_initiative_outside_the_rule_and_no_answer_withheld_in_any_country(
    rule: ContactRule, shipped: Content
) -> None:
    """168 hours in each country, with and without a fresh act: initiatives exactly as the rule says, answers always."""
    start, wrong = datetime(2026, 3, 2, tzinfo=UTC), []
    for country in shipped.countries.values():
        offsets = [HOST[str(zone)] for zone in country.zones]
        for hour, now in hours_of_a_week(start):
            may = rule_says(rule, offsets, now) and (bool(offsets) or rule.kind == "any_time")
            right, allowed = holds(shipped, country.id, rule, now, acted=ACTED[hour % len(ACTED)], may=may)
            if not right or (allowed is not None and not rule_says(rule, offsets, allowed)):
                wrong.append((country.id, now))

    assert wrong == []


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("change", [0, 1], ids=["first change", "second change"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: "+".join(rule.hours) or rule.kind)
def test_when_clocks_change_the_rule_follows_the_clock_on_the_wall(
    rule: ContactRule, change: int, zone: str, shipped: Content
) -> None:
    """168 hours around each change: by the clock before it and after it; what waits goes at the first hour allowed."""
    instant, before, after = CHANGES[zone][change]
    abroad = shipped.countries["TH"].model_copy(update={"zones": (ZoneInfo(zone),)})
    content = shipped.model_copy(update={"countries": {"TH": abroad}})

    def may(now: datetime) -> bool:
        return rule_says(rule, [before if now < instant else after], now)

    for hour, now in hours_of_a_week(instant.replace(minute=0) - timedelta(days=3)):
        right, allowed = holds(content, "TH", rule, now, acted=ACTED[hour % len(ACTED)], may=may(now))
        quarters = (now.replace(minute=now.minute // 15 * 15) + QUARTER * step for step in range(1, 24 * 4 * 2))
        first = now if may(now) else next((one for one in quarters if may(one)), None)
        assert (right, allowed) == (True, first), now
