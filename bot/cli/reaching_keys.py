"""Keys as a command reaches them: the ports of grants and renewals, asked over the socket or under the lock."""

from bot.cli.reaching import Reached
from bot.core.errors import OperatorError
from bot.service.granting import Renewals
from bot.service.holding import Wraps
from bot.service.requests import pack, unpack
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import Recipient


class ReachedKeys(Renewals):
    """Recipients and wraps of the helpline that a command has reached."""

    def __init__(self, helpline: Reached) -> None:
        """Ask this one."""
        self._ask = helpline.answer

    async def recipients(self) -> list[tuple[Recipient, int]]:
        """List to whom new cases are sealed, and how many open cases each can open."""
        rows = (await self._ask({"do": "recipients"}))["recipients"]
        return [(Recipient(row["id"], unpack(row["public"])), row["open"]) for row in rows]

    async def recipient(self, name: str) -> Recipient:
        """Give a recipient; raises OperatorError if nobody of this id is one."""
        for one, _ in await self.recipients():
            if one.id == name:
                return one
        raise OperatorError(
            f"No case is sealed to '{name}': there is no such key yet, or it is an admin's. "
            "`./helpline operators invite ID` lets an operator make one; `./helpline keys list` shows those there are."
        )

    async def wrapped(self, name: str) -> WrappedKey:
        """Give a recipient's wrapped key; raises OperatorError if the database keeps none."""
        found = await self._ask({"do": "wrapped", "id": name})
        if not found:
            raise OperatorError(f"The database keeps no key of '{name}'.")
        return WrappedKey(unpack(found["public"]), unpack(found["wrapped"]))

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient."""
        await self._ask({"do": "put_recipient", **_named(recipient), "wrapped": pack(wrapped)})

    async def drop_recipient(self, recipient: str) -> None:
        """Forget a recipient and all that was sealed to it."""
        await self._ask({"do": "drop_recipient", "id": recipient})

    async def ungranted(self, holder: str, to: str, *, after: str, limit: int, closed: bool) -> Wraps:
        """List the holder's wraps of cases that `to` has none of."""
        asked = {"holder": holder, "to": to, "after": after, "limit": limit, "closed": closed}
        rows = (await self._ask({"do": "ungranted", **asked}))["wraps"]
        return [(case, unpack(wrap)) for case, wrap in rows]

    async def grant(self, to: Recipient, wraps: Wraps, *, closed: bool) -> int:
        """Keep wraps for a recipient; gives how many are new."""
        packed = [[case, pack(wrap)] for case, wrap in wraps]
        given = (await self._ask({"do": "grant", **_named(to), "wraps": packed, "closed": closed}))["given"]
        return int(given)

    async def renew(self, recipient: str, *, anyway: bool) -> bool:
        """Put the next key in the place of a recipient's own."""
        return bool((await self._ask({"do": "renew", "id": recipient, "anyway": anyway}))["renewed"])


def _named(recipient: Recipient) -> dict[str, str | None]:
    return {"id": recipient.id, "public": pack(recipient.public_key)}
