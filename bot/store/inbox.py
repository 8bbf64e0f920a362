"""Updates on their way in: kept before they are acknowledged, decided in order, blanked when they are done."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.service.storing import Arrival, Inbox
from bot.store import arrivals as arriving
from bot.store.batch import SqlBatch
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.pruning import Pruner
from bot.store.schema import inbox, is_aside, is_waiting

SET_ASIDE = "set_aside"
"""The statistic that counts rows set aside."""

_ids = select(inbox.c.id).where(is_waiting).order_by(inbox.c.first.desc(), inbox.c.id)
_aside = select(func.count()).select_from(inbox).where(is_aside)
_try = update(inbox).where(inbox.c.id == bindparam("row")).values(tries=inbox.c.tries + 1).returning(inbox.c.tries)
_park = update(inbox).where(~is_aside, inbox.c.id == bindparam("row")).values(state="aside").returning(inbox.c.id)
_pruner = Pruner(inbox, inbox.c.received_at, where=inbox.c.state == "done")


class SqlInbox(Inbox):
    """The inbox on SQL."""

    def __init__(self, database: Database, blobs: BlobFolder) -> None:
        self._database = database
        self._blobs = blobs

    async def receive(self, arrivals: Sequence[Arrival]) -> int:
        """Commit arrivals; gives how many were new. Repeated (source, key) are ignored."""

        async def work(connection: AsyncConnection) -> int:
            return await arriving.keep(connection, arrivals)

        return await self._database.write(work)

    @asynccontextmanager
    async def batch(self, limit: int, *, alone: int | None = None) -> AsyncIterator[SqlBatch]:
        """Open a batch: `first` rows first, then in order, at most one unit of work; with `alone`, only that row."""
        async with self._database.transaction() as transaction:
            batch = await SqlBatch.begin(transaction, limit=limit, alone=alone)
            yield batch
        if batch.shredded:
            await self._blobs.delete(batch.orphans)
            await self._database.scrub()

    async def tried(self, row: int) -> int:
        """Add one to a row's tries in a transaction of its own; gives the new count."""

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(_try, {"row": row})).scalar_one())

        return await self._database.write(work)

    async def set_aside(self, row: int) -> None:
        """Park a poison row: it is never decided again, and counted; a body it still has stays, closed."""

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(_park, {"row": row})).all():
                await arriving.count(connection, [(SET_ASIDE, "")], at=datetime.now(UTC))

        await self._database.write(work)

    async def waiting(self) -> Sequence[int]:
        """List the rows not yet decided in the order they would be."""

        async def work(connection: AsyncConnection) -> Sequence[int]:
            return (await connection.scalars(_ids)).all()

        return await self._database.read(work)

    async def aside(self) -> int:
        """Count the rows set aside."""

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.scalars(_aside)).one())

        return await self._database.read(work)

    async def prune(self, before: datetime) -> int:
        """Forget keys of rows done before an instant; gives how many."""
        return await _pruner.prune(self._database, before)
