"""The digits of a pause."""

import pytest

from bot.core.pins import digits_of, is_pin


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "111111", "121212", "112211", "123456", "654321", "135791", "123123", "407704"]
)
def test_what_is_tried_first_is_no_pin(pin: str) -> None:
    """Too few or many, the same again, rows, halves."""
    assert not is_pin(pin)


@pytest.mark.parametrize("pin", ["407193", "285714", "112233"])
def test_others_may_be_chosen(pin: str) -> None:
    """Any that is not listed above."""
    assert is_pin(pin)


def test_digits_of_any_script_are_the_same() -> None:
    """A Khmer keyboard types the same number; spaces and dashes do not count."""
    assert digits_of("៤០៧-១៩៣") == digits_of("407 193") == "407193"
