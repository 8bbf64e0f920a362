"""Invites: how operators come to keys of their own. A link, good once and for a day; of its token a hash is kept."""

from collections.abc import Callable
from datetime import timedelta

from bot.core.errors import OperatorError
from bot.service.messaging import Clock
from bot.service.minting import new_token
from bot.service.storing import DeskStore
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import Cipher, Recipient, operator_recipient

INVITE_HOURS = 24
INVITE_PATH = "/invite/{}"
"""Where the console takes an invite's token."""


class Invites:
    """Invite operators to make their key, and keep it."""

    def __init__(self, *, desk: DeskStore, cipher: Cipher, clock: Clock, changed: Callable[[], None]) -> None:
        """Use these ports; `changed` makes the running helpline look at its recipients anew."""
        self._desk = desk
        self._cipher = cipher
        self._clock = clock
        self._changed = changed

    async def invite(self, operator: int) -> str:
        """Give the token of a new invite, which is nowhere else; an earlier invite of this operator is void.

        Whoever has a key keeps it until the invite is used. Raises OperatorError if nobody is listed by this id.
        """
        if all(one.id != operator for one in await self._desk.operators()):
            raise OperatorError("No operator has this id. `./helpline operators list` shows them.")
        token = new_token()
        expires = self._clock.now() + timedelta(hours=INVITE_HOURS)
        await self._desk.put_invite(operator, self._index(token), expires)
        return token

    async def invited(self, token: str) -> int | None:
        """Give the id of the operator whom an invite is for; None if it is none, was used, or is too old."""
        return await self._desk.invited(self._index(token), self._clock.now())

    async def enrol(self, token: str, key: WrappedKey) -> bool:
        """Spend an invite and keep the operator's new key, made for `operator_recipient` of their id.

        New cases are sealed to it from now on, unless they are an admin. False if the invite could not be used.
        """
        operator = await self.invited(token)
        if operator is None:
            return False
        recipient = Recipient(operator_recipient(operator), key.public_key)
        now = self._clock.now()
        kept = await self._desk.enrol(self._index(token), recipient, key.wrapped, operator=operator, now=now)
        self._changed()
        return kept

    def _index(self, token: str) -> str:
        return self._cipher.index("invite", token)
