"""Reading fields of raw JSON that anybody may have shaped: what is not of the wanted type counts as not there.

Telegram's own answers are well formed, but new fields come without notice, and one update must never stop the others.
Reading by hand costs a fifth of a model for every kind of object.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TypeGuard

from bot.core.khmer import clean

Raw = Mapping[str, object]

EMPTY: Final[Raw] = {}
_HERE = frozenset({"member", "administrator", "creator"})
_LARGEST = 2**63 - 1  # what a database column holds; Telegram promises 52 bits


def part(raw: Raw, name: str) -> Raw:
    """Read an object; an empty one if it is not there."""
    value = raw.get(name)
    return value if isinstance(value, dict) else EMPTY


def text(raw: Raw, name: str) -> str:
    """Read a text, fit to be stored; "" if it is not there."""
    value = raw.get(name)
    return clean(value) if isinstance(value, str) else ""


def number(raw: Raw, name: str) -> int | None:
    """Read a whole number other than 0: an id, a size, a duration. None if it is not there."""
    value = raw.get(name)
    return value if _is_whole(value) and 0 < abs(value) <= _LARGEST else None


def amount(raw: Raw, name: str) -> int | None:
    """Read a whole number that is not negative. None if it is not there."""
    value = raw.get(name)
    return value if _is_whole(value) and 0 <= value <= _LARGEST else None


def degrees(raw: Raw, name: str, *, most: float) -> float | None:
    """Read an angle of at most `most` either way. None if it is not there."""
    value = raw.get(name)
    if not isinstance(value, int | float) or type(value) is bool:
        return None
    return float(value) if abs(value) <= most else None  # infinity is more, and NaN is not less than anything


def moment(raw: Raw, name: str, now: datetime) -> datetime:
    """Read Unix seconds as aware UTC; `now` if they are not there, 0 or in the future."""
    value = raw.get(name)
    if _is_whole(value) and 0 < value < now.timestamp():
        return datetime.fromtimestamp(value, UTC)
    return now


def is_present(member: Raw) -> bool:
    """Say whether somebody whose place in a chat this is can read what is written there."""
    status = member.get("status")
    return status in _HERE or (status == "restricted" and member.get("is_member") is True)


def _is_whole(value: object) -> TypeGuard[int]:
    return type(value) is int  # bool is an int to Python; to Telegram it is no number
