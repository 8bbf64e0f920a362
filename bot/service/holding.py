"""The port of the store for keys: whose they are, who is invited to make one, and who can open which case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.service.vaulting import Recipient

Wraps = Sequence[tuple[str, bytes]]
"""(case, the case's secret sealed to one recipient)."""


class KeyStore(Protocol):
    """Recipients, invites and wraps. Each verb is one transaction."""

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom new cases are sealed; an admin's key is not among them."""

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient, with its wrapped secret if the database keeps it."""

    async def retire_recipient(self, recipient: str) -> None:
        """Seal no new case to a recipient any more; what was sealed to it stays."""

    async def drop_recipient(self, recipient: str) -> None:
        """Forget a recipient and all that was sealed to it."""

    async def wrapped(self, recipient: str) -> tuple[bytes, bytes] | None:
        """Give a recipient's (public key, wrapped secret); None if the database does not keep it."""

    async def wraps(self, recipient: str, *, limit: int) -> Wraps:
        """List (case, wrap) of cases sealed to a recipient, any first `limit`; `rewrap` takes them from the list."""

    async def rewrap(self, case: str, wraps: Sequence[tuple[str, bytes]], *, instead_of: str) -> None:
        """Put wraps for (recipient, wrap) in the place of one recipient's, in one transaction."""

    async def ungranted(self, holder: str, to: str, *, after: str, limit: int, closed: bool) -> Wraps:
        """List the holder's (case, wrap) of open cases that `to` has no wrap of, by case id, those after a case id.

        With `closed` closed cases are among them.
        """

    async def grant(self, to: Recipient, wraps: Wraps, *, closed: bool) -> int:
        """Keep wraps for a recipient; gives how many cases it can open now that it could not before.

        What was shredded, or (unless `closed`) closed meanwhile, is passed over. 0 if this is not a recipient's key.
        """

    async def renew(self, recipient: str, *, anyway: bool) -> bool:
        """Put the key of `next_key(recipient)` and what was sealed to it in the place of a recipient's own.

        False, and nothing is changed, if there is no next key, or the next one opens not all that the old one does
        (`anyway`: even so).
        """

    async def holdings(self) -> Mapping[str, int]:
        """Count the open cases that each recipient can open."""

    async def put_invite(self, operator: int, token: str, expires: datetime) -> None:
        """Keep an invite by the keyed index of its token; an earlier one of this operator is void."""

    async def invited(self, token: str, now: datetime) -> int | None:
        """Give the operator whom an invite is for; None if there is none, or it is too old."""

    async def enrol(self, token: str, recipient: Recipient, wrapped: bytes, *, operator: int, now: datetime) -> bool:
        """Spend an operator's invite and keep their new key; what was sealed to an earlier one is forgotten.

        False, and nothing is changed, if there is no such invite, or it is too old.
        """


def next_key(recipient: str) -> str:
    """Name the recipient under which a new key of a recipient waits until everything is sealed to it too."""
    return f"{recipient}/next"
