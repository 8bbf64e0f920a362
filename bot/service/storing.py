"""The ports of the store: what the service asks of SQL, in few and coarse verbs. One Batch is one transaction."""

from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.roster import Duty, Roster
from bot.core.state import Case, CaseState
from bot.core.values import Urgency
from bot.service.forgetting import ForgettingStore
from bot.service.holding import KeyStore
from bot.service.rows import (
    Arrival,
    CardPlace,
    Changes,
    Fetch,
    InboxRow,
    Kept,
    LaneState,
    Operator,
    OutboxRow,
    Page,
    QueueItem,
    Readings,
    Record,
    SealedRecord,
    Settled,
    Timer,
)

MOVED = "moved:"
"""The fact that tells where a group of ours moved to is named so, and by its old id."""
OURS = "ours:"
"""The fact that a group is one of ours that moved is named so, and by its new id."""


class Batch(Protocol):
    """Up to `limit` waiting inbox rows, whole lanes locked, inside one open transaction.

    `lanes` are what is kept of the lanes of its rows (an unknown one is an empty LaneState), `keys` the public keys of
    their open cases. `released`, once saved: replies that were held may go now.
    """

    rows: Sequence[InboxRow]
    lanes: Mapping[str, LaneState]
    keys: Mapping[str, bytes]
    released: bool

    async def ledger(self, lanes: Sequence[str]) -> Sequence[Kept]:
        """Read the message ids kept of these chats, oldest first."""

    async def unsent_replies(self, lanes: Sequence[str]) -> Sequence[OutboxRow]:
        """Read which operators' replies cancelling these lanes will return: their cards are told in the same save."""

    async def unopened(self, records: Sequence[str]) -> frozenset[str]:
        """Read which of these media records nobody has opened yet: opening one twice counts once."""

    async def save(self, changes: Changes) -> Sequence[OutboxRow]:
        """Write everything and commit, which ends the batch.

        Gives the new outbox rows that are ready or leased, with their ids, in their order.
        """


class Inbox(Protocol):
    """Where updates are kept until they are decided."""

    async def receive(self, arrivals: Sequence[Arrival]) -> int:
        """Commit arrivals; gives how many were new. Repeated (source, key) are ignored."""

    def batch(self, limit: int, *, alone: int | None = None) -> AbstractAsyncContextManager[Batch]:
        """Open a batch: `first` rows first, then in order, at most one unit of work; with `alone`, only that row."""

    async def tried(self, row: int) -> int:
        """Add one to a row's tries in a transaction of its own; gives the new count.

        0, and nothing is counted, if the row is done or another process has its lane now.
        """

    async def set_aside(self, row: int) -> None:
        """Park a poison row: it is never decided again, and counted."""

    async def waiting(self) -> Sequence[int]:
        """List the rows not yet decided in the order they would be: what an unclean stop left, to be run one by one."""

    async def overtaking(self, row: int) -> Sequence[int]:
        """List the `first` rows not yet decided that came after a row, in their order."""

    async def came_since(self, since: datetime) -> Sequence[str]:
        """List the lanes from which something came since an instant; costs what came since, however much is kept."""

    async def aside(self) -> int:
        """Count the rows set aside."""

    async def prune(self, before: datetime) -> int:
        """Forget keys of rows done before an instant; gives how many."""


class Outbox(Protocol):
    """Where messages wait until they were sent."""

    async def lease(
        self, limit: int, *, now: datetime, until: datetime, token: str, full: Collection[str] = ()
    ) -> Sequence[OutboxRow]:
        """Take ready rows that are due or whose lease ran out, most urgent and oldest first; none of `full` lanes.

        At most one row of a person's lane: its chat has one live screen. A few of an operators' one.
        """

    async def settle(self, results: Sequence["Settled"]) -> Sequence["Kept"]:
        """Record what became of rows, with the message ids learnt; a row that went to another lease is left alone.

        Gives what arrived after its lane was cancelled, and screens that arrived after their row had gone to another
        lease: delete these messages, then `unkeep` them.
        """

    async def next_due(self) -> tuple[datetime | None, bool]:
        """Tell when the next row has its turn or a lease runs out (None: never), and whether any row waits at all."""

    async def is_mine(self, row: OutboxRow, *, token: str, at: datetime) -> bool:
        """Say whether a leased row is still out with us at an instant; hide, or another process, may have taken it."""

    async def draw(self, key: str, *, burst: float, rate: float, most: float) -> float:
        """Take a token of a bucket that all processes share; gives the seconds until it may be used.

        Whoever would wait longer than `most` takes none.
        """

    async def find(self, key: str) -> OutboxRow | None:
        """Read a row by its key."""

    async def strays(self) -> Sequence["Kept"]:
        """Give what `settle` gave to be deleted, and nobody has said yet that it was."""

    async def keep(self, messages: Sequence["Kept"]) -> None:
        """Add messages to the ledgers of their chats that went past the outbox."""

    async def clearable(self, now: datetime, *, since: datetime, limit: int) -> Sequence["Kept"]:
        """List messages to be taken away now, first due first; none from before `since`, or whose file is awaited."""

    async def put_off(self, ids: Sequence[int], due: datetime) -> None:
        """Take messages away later."""

    async def unkeep(self, ids: Sequence[int]) -> None:
        """Forget messages of the ledger that were deleted."""

    async def prune(self, before: datetime) -> int:
        """Forget rows made before an instant that will not be sent any more; gives how many."""


class LaneReader(Protocol):
    """What the sender reads of a chat, outside batches."""

    async def lane(self, lane: str) -> LaneState:
        """Read what is kept of a lane."""

    async def live(self, lane: str) -> Kept | None:
        """Give the ledger entry of the live screen, or None."""

    async def ledger_of(self, lane: str) -> Sequence[Kept]:
        """Give all message ids kept of a chat, oldest first."""


class DeskStore(KeyStore, ForgettingStore, Protocol):
    """What the desk and the command line read and write outside batches, keys and the end of cases among it."""

    async def operators(self) -> Sequence[Operator]:
        """List the operators."""

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one; with another role they may be able to open fewer cases from now on."""

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list, with their key and all that was sealed to it; False if there was none."""

    async def roster(self) -> Roster:
        """Give the duty roster."""

    async def put_duties(self, duties: Sequence[Duty]) -> None:
        """List operators for hours, in the place of what they were listed for on these days."""

    async def drop_duties(self, operator: int, days: Sequence[str]) -> int:
        """Take an operator's entries of these days (none: of all) from the roster; gives how many."""

    async def card(self, token: str) -> tuple[str, str] | None:
        """Give (case id, lane) of a card's token, or None."""

    async def lane_of(self, case: str) -> str | None:
        """Give the lane of a case, or None if it was destroyed."""

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

    async def census(self) -> Mapping[tuple[Urgency, CaseState], int]:
        """Count the open visible cases by urgency and state; where there are none, the pair is left out."""

    async def oldest(self, urgency: Urgency, *, limit: int) -> Sequence[Case]:
        """List open visible cases of an urgency, oldest first."""

    async def uncarded(self, chat: int, *, also: Sequence[str], limit: int) -> Sequence[Case]:
        """List untaken flagged cases without a card in a chat, and `also` these: urgency, then oldest first."""

    async def of_lane(self, lane: str, *, limit: int) -> Sequence[Case]:
        """List the cases of a lane that operators have seen, closed ones too: the newest first."""

    async def near(self, country: str, at: datetime, *, within: timedelta, not_of: str, limit: int) -> Sequence[Case]:
        """List the cases of a country begun near an instant, but for one lane's: at most `limit` each way."""

    async def dossier(self, case: str) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
        """Give a case's wraps by recipient and its sealed records in order."""

    async def due_timers(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Move timers that came due into the inbox is the service's work: this lists them."""

    async def strayed_timers(self, name: str, *, latest: datetime, limit: int) -> Sequence[Timer]:
        """List timers of a name that are due later than any can be: set before the clock went back."""

    async def drop_timers(self, timers: Sequence[Timer]) -> None:
        """Forget timers that became arrivals; one that was moved meanwhile (another due or rev) stays."""

    async def next_timer(self) -> datetime | None:
        """Tell when the next timer is due."""

    async def due_fetches(self, now: datetime, limit: int) -> Sequence[Fetch]:
        """List files to be downloaded now; beside other processes they are this one's for a while."""

    async def add_records(self, records: Sequence[Record]) -> None:
        """Keep sealed records of cases outside a batch, all or none."""

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases; a shredded case is left out."""

    async def fetched(self, fetch: Fetch, *, blob: str | None, sealed: bytes | None) -> None:
        """Record that a file was sealed into `blob` (None: it is missing for good) with its description.

        The record itself stays as it is; the description is kept beside it. The blob of a case that was shredded
        meanwhile is deleted.
        """

    async def postpone(self, fetch: Fetch, due: datetime) -> None:
        """Try a download again later."""

    async def due_pages(self, now: datetime, limit: int) -> Sequence[Page]:
        """List calls to be made now outside Telegram; beside other processes they are this one's for a while."""

    async def drop_page(self, page: Page) -> None:
        """Forget a call: it was heard, or is not wanted any more."""

    async def page_again(self, page: Page, due: datetime) -> None:
        """Make a call again later."""

    async def alarm(self, code: str, now: datetime) -> bool:
        """Count an alarm; True if it was not raised in the last hour."""

    async def raised(self, since: datetime) -> Sequence[tuple[str, datetime]]:
        """List the alarms raised since an instant, by code, the newest first."""

    async def get(self, key: str) -> str | None:
        """Read a fact of the instance."""

    async def put(self, key: str, value: str) -> None:
        """Write a fact of the instance."""


class Gauges(Protocol):
    """What the helpline tells of its own health."""

    async def read(self, now: datetime) -> Readings:
        """Read how much waits; raises MachineError."""


class Blobs(Protocol):
    """Where sealed files lie: opaque bytes under random names."""

    async def write(self, name: str, frames: AsyncIterable[bytes]) -> None:
        """Keep a sealed file under a name of 32 hex digits, durable when this returns; nothing is left if it fails."""

    def read(self, blob: str) -> AsyncIterator[bytes]:
        """Read a sealed file in chunks; raises OperatorError if it is not there."""

    async def delete(self, blobs: Sequence[str]) -> None:
        """Delete sealed files; those already gone are passed over."""
