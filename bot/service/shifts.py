"""Shifts: an operator's one session, from a login to its end, and the pauses in it that a PIN ends.

A session's token is only in the cookie. Of it are made the id under which the session is kept, and the key under which
the operator's unlocked secret is: who copies the database has neither. In a pause that secret is gone from there; a
second copy stays, under a key of the token and the PIN, so who has the browser and the database lacks the PIN.
"""

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.core import attempts
from bot.core.errors import MachineError, OperatorError
from bot.core.pins import TRIES, digits_of
from bot.core.roles import Right, may
from bot.core.values import Language
from bot.service.auditing import Audit
from bot.service.consoling import Account, ConsoleStore, Pin, Session
from bot.service.messaging import Clock
from bot.service.rows import Operator
from bot.service.storing import DeskStore
from bot.service.stretching import Stretcher
from bot.service.unlocking import Keyring
from bot.service.vaulting import Cipher

SHIFT = timedelta(hours=13)
"""A long one, with its hand-over."""
IDLE = timedelta(minutes=15)
TOUCH = timedelta(minutes=1)
"""How exactly it is kept when a session was used."""
TOKEN_BYTES = 32
log = structlog.get_logger()


class RefusedError(OperatorError):
    """A login, code, PIN or invite that is not right; it is not said what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in; `token` is their cookie's."""

    operator: Operator
    session: Session
    language: Language
    token: str = field(repr=False)

    def may(self, right: Right) -> bool:
        """Say whether their role, as it is listed now, has a right."""
        return may(self.operator.role, right)

    def seconds_left(self, now: datetime) -> int:
        """Say for how long this may stay on a screen that nobody touches: until the pause, or the shift's end."""
        ends = min(self.session.seen + IDLE - TOUCH, self.session.began + SHIFT)
        return max(int((ends - now).total_seconds()), 1)


class Shifts:
    """Begin, pause, go on with and end the sessions of operators: one each, wherever the last login was."""

    def __init__(
        self,
        *,
        store: ConsoleStore,
        desk: DeskStore,
        keyring: Keyring,
        cipher: Cipher,
        audit: Audit,
        clock: Clock,
        stretched: Stretcher,
    ) -> None:
        """Use these ports."""
        self._store = store
        self._desk = desk
        self._keyring = keyring
        self._cipher = cipher
        self._audit = audit
        self._clock = clock
        self._stretched = stretched

    async def begin(self, operator: Operator, secret: bytes, *, began: datetime | None = None) -> str:
        """Begin a session and end the operator's other one; gives its token. `began`: when the shift did, if not now.

        Without a PIN it ends where it would pause.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        account = await self._store.account(operator.id)
        pin_key = self._pin_key(account, secret)
        kept = self._keyring.keep(secret, _key(token))
        paused = None if pin_key is None else self._keyring.keep(secret, _key(token, pin_key))
        session = Session(_ident(token), operator.id, kept, operator.role, began or now, now, paused)
        await self._store.begin(session)
        return token

    async def enter(self, token: str, *, touch: bool = True) -> Visitor | None:
        """Give who has this token; None if it is nobody's, pauses, or is over."""
        found = await self._found(token)
        if found is None:
            return None
        operator, account, session = found
        now = self._clock.now()
        if now - session.seen >= IDLE:
            await self._store.pause(now - IDLE)
            return None
        if not session.kept:
            return None
        if touch and now - session.seen >= TOUCH:
            await self._store.touch(session.id, now)
            session = replace(session, seen=now)
        return Visitor(operator, session, account.language, token)

    async def paused(self, token: str) -> Language | None:
        """Give the language of whose session pauses and can be gone on with; None if none of this token does."""
        found = await self._found(token)
        if found is None or found[2].kept or found[2].paused is None:
            return None
        return found[1].language

    async def resume(self, token: str, typed: str) -> str:
        """End a pause by the PIN; gives a new token for the same shift.

        Raises RefusedError if the PIN is wrong or nothing pauses, BusyError behind a crowd. Five wrong ones end it.
        """
        found = await self._found(token)
        if found is None:
            raise RefusedError("Nothing pauses here.")
        operator, account, session = found
        pin, paused = account.pin, session.paused
        if pin is None or paused is None or session.kept:
            raise RefusedError("Nothing pauses here.")
        pin_key = await self._stretched(lambda: self._keyring.pin_key(digits_of(typed), pin.recipe))
        secret = self._opened(paused, _key(token, pin_key)) if await self._may_try(session) else None
        if secret is None:
            await self._audit.note(operator.id, "pin_refused")
            raise RefusedError("The PIN is not right.")
        await self._audit.note(operator.id, "resumed")
        return await self.begin(operator, secret, began=session.began)

    def new_pin(self, digits: str, secret: bytes) -> Pin:
        """Make what is kept of a PIN, of which the operator's secret is needed to use it; blocks like a password."""
        recipe = self._keyring.pin_recipe()
        return Pin(recipe, self._keyring.keep(self._keyring.pin_key(digits, recipe), _pin_guard(secret)))

    async def end(self, token: str) -> None:
        """End a session."""
        if token:
            await self._store.end(_ident(token))

    def secret(self, visitor: Visitor) -> bytes:
        """Give the operator's unlocked secret; raises OperatorError if the session was altered."""
        return self._keyring.again(visitor.session.kept, _key(visitor.token))

    async def run(self) -> None:
        """Pause what is idle, for ever: so no unlocked secret lies in the database that nobody uses."""
        while True:
            now = self._clock.now()
            try:
                await self._store.pause(now - IDLE)
                await self._store.prune(began=now - SHIFT, tried=now - attempts.FORGOTTEN)
            except MachineError as error:
                log.error("shifts.machine_sick", error=str(error))
            await self._clock.until(now + TOUCH)

    async def _found(self, token: str) -> tuple[Operator, Account, Session] | None:
        """Find a session that is not over, and whose it is; whoever is not listed or has another role logs in again."""
        session = await self._store.session(_ident(token)) if token else None
        if session is None:
            return None
        now = self._clock.now()
        operator = next((one for one in await self._desk.operators() if one.id == session.operator), None)
        account = await self._store.account(session.operator)
        is_over = now - session.began >= SHIFT or now < session.began - TOUCH
        if is_over or operator is None or account is None or operator.role != session.role:
            await self._store.end(session.id)
            return None
        return operator, account, session

    async def _may_try(self, session: Session) -> bool:
        """Count a try before its outcome is known, so that many at once are no more than five."""
        name = self._cipher.index("pin", session.id)
        await self._store.failed(name, self._clock.now())
        failed = (await self._store.tries(name)).failed
        if failed >= TRIES:  # right or wrong: who is right goes on with a session of a new token
            await self._store.end(session.id)
        return failed <= TRIES

    def _pin_key(self, account: Account | None, secret: bytes) -> bytes | None:
        """Give the key that the PIN makes; None if none was chosen for this secret."""
        if account is None or account.pin is None:
            return None
        return self._opened(account.pin.kept, _pin_guard(secret))

    def _opened(self, kept: bytes, key: bytes) -> bytes | None:
        try:
            return self._keyring.again(kept, key)
        except OperatorError:
            return None


def _ident(token: str) -> str:
    return hashlib.blake2b(token.encode("utf-8", "replace"), person=b"hl/session_id", digest_size=32).hexdigest()


def _key(token: str, pin_key: bytes = b"") -> bytes:
    plain = token.encode("utf-8", "replace")
    return hashlib.blake2b(plain, key=pin_key, person=b"hl/session_key", digest_size=32).digest()


def _pin_guard(secret: bytes) -> bytes:
    return hashlib.blake2b(secret, person=b"hl/pin", digest_size=32).digest()
