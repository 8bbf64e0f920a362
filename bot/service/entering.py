"""Who is at the console: invites, logging in and out, sessions. Passwords are worked one at a time, in a thread.

A session's token is only in the cookie. Of it are made the id under which the session is kept, and the key under which
the operator's unlocked secret is: who copies the database has neither.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from bot.core import attempts, totp
from bot.core.errors import OperatorError
from bot.core.roles import Right, may
from bot.core.values import Language
from bot.service.auditing import Audit
from bot.service.consoling import Account, ConsoleStore, Inviting, Session
from bot.service.doorstep import Doorstep
from bot.service.messaging import Clock
from bot.service.rows import Operator
from bot.service.storing import DeskStore
from bot.service.unlocking import Keyring, WrappedKey
from bot.service.vaulting import Cipher, Recipient, operator_recipient

IDLE = timedelta(minutes=30)
SHIFT = timedelta(hours=8)
TOUCH = timedelta(minutes=1)
"""How exactly it is kept when a session was used."""
CROWD = 8
"""So many wait for their password to be worked; whoever comes then is asked to try again."""
TOKEN_BYTES = 32
DECOY = "nobody"
T = TypeVar("T")


class RefusedError(OperatorError):
    """A login, code or invite that is not right; it is not said what is wrong with it."""


class BusyError(OperatorError):
    """Too many are logging in at this moment."""


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


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A first login begun: whose, and the secret their app is to hold; `kept` brings it back with the form."""

    operator: Operator
    secret: bytes = field(repr=False)
    kept: str = field(repr=False)


class Gate:
    """Let operators in and out."""

    def __init__(
        self,
        *,
        store: ConsoleStore,
        desk: DeskStore,
        keyring: Keyring,
        inviting: Inviting,
        cipher: Cipher,
        audit: Audit,
        clock: Clock,
    ) -> None:
        """Use these ports."""
        self._store = store
        self._desk = desk
        self._keyring = keyring
        self._inviting = inviting
        self._cipher = cipher
        self._audit = audit
        self._clock = clock
        self._doorstep = Doorstep()
        self._stretching = asyncio.Lock()
        self._waiting = 0
        self._decoy: WrappedKey | None = None

    # ── the first login ──────────────────────────────────────────────────────────────────────────────────────

    async def invited(self, token: str, kept: str = "") -> Enrolment:
        """Begin, or go on with, a first login; raises RefusedError if there is no such invite, or none any more."""
        number = await self._inviting.invited(token)
        operator = None if number is None else await self._listed(number)
        if operator is None:
            raise RefusedError("This invite does not work any more: ask for a new one.")
        place = f"enrolment|{operator.id}"
        secret = self._reopened(place, kept) if kept else secrets.token_bytes(totp.SECRET_BYTES)
        return Enrolment(operator, secret, kept or self._cipher.close(place, secret).hex())

    def _reopened(self, place: str, kept: str) -> bytes:
        try:
            return self._cipher.open(place, bytes.fromhex(kept))
        except (OperatorError, ValueError) as forged:
            raise RefusedError("This form is not ours: open the invite again.") from forged

    async def enrol(self, token: str, *, kept: str, password: str, code: str, language: Language) -> str:
        """Make the operator's key by the invite, and log in; gives the session's token.

        Raises RefusedError for a wrong code or invite, OperatorError for a password under 15 characters.
        """
        enrolment = await self.invited(token, kept)
        operator = enrolment.operator
        step = totp.step_of(enrolment.secret, code, now=self._clock.now(), used=0)
        if step is None:
            raise RefusedError("This code is not right.")
        recipient = operator_recipient(operator.id)
        key = await self._stretched(lambda: self._keyring.make(recipient, password))
        secret = await self._stretched(lambda: self._keyring.unlock(recipient, key, password))
        if not await self._inviting.enrol(token, key):
            raise RefusedError("This invite does not work any more: ask for a new one.")
        closed = self._cipher.close(f"accounts|totp|{operator.id}", enrolment.secret)
        await self._store.put_account(Account(operator.id, closed, step, language))
        await self._store.end_all(operator.id)
        await self._audit.note(operator.id, "enrolled")
        return await self._begin(operator, secret)

    # ── logging in and out ───────────────────────────────────────────────────────────────────────────────────

    async def log_in(self, name: str, password: str, code: str, *, origin: str) -> str:
        """Begin a session; gives its token. Raises RefusedError, the same for whatever was wrong, or BusyError.

        Unknown names cost the same time: a password is worked for them, too. `origin` is the address it came from, ""
        if it is not known; from one that failed too often nothing is looked at.
        """
        now = self._clock.now()
        if not self._doorstep.lets(origin, now):
            raise RefusedError("Too many logins failed from this address.")
        operator = await self._named(name)
        tried = self._cipher.index("login", str(operator.id) if operator else f"?{name.strip().casefold()}")
        tries = await self._store.tries(tried)
        looked = attempts.may_try(tries.failed, tries.last, now)
        secret = await self._secret(operator, password) if looked else None
        if operator is None or secret is None or not await self._takes(operator, code):
            self._doorstep.failed(origin, now)
            await self._store.failed(tried, now)
            if operator is not None and looked:  # else anybody could fill the record
                await self._audit.note(operator.id, "refused")
            raise RefusedError("Name, password or code is not right.")
        await self._store.succeeded(tried)
        await self._audit.note(operator.id, "logged_in")
        return await self._begin(operator, secret)

    async def log_out(self, visitor: Visitor) -> None:
        """End this session."""
        await self._store.end(visitor.session.id)
        await self._audit.note(visitor.operator.id, "logged_out")

    async def enter(self, token: str, *, touch: bool = True) -> Visitor | None:
        """Give who has this token; None if it is nobody's, or not any more.

        Whoever was idle for 30 minutes, was here for 8 hours, is not listed any more or has another role logs in again.
        """
        session = await self._store.session(_ident(token)) if token else None
        if session is None:
            return None
        now = self._clock.now()
        operator = await self._listed(session.operator)
        account = await self._store.account(session.operator)
        over = now - session.seen >= IDLE or now - session.began >= SHIFT or now < session.began - TOUCH
        if over or operator is None or account is None or operator.role != session.role:
            await self._store.end(session.id)
            return None
        if touch and now - session.seen >= TOUCH:
            await self._store.touch(session.id, now)
        return Visitor(operator, session, account.language, token)

    def secret(self, visitor: Visitor) -> bytes:
        """Give the operator's unlocked secret; raises OperatorError if the session was altered."""
        return self._keyring.again(visitor.session.kept, _key(visitor.token))

    async def change_password(self, visitor: Visitor, *, old: str, new: str, code: str) -> str:
        """Wrap the operator's key by a new password and end all sessions; gives a new session's token.

        Raises RefusedError if the old one or the code is wrong, OperatorError for a new one under 15 characters.
        """
        operator = visitor.operator
        now = self._clock.now()
        tried = self._cipher.index("login", str(operator.id))
        tries = await self._store.tries(tried)
        secret = await self._secret(operator, old) if attempts.may_try(tries.failed, tries.last, now) else None
        if secret is None or not await self._takes(operator, code):
            await self._store.failed(tried, now)
            raise RefusedError("Password or code is not right.")
        recipient = operator_recipient(operator.id)
        key = await self._stretched(lambda: self._keyring.rewrap(recipient, secret, new))
        await self._desk.put_recipient(Recipient(recipient, key.public_key), wrapped=key.wrapped)
        await self._store.end_all(operator.id)
        await self._audit.note(operator.id, "password_changed")
        return await self._begin(operator, secret)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _begin(self, operator: Operator, secret: bytes) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        kept = self._keyring.keep(secret, _key(token))
        await self._store.prune(began=now - SHIFT, tried=now - attempts.FORGOTTEN)
        await self._store.begin(Session(_ident(token), operator.id, kept, operator.role, now, now))
        return token

    async def _named(self, name: str) -> Operator | None:
        """Find who types this name or id; a name that two have is nobody's: they type their ids."""
        wanted = name.strip().casefold()
        found = [one for one in await self._desk.operators() if wanted in (str(one.id), one.name.casefold())]
        return found[0] if len(found) == 1 else None

    async def _listed(self, number: int) -> Operator | None:
        return next((one for one in await self._desk.operators() if one.id == number), None)

    async def _secret(self, operator: Operator | None, password: str) -> bytes | None:
        """Unlock an operator's key; None if the password is wrong. For nobody it is worked in vain: that takes as long.

        Whoever is listed and has no key yet is nobody.
        """
        if self._decoy is None:
            self._decoy = await self._stretched(lambda: self._keyring.make(DECOY, secrets.token_urlsafe()))
        recipient, key = DECOY, self._decoy
        found = await self._desk.wrapped(operator_recipient(operator.id)) if operator is not None else None
        if operator is not None and found is not None:
            recipient, key = operator_recipient(operator.id), WrappedKey(*found)
        try:
            return await self._stretched(lambda: self._keyring.unlock(recipient, key, password))
        except BusyError:
            raise
        except OperatorError:
            return None

    async def _stretched(self, work: Callable[[], T]) -> T:
        """Do what takes half a second and 256 MiB, in a thread; raises BusyError behind a crowd."""
        if self._waiting >= CROWD:
            raise BusyError("Many are logging in: try again in a moment.")
        self._waiting += 1
        try:
            async with self._stretching:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    async def _takes(self, operator: Operator, code: str) -> bool:
        account = await self._store.account(operator.id)
        if account is None:
            return False
        secret = self._cipher.open(f"accounts|totp|{operator.id}", account.totp)
        step = totp.step_of(secret, code, now=self._clock.now(), used=account.used)
        return step is not None and await self._store.use_code(operator.id, step)


def _ident(token: str) -> str:
    return hashlib.blake2b(token.encode("utf-8", "replace"), person=b"hl/session_id", digest_size=32).hexdigest()


def _key(token: str) -> bytes:
    return hashlib.blake2b(token.encode("utf-8", "replace"), person=b"hl/session_key", digest_size=32).digest()
