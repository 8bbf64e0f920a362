"""Letting others open cases: older ones for a newcomer, one for a colleague, all for a new key.

Whoever does it can open the cases: the console of a logged-in operator, or a command with passphrase or recovery words.
"""

import asyncio
from typing import Protocol

from bot.core.errors import OperatorError
from bot.service.holding import Wraps, next_key
from bot.service.unlocking import Keyring, OpenCase, WrappedKey
from bot.service.vaulting import Recipient

AT_ONCE = 200
"""Cases sealed anew in one transaction; about 30 ms of work."""


class Shares(Protocol):
    """The part of `KeyStore` that grants need; a command reaches it over the socket."""

    async def ungranted(self, holder: str, to: str, *, after: str, limit: int, closed: bool) -> Wraps:
        """List the holder's wraps of cases that `to` has none of."""

    async def grant(self, to: Recipient, wraps: Wraps, *, closed: bool) -> int:
        """Keep wraps for a recipient; gives how many are new."""


class Renewals(Shares, Protocol):
    """What a new key needs besides."""

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient."""

    async def drop_recipient(self, recipient: str) -> None:
        """Forget a recipient and all that was sealed to it."""

    async def renew(self, recipient: str, *, anyway: bool) -> bool:
        """Put the next key in the place of a recipient's own."""


async def grant_all(
    shares: Shares, keyring: Keyring, *, holder: str, secret: bytes, to: Recipient, closed: bool = False
) -> int:
    """Let a recipient open every open case (`closed`: every case) that the holder of this secret can open.

    Gives how many it could not open before. What is broken off can be done again: only what is missing is sealed.
    """
    given, after = 0, ""
    while page := await shares.ungranted(holder, to.id, after=after, limit=AT_ONCE, closed=closed):
        after = page[-1][0]
        sealed = await asyncio.to_thread(_sealed_anew, keyring, page, secret, to)
        given += await shares.grant(to, sealed, closed=closed)
    return given


async def grant_one(shares: Shares, opened: OpenCase, *, case: str, to: Recipient) -> bool:
    """Let a recipient open one case, be it closed; False if it could already, or is no recipient."""
    return await shares.grant(to, [(case, opened.grant(to))], closed=True) > 0


async def renew_key(store: Renewals, keyring: Keyring, *, recipient: Recipient, key: WrappedKey, password: str) -> int:
    """Give a recipient a new key under the same password, and seal to it all that its old key opens.

    Meanwhile new cases are sealed to both; broken off, it is begun again. Gives how many cases were sealed anew.
    Raises OperatorError for a wrong password.
    """
    secret = await asyncio.to_thread(keyring.unlock, recipient.id, key, password)
    fresh = await asyncio.to_thread(keyring.make, recipient.id, password)
    coming = Recipient(next_key(recipient.id), fresh.public_key)
    await store.drop_recipient(coming.id)
    await store.put_recipient(coming, wrapped=fresh.wrapped)
    given = more = await grant_all(store, keyring, holder=recipient.id, secret=secret, to=coming, closed=True)
    # A page that gave nothing more leaves wraps that do not open: nobody loses what nobody has.
    while not await store.renew(recipient.id, anyway=not more):
        if not more:
            raise OperatorError("The new key was taken away meanwhile. Nothing was changed; try again.")
        more = await grant_all(store, keyring, holder=recipient.id, secret=secret, to=coming, closed=True)
        given += more
    return given


def _sealed_anew(keyring: Keyring, page: Wraps, secret: bytes, to: Recipient) -> Wraps:
    sealed = []
    for case, wrap in page:
        try:
            sealed.append((case, keyring.open_case(wrap, secret).grant(to)))
        except OperatorError:  # one damaged wrap must not keep the others closed
            continue
    return sealed
