"""The six digits with which somebody goes on after a pause: which of them may be chosen."""

from itertools import pairwise

DIGITS = 6
TRIES = 5
"""So many wrong ones end a login. What is refused below is what is tried first; of the rest five are one in 199,000."""


def digits_of(typed: str) -> str:
    """Give the digits of what was typed, in whatever script, as ASCII."""
    return "".join(str(int(one)) for one in typed if one.isdecimal())


def is_pin(digits: str) -> bool:
    """Say whether these may be chosen: six, not of two kinds only, no row, no half said twice or backwards."""
    if len(digits) != DIGITS or len(set(digits)) < 3:
        return False
    is_row = len({(int(after) - int(before)) % 10 for before, after in pairwise(digits)}) == 1
    half = digits[: DIGITS // 2]
    return not is_row and digits[DIGITS // 2 :] not in (half, half[::-1]) and digits[:2] * 3 != digits
