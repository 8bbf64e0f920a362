"""One batch: the inbox rows it holds, what the service reads to decide them, and one save of everything."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from sqlalchemy import BindParameter, Executable, Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.service.storing import Batch, Changes, InboxRow, Kept, LaneState, OutboxRow
from bot.store import lanes as reading
from bot.store import ledgers, saving
from bot.store.database import Transaction
from bot.store.rows import Columns, inbox_row_of, outbox_of
from bot.store.schema import cases, inbox, is_unsettled, is_waiting, outbox, records

_ids: BindParameter[str] = bindparam("ids", expanding=True)
_waiting = (
    select(inbox)
    .where(is_waiting)
    .order_by(inbox.c.first.desc(), inbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_alone = select(inbox).where(is_waiting, inbox.c.id == bindparam("row")).with_for_update(skip_locked=True)
_public_keys = select(cases.c.id, cases.c.public_key).where(cases.c.id.in_(_ids))
_unopened = select(records.c.id).where(records.c.id.in_(_ids), records.c.media, records.c.opened_at.is_(None))
_replies = (
    select(outbox)
    .where(is_unsettled, saving.is_returned, outbox.c.lane.in_(bindparam("lanes", expanding=True)))
    .order_by(outbox.c.id)
)


class SqlBatch(Batch):
    """A batch inside one open transaction. `orphans` are the files of the cases that were shredded in it."""

    def __init__(self, transaction: Transaction, rows: Sequence[InboxRow]) -> None:
        self.rows = rows
        self.shredded = False
        self.orphans: list[str] = []
        self._transaction = transaction

    @classmethod
    async def begin(cls, transaction: Transaction, *, limit: int, alone: int | None) -> Self:
        """Take the rows of a batch whose transaction is just beginning."""
        batch = cls(transaction, ())
        found = await (
            batch._read(_waiting, {"limit": limit}) if alone is None else batch._read(_alone, {"row": alone})
        )
        batch.rows = [inbox_row_of(row) for row in found]
        return batch

    async def lanes(self, lanes: Sequence[str]) -> Mapping[str, LaneState]:
        """Read what is kept of these lanes; an unknown lane gives an empty LaneState."""

        async def work(connection: AsyncConnection) -> Mapping[str, LaneState]:
            return await reading.states(connection, lanes)

        return await self._transaction.run(work)

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases."""
        found = await self._read(_public_keys, {"ids": cases}) if cases else ()
        return {row.id: row.public_key for row in found}

    async def ledger(self, lanes: Sequence[str]) -> Sequence[Kept]:
        """Read the message ids kept of these chats, oldest first."""

        async def work(connection: AsyncConnection) -> Sequence[Kept]:
            return await ledgers.of_lanes(connection, lanes)

        return await self._transaction.run(work)

    async def unsent_replies(self, lanes: Sequence[str]) -> Sequence[OutboxRow]:
        """Read which operators' replies cancelling these lanes will return: their cards are told in the same save."""
        return [outbox_of(row) for row in await self._read(_replies, {"lanes": lanes})]

    async def unopened(self, records: Sequence[str]) -> frozenset[str]:
        """Read which of these media records nobody has opened yet: opening one twice counts once."""
        return frozenset(row.id for row in await self._read(_unopened, {"ids": records}))

    async def save(self, changes: Changes) -> Sequence[OutboxRow]:
        """Write everything; gives the new outbox rows that are ready or leased, with their ids, in their order."""

        async def work(connection: AsyncConnection) -> saving.Saved:
            return await saving.save(connection, changes)

        self.shredded = self.shredded or bool(changes.shred)
        saved = await self._transaction.run(work)
        self.orphans += saved.orphans
        return saved.rows

    async def _read(self, statement: Executable, asked: Columns) -> Sequence[Row[Any]]:
        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            return (await connection.execute(statement, asked)).all()

        return await self._transaction.run(work)
