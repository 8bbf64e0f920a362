"""The judge of the crowd finds what is missing, out of turn or repeated without an excuse."""

import pytest

from tests.faults.following import Followed, OutOfTurnError


def _follow(wanted: str, shown: str) -> Followed:
    """Follow letters; "|" is a new process, "-" after a letter: its answer was lost."""
    followed, life = Followed(wanted), 0
    for at, letter in enumerate(shown):
        if letter == "|":
            life += 1
        elif letter != "-":
            followed.take(letter, life=life, lost=shown[at - 1 : at] == "-")
    return followed


@pytest.mark.parametrize("shown", ["abcd", "ab|cd", "ab|abcd", "ab|bcd", "ab-bcd", "a|a|abcd", "abc|acd"])
def test_all_in_order_with_excused_repeats(shown: str) -> None:
    """Repeats follow a death or a lost answer, and lead on in order."""
    followed = _follow("abcd", shown)

    assert followed.reached == 4
    assert followed.repeated == sum(map(str.isalpha, shown)) - 4


@pytest.mark.parametrize("shown", ["ba", "aa", "abb", "aba", "ac", "a|ca", "ab-a", "a|x", "abcda", "ab|aba"])
def test_what_nothing_excuses_is_found(shown: str) -> None:
    """A screen too early, twice, or one nobody decided."""
    with pytest.raises(OutOfTurnError):
        _follow("abcd", shown)


def test_what_is_missing_is_counted() -> None:
    """A chat that stands still has not reached its end."""
    assert _follow("abcd", "ab|ab").reached == 2


def test_screens_of_the_same_words_are_told_apart_by_what_follows() -> None:
    """A repeat that looks like the next screen is not taken for it."""
    followed = _follow("aab", "a|aab")

    assert (followed.reached, followed.repeated) == (3, 1)
