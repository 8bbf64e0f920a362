"""Six digits: as RFC 6238 has them, and each good once."""

from datetime import UTC, datetime

import pytest

from bot.core import totp

SECRET = b"12345678901234567890"
"""That of the RFC's own examples."""


@pytest.mark.parametrize(
    ("seconds", "digits"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_rfc(seconds: int, digits: str) -> None:
    """RFC 6238, appendix B, its last six digits."""
    assert totp.code(SECRET, seconds // totp.SECONDS) == digits


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_clocks_may_be_half_a_minute_off(seconds: int, good: bool) -> None:
    """More is another time."""
    now = datetime(2026, 3, 2, 5, 0, 0, tzinfo=UTC)
    typed = totp.code(SECRET, (int(now.timestamp()) + seconds) // totp.SECONDS)

    assert (totp.step_of(SECRET, typed, now=now, used=0) is not None) is good


def test_a_used_code_and_those_before_it_are_not_taken() -> None:
    """The step that was used is given, to be kept."""
    now = datetime(2026, 3, 2, 5, 0, 0, tzinfo=UTC)
    step = int(now.timestamp()) // totp.SECONDS
    typed = totp.code(SECRET, step)

    assert totp.step_of(SECRET, typed, now=now, used=step - 1) == step
    assert totp.step_of(SECRET, typed, now=now, used=step) is None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "２８７０８２", "287 082 1"])
def test_what_is_no_code_is_none(typed: str) -> None:
    """Nothing that is typed raises."""
    assert totp.step_of(SECRET, typed, now=datetime(2026, 3, 2, tzinfo=UTC), used=0) is None
