"""Updates on their way in: kept before they are acknowledged, decided in order, blanked when they are done."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, bindparam, func, select, update

from bot.service.rows import Arrival
from bot.service.storing import Inbox
from bot.store import arrivals as arriving
from bot.store import claiming
from bot.store.batch import SqlBatch
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.pruning import Pruner
from bot.store.schema import inbox, is_aside, is_waiting
from bot.store.shredding import clear_away

SET_ASIDE = "set_aside"
"""The statistic that counts rows set aside."""
NEXT = 64 * claiming.REACH
"""A row that kills who decides it is among so many: nobody looks further."""

log = structlog.get_logger()

_ids = select(inbox.c.id).where(is_waiting).order_by(inbox.c.first.desc(), inbox.c.id)
_overtaking = select(inbox.c.id).where(is_waiting, inbox.c.first, inbox.c.id > bindparam("row")).order_by(inbox.c.id)
# Ids follow the time they came at: this walks back from the newest and stops at the first that is older.
_last_before = (
    select(inbox.c.id)
    .where(inbox.c.received_at < bindparam("since", type_=inbox.c.received_at.type))
    .order_by(inbox.c.id.desc())
    .limit(1)
)
_came_after = select(inbox.c.lane).distinct().where(inbox.c.id > bindparam("row"), inbox.c.source == "telegram")
_aside = select(func.count()).select_from(inbox).where(is_aside)
_try = (
    update(inbox)
    .where(is_waiting, inbox.c.id == bindparam("row"))
    .values(tries=inbox.c.tries + 1)
    .returning(inbox.c.tries)
)
_park = update(inbox).where(~is_aside, inbox.c.id == bindparam("row")).values(state="aside").returning(inbox.c.id)
_pruner = Pruner(inbox, inbox.c.received_at, where=inbox.c.state == "done")


class SqlInbox(Inbox):
    """The inbox on SQL."""

    def __init__(self, database: Database, blobs: BlobFolder) -> None:
        self._database = database
        self._blobs = blobs

    async def receive(self, arrivals: Sequence[Arrival]) -> int:
        """Commit arrivals; gives how many were new. Repeated (source, key) are ignored."""
        return await self._database.write(arriving.keep, arrivals)

    @asynccontextmanager
    async def batch(self, limit: int, *, alone: int | None = None) -> AsyncIterator[SqlBatch]:
        """Open a batch: `first` rows first, then in order, at most one unit of work; with `alone`, only that row."""
        async with self._database.transaction() as transaction:
            batch = await SqlBatch.begin(transaction, limit=limit, alone=alone)
            yield batch
        if batch.shredded:
            await clear_away(self._database, self._blobs, batch.orphans)

    async def tried(self, row: int) -> int:
        """Add one to a row's tries in a transaction of its own; gives the new count.

        0, and nothing is counted, if the row is done or another process has its lane now.
        """
        return await self._database.write(_add_try, row)

    async def set_aside(self, row: int) -> None:
        """Park a poison row: it is never decided again, and counted; a body it still has stays, closed."""
        await self._database.write(_set_aside, row)

    async def waiting(self) -> Sequence[int]:
        """List the rows not yet decided in the order they would be; beside other processes, those that come next."""
        most = NEXT if self._database.is_shared else None
        return await self._database.read(lambda connection: connection.scalars(_ids.limit(most)).all())

    async def overtaking(self, row: int) -> Sequence[int]:
        """List the `first` rows not yet decided that came after a row, in their order."""
        return await self._database.read(lambda connection: connection.scalars(_overtaking, {"row": row}).all())

    async def came_since(self, since: datetime) -> Sequence[str]:
        """List the lanes from which something came since an instant; costs what came since, however much is kept."""
        return await self._database.read(_find_came, since)

    async def aside(self) -> int:
        """Count the rows set aside."""
        return await self._database.read(lambda connection: connection.scalars(_aside).one())

    async def prune(self, before: datetime) -> int:
        """Forget keys of rows done before an instant; gives how many."""
        return await _pruner.prune(self._database, before)


def _find_came(connection: Connection, since: datetime) -> Sequence[str]:
    last = connection.scalars(_last_before, {"since": since}).first()
    return connection.scalars(_came_after, {"row": last or 0}).all()


def _add_try(connection: Connection, row: int) -> int:
    return int(connection.scalars(_try, {"row": row}).one()) if claiming.is_free(connection, row) else 0


def _set_aside(connection: Connection, row: int) -> None:
    if connection.execute(_park, {"row": row}).all():
        arriving.count(connection, [(SET_ASIDE, "")], at=datetime.now(UTC))
