"""What commands may ask about keys. Passwords and secrets never come here: wraps are opened where they were typed."""

from collections.abc import Awaitable, Callable, Mapping

from bot.core.errors import OperatorError
from bot.service.consoling import ConsoleStore
from bot.service.enrolling import Invites
from bot.service.requests import Reply, Request, pack, unpack
from bot.service.storing import DeskStore
from bot.service.vaulting import OPERATOR, Recipient

WRAPS = 500
"""So many at once are sealed anew; they leave the list as they are."""
Act = Callable[[Request], Awaitable[Reply]]


class Locksmith:
    """Answer requests about recipients, wraps and invites."""

    def __init__(
        self, *, desk: DeskStore, console: ConsoleStore, invites: Invites, changed: Callable[[], None]
    ) -> None:
        """Use these ports; `changed` makes the running helpline look at its recipients anew."""
        self._desk = desk
        self._console = console
        self._invites = invites
        self._changed = changed
        self.acts: Mapping[str, Act] = {
            "recipients": self._recipients,
            "put_recipient": self._put_recipient,
            "retire_recipient": self._retire_recipient,
            "drop_recipient": self._drop_recipient,
            "wrapped": self._wrapped,
            "wraps": self._wraps,
            "rewrap": self._rewrap,
            "ungranted": self._ungranted,
            "grant": self._grant,
            "renew": self._renew,
            "change_password": self._change_password,
            "invite": self._invite,
        }

    async def _recipients(self, request: Request) -> Reply:
        """List the recipients, and how many open cases each can open."""
        rows, held = await self._desk.recipients(), await self._desk.holdings()
        return {
            "recipients": [{"id": one.id, "public": pack(one.public_key), "open": held.get(one.id, 0)} for one in rows]
        }

    async def _put_recipient(self, request: Request) -> Reply:
        wrapped = unpack(request["wrapped"]) if request.get("wrapped") else None
        await self._desk.put_recipient(_recipient(request), wrapped=wrapped)
        self._changed()
        return {}

    async def _retire_recipient(self, request: Request) -> Reply:
        await self._desk.retire_recipient(str(request["id"]))
        self._changed()
        return {}

    async def _drop_recipient(self, request: Request) -> Reply:
        await self._desk.drop_recipient(str(request["id"]))
        self._changed()
        return {}

    async def _wrapped(self, request: Request) -> Reply:
        found = await self._desk.wrapped(str(request["id"]))
        return {"public": pack(found[0]), "wrapped": pack(found[1])} if found else {}

    async def _wraps(self, request: Request) -> Reply:
        rows = await self._desk.wraps(str(request["id"]), limit=WRAPS)
        return {"wraps": [[case, pack(wrap)] for case, wrap in rows]}

    async def _rewrap(self, request: Request) -> Reply:
        wraps = [(str(recipient), unpack(wrap)) for recipient, wrap in request["wraps"]]
        await self._desk.rewrap(str(request["case"]), wraps, instead_of=str(request["instead_of"]))
        return {}

    async def _ungranted(self, request: Request) -> Reply:
        rows = await self._desk.ungranted(
            str(request["holder"]),
            str(request["to"]),
            after=str(request["after"]),
            limit=int(request["limit"]),
            closed=bool(request["closed"]),
        )
        return {"wraps": [[case, pack(wrap)] for case, wrap in rows]}

    async def _grant(self, request: Request) -> Reply:
        wraps = [(str(case), unpack(wrap)) for case, wrap in request["wraps"]]
        return {"given": await self._desk.grant(_recipient(request), wraps, closed=bool(request["closed"]))}

    async def _renew(self, request: Request) -> Reply:
        renewed = await self._desk.renew(str(request["id"]), anyway=bool(request["anyway"]))
        self._changed()
        await self._end_logins(str(request["id"]))
        return {"renewed": renewed}

    async def _change_password(self, request: Request) -> Reply:
        """Keep a recipient's key under a new password; its public half stays, so no case is sealed anew."""
        name = str(request["id"])
        found = await self._desk.wrapped(name)
        if found is None:
            raise OperatorError("This key is gone meanwhile. Nothing was changed.")
        await self._desk.put_recipient(Recipient(name, found[0]), wrapped=unpack(request["wrapped"]))
        await self._end_logins(name)
        return {}

    async def _end_logins(self, recipient: str) -> None:
        """End the logins of an operator whose password or key is another now; the organisation has none."""
        number = recipient.removeprefix(OPERATOR)
        if number != recipient:
            await self._console.end_all(int(number))

    async def _invite(self, request: Request) -> Reply:
        return {"token": await self._invites.invite(int(request["id"]))}


def _recipient(request: Request) -> Recipient:
    return Recipient(str(request["id"]), unpack(request["public"]))
