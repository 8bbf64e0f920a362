"""One batch: the inbox rows it holds, what the service reads to decide them, and one save of everything."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Self

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.state import Case
from bot.service.storing import Batch, Changes, InboxRow, Kept, LaneState, OutboxRow
from bot.store import saving
from bot.store.database import Transaction
from bot.store.rows import Columns, case_of, inbox_row_of, kept_of, outbox_of
from bot.store.schema import cases, conversations, inbox, is_open, is_unsettled, is_waiting, ledger, outbox, records

_waiting = (
    select(inbox)
    .where(is_waiting)
    .order_by(inbox.c.first.desc(), inbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_alone = select(inbox).where(is_waiting, inbox.c.id == bindparam("row")).with_for_update(skip_locked=True)

_lanes = bindparam("lanes", expanding=True)
_ids = bindparam("ids", expanding=True)
_conversations = select(conversations).where(conversations.c.lane.in_(_lanes))
_cases = select(cases).where(is_open, cases.c.lane.in_(_lanes)).order_by(cases.c.seq)
_public_keys = select(cases.c.id, cases.c.public_key).where(cases.c.id.in_(_ids))
_ledger = select(ledger).where(ledger.c.lane.in_(_lanes)).order_by(ledger.c.id)
_unopened = select(records.c.id).where(records.c.id.in_(_ids), records.c.media, records.c.opened_at.is_(None))
_replies = (
    select(outbox).where(is_unsettled, saving.is_returned, outbox.c.lane.in_(_lanes)).order_by(outbox.c.id)
)


class SqlBatch(Batch):
    """A batch inside one open transaction. `orphans` are the files of cases that `save` has shredded."""

    def __init__(self, transaction: Transaction, rows: Sequence[InboxRow]) -> None:
        self.rows = rows
        self.shredded = False
        self.orphans: list[str] = []
        self._transaction = transaction

    @classmethod
    async def begin(cls, transaction: Transaction, *, limit: int, alone: int | None) -> Self:
        """Take the rows of a batch that has just begun."""
        batch = cls(transaction, ())
        found = await batch._read(
            (_waiting, {"limit": limit}) if alone is None else (_alone, {"row": alone}),
        )
        batch.rows = [inbox_row_of(row) for row in found[0]]
        return batch

    async def lanes(self, lanes: Sequence[str]) -> Mapping[str, LaneState]:
        """Read what is kept of these lanes; an unknown lane gives an empty LaneState."""
        asked = {"lanes": lanes}
        talks, found = await self._read((_conversations, asked), (_cases, asked))
        talk_of = {talk.lane: talk for talk in talks}
        cases_of: dict[str, list[Case]] = defaultdict(list)
        for row in found:
            cases_of[row.lane].append(case_of(row))
        return {lane: _state(lane, talk_of.get(lane), cases_of[lane]) for lane in lanes}

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases."""
        return {row.id: row.public_key for row in (await self._read((_public_keys, {"ids": cases})))[0]}

    async def ledger(self, lanes: Sequence[str]) -> Sequence[Kept]:
        """Read the message ids kept of these chats, oldest first."""
        return [kept_of(row) for row in (await self._read((_ledger, {"lanes": lanes})))[0]]

    async def unsent_replies(self, lanes: Sequence[str]) -> Sequence[OutboxRow]:
        """Read which operators' replies cancelling these lanes will return: their cards are told in the same save."""
        return [outbox_of(row) for row in (await self._read((_replies, {"lanes": lanes})))[0]]

    async def unopened(self, records: Sequence[str]) -> frozenset[str]:
        """Read which of these media records nobody has opened yet: opening one twice counts once."""
        return frozenset(row.id for row in (await self._read((_unopened, {"ids": records})))[0])

    async def save(self, changes: Changes) -> Sequence[OutboxRow]:
        """Write everything; gives the new outbox rows that are ready, or those leased. Commits when the batch is left."""

        async def work(connection: AsyncConnection) -> Sequence[OutboxRow]:
            saved = await saving.save(connection, changes)
            self.orphans += saved.orphans
            return saved.rows

        self.shredded = self.shredded or bool(changes.shred)
        return await self._transaction.run(work)

    async def _read(self, *asked: tuple[Executable, Columns]) -> Sequence[Sequence[Row[Any]]]:
        async def work(connection: AsyncConnection) -> Sequence[Sequence[Row[Any]]]:
            return [(await connection.execute(statement, values)).all() for statement, values in asked]

        return await self._transaction.run(work)


def _state(lane: str, talk: Row[Any] | None, open_cases: Sequence[Case]) -> LaneState:
    if talk is None:
        return LaneState(lane, cases=tuple(open_cases))
    return LaneState(lane, body=talk.body, chat=talk.chat, cases=tuple(open_cases))
