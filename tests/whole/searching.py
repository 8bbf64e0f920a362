"""Search files for words in every way in which they may lie there: encoded, escaped, in base64, wherever they begin."""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote


def forms(canary: str | bytes) -> set[bytes]:
    """Give every way in which words or bytes may lie in a file."""
    raw = [canary] if isinstance(canary, bytes) else _encoded(canary)
    forms = {form for one in raw for form in (one, one.hex().encode(), one.hex().upper().encode(), *_base64(one))}
    if isinstance(canary, str):
        forms |= {quote(canary).encode(), quote(canary, safe="").lower().encode(), json.dumps(canary)[1:-1].encode()}
        forms.add(repr(canary.encode())[2:-1].encode())
    return forms


def _encoded(canary: str) -> list[bytes]:
    return [canary.encode(), canary.encode("utf-16-le"), canary.encode("utf-16-be")]


def _base64(raw: bytes) -> Iterable[bytes]:
    """Give what base64 makes of these bytes wherever they begin, without the signs that the neighbours change."""
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + raw)
        inner = whole[(0, 2, 3)[offset] : len(whole) - (0, 3, 2)[(offset + len(raw)) % 3]]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))


def found(files: Mapping[Path, bytes], canaries: Iterable[str | bytes]) -> list[tuple[str, str | bytes]]:
    """Give where which of these lie in files."""
    wanted = [(canary, form) for canary in canaries for form in forms(canary)]
    return [(place.name, canary) for place, held in files.items() for canary, form in wanted if form in held]
