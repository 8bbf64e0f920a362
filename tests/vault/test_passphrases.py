"""Passwords that are long and yet the first to be tried."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bot.core.errors import OperatorError
from bot.vault.passphrases import SHORTEST_PASSPHRASE, check_passphrase, is_guessable, new_passphrase

BREACHED = FREQUENCY_LISTS["passwords"]


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password12345678",
        "P@ssw0rd P@ssw0rd!",
        "1234567890123456",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "aaaaaaaaaaaaaaaaaaaa",
        "iloveyou iloveyou",
        "iloveyouforever1234",
        "Summer2026Summer2026",
        "helpline-2026-helpline",
        "Cambodia Helpline 2026!",
        "khmer migrant worker",
        "xk9p xk9p xk9p xk9p",
        "abcdefghijklmnopqrst",
        "9876543210987654",
        "Welcome to Phnom Penh",
        "................!!!!",
        "----------------",
        "ខ្មែរខ្មែរខ្មែរខ្មែរ",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    """However it is written, and however long it is."""
    with pytest.raises(OperatorError, match="guess"):
        check_passphrase(password)


@pytest.mark.parametrize(
    "password",
    [
        "five words of an operator",
        "a password of one's own",
        "five invented words of a test",
        "849201736518294",
        "ខ្ញុំចូលចិត្តស្វាយទុំ",
        "kettle umbrella fourteen",
    ],
)
def test_what_is_ones_own_is_taken(password: str) -> None:
    """Words of one's own, in any script, also beside a known one; digits without order."""
    check_passphrase(password)


def test_breached_passwords_are_refused() -> None:
    """All of the 30,000 commonest that are long enough, and the commonest 3,000 said until they are."""
    long = [one for one in BREACHED if len(one) >= SHORTEST_PASSPHRASE]
    said = [one * -(-SHORTEST_PASSPHRASE // len(one)) for one in BREACHED[:3000]]

    assert (len(BREACHED), len(long)) == (30_000, 31)
    assert [one for one in long + said if not is_guessable(one)] == []


def test_made_passphrases_are_taken() -> None:
    """None of those that the program makes itself is refused."""
    assert not any(is_guessable(new_passphrase()) for _ in range(20))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_every_text_is_judged(text: str) -> None:
    """Nothing that can be typed is an error."""
    assert is_guessable(text) in (True, False)
