"""Who may begin a shift at the console: invites, logging in and out, changes of password and PIN."""

import secrets
from dataclasses import dataclass, field

import structlog

from bot.core import attempts, totp
from bot.core.errors import OperatorError
from bot.core.pins import digits_of, is_pin
from bot.core.values import Language
from bot.service.auditing import Audit
from bot.service.consoling import Account, ConsoleStore, Inviting
from bot.service.doorstep import Doorstep
from bot.service.messaging import Clock
from bot.service.rows import Operator
from bot.service.shifts import RefusedError, Shifts, Visitor
from bot.service.storing import DeskStore
from bot.service.stretching import BusyError, Stretcher
from bot.service.unlocking import Keyring, WrappedKey
from bot.service.vaulting import Cipher, Recipient, operator_recipient

DECOY = "nobody"
log = structlog.get_logger()


class PinError(OperatorError):
    """These digits are no PIN: not six, or among the first that are tried."""


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
        shifts: Shifts,
        stretched: Stretcher,
    ) -> None:
        """Use these ports."""
        self._store = store
        self._desk = desk
        self._keyring = keyring
        self._inviting = inviting
        self._cipher = cipher
        self._audit = audit
        self._clock = clock
        self._shifts = shifts
        self._stretched = stretched
        self._doorstep = Doorstep()
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

    async def enrol(self, token: str, *, kept: str, password: str, pin: str, code: str, language: Language) -> str:
        """Make the operator's key by the invite, and log in; gives the session's token. `pin` may be "": then none.

        Raises RefusedError for a wrong code or invite, PinError for a wrong PIN, OperatorError for a password under 15
        characters or easily guessed.
        """
        enrolment = await self.invited(token, kept)
        operator = enrolment.operator
        step = totp.step_of(enrolment.secret, code, now=self._clock.now(), used=0)
        if step is None:
            raise RefusedError("This code is not right.")
        digits = chosen(pin) if pin else ""
        recipient = operator_recipient(operator.id)
        key = await self._stretched(lambda: self._keyring.make(recipient, password))
        secret = await self._stretched(lambda: self._keyring.unlock(recipient, key, password))
        kept_pin = await self._stretched(lambda: self._shifts.new_pin(digits, secret)) if digits else None
        if not await self._inviting.enrol(token, key):
            raise RefusedError("This invite does not work any more: ask for a new one.")
        closed = self._cipher.close(f"accounts|totp|{operator.id}", enrolment.secret)
        await self._store.put_account(Account(operator.id, closed, step, language, kept_pin))
        await self._audit.note(operator.id, "enrolled")
        return await self._shifts.begin(operator, secret)

    # ── logging in and out ───────────────────────────────────────────────────────────────────────────────────

    async def log_in(self, name: str, password: str, code: str, *, origin: str, before: str) -> str:
        """Begin a session; gives its token. Raises RefusedError, the same for whatever was wrong, or BusyError.

        Unknown names cost the same time: a password is worked for them, too. `origin` is the address it came from, ""
        if it is not known; from one that failed too often nothing is looked at. `before` is the token of the session
        that this browser had, which ends.
        """
        now = self._clock.now()
        if not self._doorstep.lets(origin, now):
            log.warning("login.throttled", by="address")
            raise RefusedError("Too many logins failed from this address.")
        operator = await self._named(name)
        tried = self._cipher.index("login", str(operator.id) if operator else f"?{name.strip().casefold()}")
        looked = await self._is_looked_at(tried)
        secret = await self._secret(operator, password) if looked else None
        if operator is None or secret is None or not await self._takes(operator, code):
            self._doorstep.failed(origin, now)
            await self._store.failed(tried, now)
            if operator is not None and looked:  # else anybody could fill the record
                await self._audit.note(operator.id, "refused")
            raise RefusedError("Name, password or code is not right.")
        await self._store.succeeded(tried)
        await self._audit.note(operator.id, "logged_in")
        await self._shifts.end(before)
        return await self._shifts.begin(operator, secret)

    async def log_out(self, visitor: Visitor) -> None:
        """End this session."""
        await self._shifts.end(visitor.token)
        await self._audit.note(visitor.operator.id, "logged_out")

    # ── changing what one logs in with ───────────────────────────────────────────────────────────────────────

    async def change_password(self, visitor: Visitor, *, old: str, new: str, code: str) -> str:
        """Wrap the operator's key by a new password and begin a session anew; gives its token.

        Raises RefusedError if the old one or the code is wrong, OperatorError for a new one under 15 characters or
        easily guessed.
        """
        operator = visitor.operator
        secret = await self._proven(operator, old, code)
        recipient = operator_recipient(operator.id)
        key = await self._stretched(lambda: self._keyring.rewrap(recipient, secret, new))
        await self._desk.put_recipient(Recipient(recipient, key.public_key), wrapped=key.wrapped)
        await self._audit.note(operator.id, "password_changed")
        return await self._shifts.begin(operator, secret)

    async def change_pin(self, visitor: Visitor, *, password: str, code: str, pin: str) -> str:
        """Choose another PIN and begin a session anew, which pauses by it; gives its token.

        Raises PinError, or RefusedError if password or code is wrong.
        """
        digits, operator = chosen(pin), visitor.operator
        secret = await self._proven(operator, password, code)
        kept = await self._stretched(lambda: self._shifts.new_pin(digits, secret))
        await self._store.put_pin(operator.id, kept)
        await self._audit.note(operator.id, "pin_changed")
        return await self._shifts.begin(operator, secret)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _proven(self, operator: Operator, password: str, code: str) -> bytes:
        """Give the secret of who proves to be the operator, once more; raises RefusedError."""
        tried = self._cipher.index("login", str(operator.id))
        secret = await self._secret(operator, password) if await self._is_looked_at(tried) else None
        if secret is None or not await self._takes(operator, code):
            await self._store.failed(tried, self._clock.now())
            raise RefusedError("Password or code is not right.")
        return secret

    async def _is_looked_at(self, tried: str) -> bool:
        """Say whether a password is looked at, after those that failed under a name before."""
        tries = await self._store.tries(tried)
        looked = attempts.may_try(tries.failed, tries.last, self._clock.now())
        if not looked:
            log.warning("login.throttled", by="name")
        return looked

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

    async def _takes(self, operator: Operator, code: str) -> bool:
        account = await self._store.account(operator.id)
        if account is None:
            return False
        secret = self._cipher.open(f"accounts|totp|{operator.id}", account.totp)
        step = totp.step_of(secret, code, now=self._clock.now(), used=account.used)
        return step is not None and await self._store.use_code(operator.id, step)


def chosen(typed: str) -> str:
    """Give the digits of a PIN as somebody chose it; raises PinError."""
    digits = digits_of(typed)
    if not is_pin(digits):
        raise PinError("A PIN has six digits, and is none of those that are tried first.")
    return digits
