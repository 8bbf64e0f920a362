"""One batch: the inbox rows it holds, what the service reads to decide them, and one save of everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import BindParameter, Connection, bindparam, select

from bot.service.rows import Changes, InboxRow, Kept, LaneState, OutboxRow
from bot.service.storing import Batch
from bot.store import claiming, ledgers, saving
from bot.store import lanes as reading
from bot.store.database import Transaction
from bot.store.rows import outbox_of
from bot.store.schema import is_unsettled, outbox, records

_ids: BindParameter[str] = bindparam("ids", expanding=True)
_unopened = select(records.c.id).where(records.c.id.in_(_ids), records.c.media, records.c.opened_at.is_(None))
_replies = (
    select(outbox)
    .where(is_unsettled, saving.is_returned, outbox.c.lane.in_(bindparam("lanes", expanding=True)))
    .order_by(outbox.c.id)
)


class SqlBatch(Batch):
    """A batch inside one open transaction. `orphans` are the files of the cases that were shredded in it."""

    def __init__(self, transaction: Transaction, taken: "_Taken") -> None:
        self.rows = taken.rows
        self.lanes = taken.lanes
        self.keys = taken.keys
        self.released = False
        self.shredded = False
        self.orphans: list[str] = []
        self._transaction = transaction

    @classmethod
    async def begin(cls, transaction: Transaction, *, limit: int, alone: int | None) -> Self:
        """Take the rows of a batch whose transaction is just beginning."""
        return cls(transaction, await transaction.run(_take, limit, alone))

    async def ledger(self, lanes: Sequence[str]) -> Sequence[Kept]:
        """Read the message ids kept of these chats, oldest first."""
        return await self._transaction.run(ledgers.of_lanes, lanes)

    async def unsent_replies(self, lanes: Sequence[str]) -> Sequence[OutboxRow]:
        """Read which operators' replies cancelling these lanes will return: their cards are told in the same save."""
        return await self._transaction.run(_unsent_replies, lanes)

    async def unopened(self, records: Sequence[str]) -> frozenset[str]:
        """Read which of these media records nobody has opened yet: opening one twice counts once."""
        return await self._transaction.run(_unopened_of, records)

    async def save(self, changes: Changes) -> Sequence[OutboxRow]:
        """Write everything and commit; gives the new outbox rows that are ready or leased, with ids, in their order."""
        self.shredded = self.shredded or bool(changes.shred)
        saved = await self._transaction.finish(saving.save, changes, lease=self._transaction.lease)
        self.released = saved.released
        self.orphans += saved.orphans
        return saved.rows


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a batch begins with, read at once: each hand-over to the writer's thread costs more than a statement."""

    rows: Sequence[InboxRow]
    lanes: Mapping[str, LaneState]
    keys: Mapping[str, bytes]


def _take(connection: Connection, limit: int, alone: int | None) -> _Taken:
    rows = claiming.take(connection, limit) if alone is None else claiming.take_alone(connection, alone)
    lanes = reading.states(connection, list(dict.fromkeys(row.lane for row in rows))) if rows else {}
    open_cases = [case.id for lane in lanes.values() for case in lane.cases]
    return _Taken(rows, lanes, reading.public_keys(connection, open_cases) if open_cases else {})


def _unsent_replies(connection: Connection, lanes: Sequence[str]) -> Sequence[OutboxRow]:
    return [outbox_of(row) for row in connection.execute(_replies, {"lanes": lanes})]


def _unopened_of(connection: Connection, records: Sequence[str]) -> frozenset[str]:
    return frozenset(connection.scalars(_unopened, {"ids": records}))
