"""The ports of the store: what the service asks of SQL, in few and coarse verbs. One Batch is one transaction.

Bodies are already closed (encrypted) bytes; the store never sees clear text. Instants are integer milliseconds UTC
in the database and aware UTC datetimes here.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.core.sending import RowKind
from bot.core.state import Case
from bot.service.vaulting import Recipient

RowState = Literal["ready", "asked", "held", "leased", "sent", "unknown", "undeliverable", "cancelled"]
"""asked: an operator must confirm it. held: waits for the person's next act. unknown: perhaps sent, never repeated."""
MOVED = "moved:"
"""The fact that tells where a group moved to is named so, and by its old id."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update or act to be kept before it is acknowledged.

    `first` rows (hide, stop, danger) are taken before all others. (source, key) is unique: a repeated one is ignored.
    `lane` is opaque; rows of a lane are decided in order.
    """

    lane: str
    source: str
    key: str
    body: bytes
    at: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A waiting row; `tries` counts the times it was begun and failed."""

    id: int
    lane: str
    source: str
    body: bytes
    at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class LaneState:
    """What the store keeps of a lane: conversation and chat id (None: never seen), and its open cases, oldest first.

    `chat` and `body` are closed. A closed case is not among them; drafts are.
    """

    lane: str
    body: bytes | None = None
    chat: bytes | None = None
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that begins, with its public key and its secret sealed to each recipient."""

    case: Case
    lane: str
    public_key: bytes
    wraps: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A sealed record of a case; `media` if a human must open it (unheard until opened_at is set)."""

    id: str
    case: str
    sealed: bytes
    at: datetime
    media: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file still to be downloaded for record `record`; `source` is the closed download capability and description.

    `since` is when it was first asked for (None on the way in: `due` is kept as that too).
    """

    record: str
    case: str
    source: bytes
    due: datetime
    tries: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message, edit or deletion to be carried out; `body` and `chat` are closed.

    `key` is `{inbox id}:{n}` and unique. `lane` is the person's (chats take turns; order holds within one): what goes
    to operators wants a lane of its own chat, else a sick group holds up a person's answers.
    `initiative` rows obey the contact rule and carry no promise of order. `case` for an operator's reply or a card.
    Hide cancels by `kind`: "screen" and "notice" (nothing else) are dropped, "reply" returns to its card.
    A new row may be given as leased, with a lease: it is out with this process's sender for a minute from `at`.
    `tries` counts how often it was leased before; `made` is when it was first saved (None: at the Changes' `at`).
    In a leased row `state` is what it was before: "leased" means that another lease ran out, and it may have been sent.
    """

    key: str
    lane: str
    chat: bytes
    kind: RowKind
    body: bytes
    due: datetime
    priority: int = 5
    state: RowState = "ready"
    initiative: bool = False
    case: str | None = None
    tries: int = 0
    id: int = 0
    lease: str | None = None
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of a lane; (lane, name, case) is unique. Set again, it gets a new id: ids are never used twice."""

    lane: str
    name: str
    case: str
    due: datetime
    rev: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A message id in the ledger of a chat, closed; `live` marks the one live screen; `mine` the bot's own messages."""

    lane: str
    message: bytes
    at: datetime
    live: bool = False
    mine: bool = True
    id: int = 0


@dataclass(slots=True)
class Changes:
    """All that one batch writes, in one transaction: one statement a table.

    `lanes`: lane to (body, chat). `deliver`: (row key, new state, initiative, due), for rows asked or held only.
    `release`: lanes whose held rows become ready answers, due now. `cancel`: lanes to be silenced after that and before
    the new rows are written: screens and sends not yet sent are cancelled, replies confirmed but not sent become
    undeliverable (`Batch.unsent_replies` says which, for their cards); one now being sent shows up at `Outbox.settle`.
    `clear_timers`: (lane, name, case). `shred`: cases to destroy, with keys, records, files, timers and unsent rows.
    `forget`: lanes whose ledger is dropped (deleted or told). `counts`: (name, labels), one added to each.
    `opened`: (case, record). `done`: inbox rows finished; their bodies are blanked. `at`: the instant of it all.
    `operators` and `facts` are put as `DeskStore` would put them.
    """

    lanes: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    new_cases: list[NewCase] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    deliver: list[tuple[str, RowState, bool, datetime]] = field(default_factory=list)
    release: list[str] = field(default_factory=list)
    cancel: list[str] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    clear_timers: list[tuple[str, str, str]] = field(default_factory=list)
    shred: list[str] = field(default_factory=list)
    ledger: list[Kept] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)
    operators: list["Operator"] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    at: datetime | None = None


class Batch(Protocol):
    """Up to `limit` waiting inbox rows, whole lanes locked, inside one open transaction."""

    rows: Sequence[InboxRow]

    async def lanes(self, lanes: Sequence[str]) -> Mapping[str, LaneState]:
        """Read what is kept of these lanes; an unknown lane gives an empty LaneState."""

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases."""

    async def ledger(self, lanes: Sequence[str]) -> Sequence[Kept]:
        """Read the message ids kept of these chats, oldest first."""

    async def unsent_replies(self, lanes: Sequence[str]) -> Sequence[OutboxRow]:
        """Read which operators' replies cancelling these lanes will return: their cards are told in the same save."""

    async def unopened(self, records: Sequence[str]) -> frozenset[str]:
        """Read which of these media records nobody has opened yet: opening one twice counts once."""

    async def save(self, changes: Changes) -> Sequence[OutboxRow]:
        """Write everything; gives the new outbox rows that are ready or leased, with their ids, in their order.

        Commits when the batch is left; only then may they be sent.
        """


class Inbox(Protocol):
    """Where updates are kept until they are decided."""

    async def receive(self, arrivals: Sequence[Arrival]) -> int:
        """Commit arrivals; gives how many were new. Repeated (source, key) are ignored."""

    def batch(self, limit: int, *, alone: int | None = None) -> AbstractAsyncContextManager[Batch]:
        """Open a batch: `first` rows first, then in order, at most one unit of work; with `alone`, only that row."""

    async def tried(self, row: int) -> int:
        """Add one to a row's tries in a transaction of its own; gives the new count."""

    async def set_aside(self, row: int) -> None:
        """Park a poison row: it is never decided again, and counted."""

    async def waiting(self) -> Sequence[int]:
        """List the rows not yet decided in the order they would be: what an unclean stop left, to be run one by one."""

    async def aside(self) -> int:
        """Count the rows set aside."""

    async def prune(self, before: datetime) -> int:
        """Forget keys of rows done before an instant; gives how many."""


class Outbox(Protocol):
    """Where messages wait until they were sent."""

    async def lease(self, limit: int, *, now: datetime, until: datetime, token: str) -> Sequence[OutboxRow]:
        """Take ready rows that are due or whose lease ran out, most urgent and oldest first; at most one row a lane."""

    async def settle(self, results: Sequence["Settled"]) -> Sequence["Kept"]:
        """Record what became of rows, with the message ids learnt; a row that went to another lease is left alone.

        Gives what arrived after its lane was cancelled: delete these messages, then `unkeep` them.
        """

    async def next_due(self) -> datetime | None:
        """Tell when the next ready row is due; None if none waits."""

    async def find(self, key: str) -> OutboxRow | None:
        """Read a row by its key."""

    async def unkeep(self, ids: Sequence[int]) -> None:
        """Forget messages of the ledger that were deleted."""

    async def prune(self, before: datetime) -> int:
        """Forget rows made before an instant that will not be sent any more; gives how many."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an outbox row: `state` ready means again at `due`; a body is blanked once it is not needed.

    `kept` is the ledger entry of the message just sent; `unkept` are ledger ids now deleted. `arrival` is the event
    born of it (undelivered), received in the same transaction. `old_gone`: the live screen before it was deleted.
    """

    id: int
    lease: str
    state: RowState
    due: datetime | None = None
    kept: Kept | None = None
    unkept: tuple[int, ...] = ()
    old_gone: bool = False
    card: "CardPlace | None" = None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a case's card lies: a chat and message of the operators."""

    case: str
    chat: int
    message: int
    token: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A listed operator: numeric Telegram id and name; `started` if they pressed start and can be written to."""

    id: int
    name: str
    role: str = "operator"
    started: bool = False


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A case as `cases` lists it."""

    case: Case
    lane: str


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record as `case` fetches it: sealed bytes, and the blob of its file if it has one.

    `described` is what was sealed about the file once it was fetched; None while it is awaited, and for words.
    """

    id: str
    sealed: bytes
    at: datetime
    media: bool
    opened: bool
    blob: str | None
    described: bytes | None = None


class LaneReader(Protocol):
    """What the sender reads of a chat, outside batches."""

    async def lane(self, lane: str) -> LaneState:
        """Read what is kept of a lane."""

    async def live(self, lane: str) -> Kept | None:
        """Give the ledger entry of the live screen, or None."""

    async def ledger_of(self, lane: str) -> Sequence[Kept]:
        """Give all message ids kept of a chat, oldest first."""


class DeskStore(Protocol):
    """What the desk and the command line read and write outside batches."""

    async def operators(self) -> Sequence[Operator]:
        """List the operators."""

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one."""

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list; False if there was none."""

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom new cases are sealed."""

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient, with its wrapped secret if the database keeps it."""

    async def retire_recipient(self, recipient: str) -> None:
        """Seal no new case to a recipient any more; what was sealed to it stays."""

    async def wrapped(self, recipient: str) -> tuple[bytes, bytes] | None:
        """Give a recipient's (public key, wrapped secret); None if the database does not keep it."""

    async def wraps(self, recipient: str, *, limit: int) -> Sequence[tuple[str, bytes]]:
        """List (case, wrap) of cases sealed to a recipient, any first `limit`; `rewrap` takes them from the list."""

    async def rewrap(self, case: str, wraps: Sequence[tuple[str, bytes]], *, instead_of: str) -> None:
        """Put wraps for (recipient, wrap) in the place of one recipient's, in one transaction."""

    async def card(self, token: str) -> tuple[str, str] | None:
        """Give (case id, lane) of a card's token, or None."""

    async def reply(self, key: str) -> OutboxRow | None:
        """Give an operator's reply by its row key, or None."""

    async def reply_case(self, key: str) -> tuple[str, str] | None:
        """Give (case id, lane) of an operator's reply, or None."""

    async def card_at(self, chat: int, message: int) -> tuple[str, str] | None:
        """Give (case id, lane) of the card lying there, or None."""

    async def cards(self, case: str) -> Sequence[CardPlace]:
        """List where a case's cards lie."""

    async def case(self, number: str) -> QueueItem | None:
        """Find a visible case by its number."""

    async def queue(self, *, limit: int, after: tuple[str, datetime, str] | None = None) -> Sequence[QueueItem]:
        """List open visible cases: urgency, then oldest first; `after` is the last row's (urgency, created, id)."""

    async def dossier(self, case: str) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
        """Give a case's wraps by recipient and its sealed records in order."""

    async def due_timers(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Move timers that came due into the inbox is the service's work: this lists them."""

    async def drop_timers(self, timers: Sequence[Timer]) -> None:
        """Forget timers that became arrivals; one that was moved meanwhile (another due or rev) stays."""

    async def next_timer(self) -> datetime | None:
        """Tell when the next timer is due."""

    async def due_fetches(self, now: datetime, limit: int) -> Sequence[Fetch]:
        """List files to be downloaded now."""

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases; a shredded case is left out."""

    async def fetched(self, fetch: Fetch, *, blob: str | None, sealed: bytes | None) -> None:
        """Record that a file was sealed into `blob` (None: it is missing for good) with its description.

        The record itself stays as it is; the description is kept beside it. The blob of a case that was shredded
        meanwhile is deleted.
        """

    async def postpone(self, fetch: Fetch, due: datetime) -> None:
        """Try a download again later."""

    async def alarm(self, code: str, now: datetime) -> bool:
        """Count an alarm; True if it was not raised in the last hour."""

    async def get(self, key: str) -> str | None:
        """Read a fact of the instance."""

    async def put(self, key: str, value: str) -> None:
        """Write a fact of the instance."""


class Blobs(Protocol):
    """Where sealed files lie: opaque bytes under random names."""

    async def write(self, name: str, frames: AsyncIterable[bytes]) -> None:
        """Keep a sealed file under a name of 32 hex digits, durable when this returns; nothing is left if it fails."""

    def read(self, blob: str) -> AsyncIterator[bytes]:
        """Read a sealed file in chunks; raises OperatorError if it is not there."""

    async def delete(self, blobs: Sequence[str]) -> None:
        """Delete sealed files; those already gone are passed over."""
