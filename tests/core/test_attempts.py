"""Trying passwords: five times, then slower and slower, never for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.attempts import may_try

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failed", "minutes", "may"),
    [
        (0, 0, True),
        (4, 0, True),
        (5, 0.9, False),
        (5, 1, True),
        (6, 1, False),
        (6, 2, True),
        (60, 14, False),
        (60, 15, True),
    ],
)
def test_waits_double_up_to_a_quarter_of_an_hour(failed: int, minutes: float, may: bool) -> None:
    """Somebody else's tries must not keep an operator out for a shift."""
    assert may_try(failed, NOW - timedelta(minutes=minutes), NOW) is may


def test_a_clock_set_back_helps_nobody() -> None:
    """Failures in the future count as just now."""
    assert not may_try(5, NOW + timedelta(hours=1), NOW)
