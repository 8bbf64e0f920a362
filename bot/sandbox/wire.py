"""Telegram's JSON: how it is written, measured and dated."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

# Any: Telegram's objects are open by nature; what the sandbox does not know it passes through untouched.
Wire: TypeAlias = dict[str, Any]

Clock: TypeAlias = Callable[[], datetime]

_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
# JSON within a form is full of these; none of them is "%", so nothing is read twice.
_FREQUENT = [(b"%%%02X" % ord(character), character.encode()) for character in '\\"{}[],: ']

# ASCII with escapes, as Telegram writes it: a lone surrogate someone typed survives instead of raising.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True)


def encode(value: object) -> str:
    """Write one JSON value the way Telegram does: compact, ASCII only."""
    return _ENCODER.encode(value)


def form_fields(body: bytes) -> dict[str, str]:
    """Read a urlencoded form; of a name given twice the last value counts.

    urllib takes five times as long for Khmer, where nearly every byte is escaped.
    """
    fields = {}
    for pair in body.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        if name:
            fields[_unescaped(name)] = _unescaped(value)
    return fields


def units(text: str) -> int:
    """Count UTF-16 code units, Telegram's measure of lengths and offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unix(moment: datetime) -> int:
    """Give whole seconds since 1970, UTC."""
    return int(moment.timestamp())


def _unescaped(raw: bytes) -> str:
    if b"%" in raw:
        for escape, character in _FREQUENT:
            raw = raw.replace(escape, character)
        raw = _ESCAPES.sub(_unescape, raw)
    return raw.decode(errors="replace")


def _unescape(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes.group().replace(b"%", b"").decode())
