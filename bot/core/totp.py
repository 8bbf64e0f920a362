"""Six digits that change every 30 seconds, as authenticator apps make them.

Source: RFC 6238 with RFC 4226's truncation, HMAC-SHA-1, 6 digits, 30 seconds: the only kind all apps know.
"""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote

from bot.core.pins import digits_of

SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
"""RFC 4226, section 4 recommends 160 bits."""
DRIFT = 1
"""A code of the step before or after is taken too: phones' clocks are not exact."""


def code(secret: bytes, step: int) -> str:
    """Give the code of one step of 30 seconds since 1970."""
    digest = hmac.digest(secret, step.to_bytes(8), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, typed: str, *, now: datetime, used: int) -> int | None:
    """Give the step whose code was typed, if it is a present one later than `used`; else None.

    Every code counts once (RFC 6238, section 5.2): keep the step that this gives as used.
    """
    digits = digits_of(typed)
    step = int(now.timestamp()) // SECONDS
    for one in range(step - DRIFT, step + DRIFT + 1):
        if one > used and hmac.compare_digest(code(secret, one), digits):
            return one
    return None


def spelt(secret: bytes) -> str:
    """Write a secret as apps take it when it is typed: base32, in fours."""
    plain = base64.b32encode(secret).decode("ascii")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def address(secret: bytes, *, name: str) -> str:
    """Give the otpauth: address that a QR code holds; `name` is what the app shows."""
    plain = base64.b32encode(secret).decode("ascii")
    return f"otpauth://totp/{quote(f'Helpline:{name}')}?secret={plain}&issuer=Helpline"
