"""Telegram's JSON: how it is written, measured and dated."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

# Any: Telegram's objects are open by nature; what the sandbox does not know it passes through untouched.
Wire: TypeAlias = dict[str, Any]

Clock: TypeAlias = Callable[[], datetime]

# ASCII with escapes, as Telegram writes it: a lone surrogate someone typed survives instead of raising.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True)


def encode(value: object) -> str:
    """Write one JSON value the way Telegram does: compact, ASCII only."""
    return _ENCODER.encode(value)


def units(text: str) -> int:
    """Count UTF-16 code units, Telegram's measure of lengths and offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unix(moment: datetime) -> int:
    """Give whole seconds since 1970, UTC."""
    return int(moment.timestamp())
