"""The ports and rows of the console: accounts, sessions, the record of who did what, and the queue as it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.core.values import Language, Urgency
from bot.service.rows import QueueItem
from bot.service.unlocking import WrappedKey


@dataclass(frozen=True, slots=True)
class Pin:
    """What is kept of a PIN: how a key is made of it, and that key under the operator's secret."""

    recipe: bytes = field(repr=False)
    kept: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """What is kept of an operator's login beside the key: `totp` is closed, `used` the step of the last code taken.

    `pin` is None if none was chosen.
    """

    operator: int
    totp: bytes = field(repr=False)
    used: int = 0
    language: Language = "km"
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login: `id` is the digest of its token, `kept` the operator's secret under a key only the cookie holds.

    In a pause `kept` is empty. `paused` is the secret under a key of cookie and PIN; None if there is no PIN.
    """

    id: str
    operator: int
    kept: bytes = field(repr=False)
    role: str
    began: datetime
    seen: datetime
    paused: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed logins in a row under one name, and when the last was."""

    failed: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be recorded: `who` is an operator's id (0: nobody known), `act` a word of ours, `case` an id.

    `cases` are the ids of all that a search opened.
    """

    at: datetime
    who: int
    act: str
    case: str = ""
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the record; `link` binds it to all before it."""

    seq: int
    entry: Entry
    link: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of the queue is wanted; None and False: all of it."""

    urgency: Urgency | None = None
    country: str | None = None
    assignee: int | None = None
    untaken: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases are open, each up to COUNT_LIMIT: by urgency, taken by nobody, and one operator's own."""

    urgencies: Mapping[Urgency, int]
    untaken: int
    mine: int


COUNT_LIMIT = 300
Link = Callable[[str, Entry], str]
"""Make the link of an entry from the link before it."""
Mark = Callable[[int, str], str]
"""Make the mark of the record's end, from the number and the link of its last entry."""


class Inviting(Protocol):
    """Invites to a first login, each good once."""

    async def invited(self, token: str) -> int | None:
        """Give whom an invite is for; None if there is none, or it was used, or is too old."""

    async def enrol(self, token: str, key: WrappedKey) -> bool:
        """Use an invite and keep the operator's new key, in one transaction; False if it could not be used."""


class ConsoleStore(Protocol):
    """What the console reads and writes beside cases."""

    async def account(self, operator: int) -> Account | None:
        """Give an operator's account; None before the first login."""

    async def put_account(self, account: Account) -> None:
        """Add or change one."""

    async def put_pin(self, operator: int, pin: Pin) -> None:
        """Keep an operator's PIN, in the place of the one before."""

    async def use_code(self, operator: int, step: int) -> bool:
        """Note that the code of a step was used; False if that or a later one was used before."""

    async def speak(self, operator: int, language: Language) -> None:
        """Keep the language an operator reads."""

    async def begin(self, session: Session) -> None:
        """Put a session in the place of all others of its operator."""

    async def session(self, ident: str) -> Session | None:
        """Give a session by its id."""

    async def sessions(self, operator: int) -> Sequence[Session]:
        """List an operator's sessions, the newest first."""

    async def touch(self, ident: str, seen: datetime) -> None:
        """Note that a session was used."""

    async def end(self, ident: str) -> None:
        """End a session."""

    async def end_all(self, operator: int) -> None:
        """End all sessions of an operator."""

    async def pause(self, seen: datetime) -> None:
        """Let what was last used at an instant or before pause, or end where there is no PIN."""

    async def prune(self, *, began: datetime, tried: datetime) -> None:
        """Forget sessions begun before an instant, and failures before another."""

    async def tries(self, name: str) -> Tries:
        """Give the failed logins under a name."""

    async def failed(self, name: str, at: datetime) -> None:
        """Count a failed login under a name."""

    async def succeeded(self, name: str) -> None:
        """Forget the failed logins under a name."""

    async def record(self, entries: Sequence[Entry], link: Link, mark: Mark) -> Sequence[Recorded]:
        """Add entries to the record, in their order, one after the other for all processes, and mark its new end.

        An end that is not where it was marked stays marked as it is: what was cut off is missed for good.
        """

    async def marked(self) -> str | None:
        """Give the mark of the record's end; None if there is none."""

    async def recorded(self, *, after: int, limit: int) -> Sequence[Recorded]:
        """List the record from the oldest, from behind a place."""

    async def newest(self, *, before: int | None, limit: int) -> Sequence[Recorded]:
        """List the record from the newest, from before a place (None: from the end)."""

    async def entry(self, seq: int) -> Recorded | None:
        """Give one entry of the record by its number."""

    async def numbers(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Give the numbers of cases by their ids, of those that are still there."""

    async def has_reason(self, operator: int, case: str, since: datetime) -> bool:
        """Say whether an operator gave a reason for opening a colleague's case since an instant."""

    async def part(
        self, wanted: Wanted, *, limit: int, after: tuple[str, datetime, str] | None = None
    ) -> Sequence[QueueItem]:
        """List a part of the queue: urgency, then oldest first; `after` is the last row's (urgency, created, id)."""

    async def counted(self, operator: int) -> Counted:
        """Count the open cases."""

    async def is_waiting(self, source: str, key: str) -> bool:
        """Say whether an act is still to be decided."""

    async def unsent(self, lane: str, case: str, now: datetime) -> int:
        """Count the replies of a case that wait for the person, or for their hours."""
