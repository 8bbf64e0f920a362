"""How commands and the helpline speak to each other: JSON objects, in which bytes are base64."""

import base64
from collections.abc import Mapping
from typing import Any

Request = Mapping[str, Any]
Reply = dict[str, Any]


def pack(value: bytes | None) -> str | None:
    """Write bytes as base64."""
    return None if value is None else base64.b64encode(value).decode("ascii")


def unpack(value: object) -> bytes:
    """Read bytes from base64."""
    return base64.b64decode(str(value), validate=True)
