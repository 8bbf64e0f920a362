"""Make ids and numbers, which core never does."""

import secrets
from base64 import b32encode

from bot.core.state import Spare

_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISTAKEN = str.maketrans("OIL", "011")
NUMBER_BYTES = 5
"""40 bits: the one name of a case that people see. A collision fails the insert and the batch is decided anew."""


def new_id() -> str:
    """Make a 128-bit random id as 32 hex digits."""
    return secrets.token_hex(16)


def new_number() -> str:
    """Make a case number of eight Crockford characters."""
    return b32encode(secrets.token_bytes(NUMBER_BYTES)).translate(_CROCKFORD).decode()


def read_number(said: str) -> str:
    """Read a number as somebody says or types it: with spaces and dashes, small letters, and O, I and L for digits."""
    return "".join(said.replace("-", "").split()).upper().translate(_MISTAKEN)


def new_spare() -> Spare:
    """Make what a case needs to begin."""
    return Spare(id=new_id(), number=new_number())


def new_token() -> str:
    """Make the 128-bit token of a card."""
    return secrets.token_urlsafe(16)
