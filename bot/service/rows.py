"""The rows that the service and the store exchange: what is kept of updates, chats, cases and messages.

Bodies are already closed (encrypted) bytes; the store never sees clear text. Instants are aware UTC datetimes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.core.sending import RowKind
from bot.core.state import Case
from bot.core.values import Urgency
from bot.service.vaulting import Recipient

RowState = Literal["ready", "asked", "held", "leased", "sent", "unknown", "undeliverable", "cancelled"]
"""asked: an operator must confirm it. held: waits for the person's next act. unknown: perhaps sent, never repeated."""
HIDES = 0
"""The priority of what hides a chat: the deletions, and the innocent screen."""


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
    `clear` is what `chat` and `body` close, in the process that made the row, whose sender need not open them: it is
    never stored, and None in a row that was read.
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
    clear: tuple[int, Mapping[str, object]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A call over the channel outside Telegram about a case, as it is now; `tries` counts those that failed."""

    case: Case
    due: datetime
    tries: int = 0


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
    """A message id in the ledger of a chat, closed; `live` marks the one live screen; `mine` the bot's own messages.

    `due` is when it is taken away by itself (None: within a day), but not before the file of `record` was fetched.
    """

    lane: str
    message: bytes
    at: datetime
    live: bool = False
    mine: bool = True
    due: datetime | None = None
    record: str | None = None
    id: int = 0


@dataclass(slots=True)
class Changes:
    """All that one batch writes, in one transaction: one statement a table.

    `lanes`: lane to (body, chat). `deliver`: (row key, new state, initiative, due), for rows asked or held only.
    `release`: lanes whose held rows become ready answers, due now; `release_notices`: the same, but for operators'
    replies. `cancel`: lanes to be silenced after that and before the new rows are written: screens and sends not yet
    sent are cancelled, replies confirmed but not sent become undeliverable (`Batch.unsent_replies` says which, for
    their cards); one now being sent shows up at `Outbox.settle`.
    `clear_timers`: (lane, name, case). `shred`: cases to destroy, with keys, records, files, timers and unsent rows.
    `forget`: lanes whose ledger is dropped (deleted or told). `clear`: lanes whose person's own messages go now.
    `counts`: (name, labels), one added to each.
    `pages`: cases to call somebody about now, outside Telegram. `opened`: (case, record).
    `done`: inbox rows finished; their bodies are blanked. `at`: the instant of it all.
    `operators` and `facts` are put as `DeskStore` would put them. `logouts`: operators whose sessions at the console
    end. `sealed_to`: to whom `new_cases` were sealed; if
    others are recipients by now nothing is saved, and MachineError is raised: nobody who was removed gets a case.
    """

    lanes: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    new_cases: list[NewCase] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    deliver: list[tuple[str, RowState, bool, datetime]] = field(default_factory=list)
    release: list[str] = field(default_factory=list)
    release_notices: list[str] = field(default_factory=list)
    cancel: list[str] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    clear_timers: list[tuple[str, str, str]] = field(default_factory=list)
    sealed_to: tuple[Recipient, ...] = ()
    shred: list[str] = field(default_factory=list)
    ledger: list[Kept] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)
    operators: list["Operator"] = field(default_factory=list)
    logouts: list[int] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    at: datetime | None = None


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
class Backlog:
    """How many wait, up to ten thousand, and since when the oldest of them does; None if none waits."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Readings:
    """What waits: updates to be decided, answers and cards on their way, cases to be taken, by urgency.

    `aside` are updates that were set aside. Messages that wait for their window of the contact rule are not counted.
    """

    inbox: Backlog
    aside: int
    outbox: Backlog
    untaken: Mapping[Urgency, Backlog]


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
