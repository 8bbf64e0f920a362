"""What the helpline does by itself: timers that come due, and files still to be downloaded."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.service.storing import Fetch, Timer
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.rows import fetch_of, timer_of
from bot.store.schema import fetches, records, timers

_due_timers = (
    select(timers).where(timers.c.due <= bindparam("now")).order_by(timers.c.due, timers.c.id).limit(bindparam("limit"))
)
_drop_timers = delete(timers).where(timers.c.id.in_(bindparam("ids", expanding=True)))
_next_timer = select(func.min(timers.c.due))
_due_fetches = (
    select(fetches).where(fetches.c.due <= bindparam("now")).order_by(fetches.c.due).limit(bindparam("limit"))
)
_next_fetch = select(func.min(fetches.c.due))
_drop_fetch = delete(fetches).where(fetches.c.record == bindparam("record"))
_describe = update(records).where(records.c.id == bindparam("record")).returning(records.c.id)
_postpone = (
    update(fetches)
    .where(fetches.c.record == bindparam("of"))
    .values(due=bindparam("until"), tries=fetches.c.tries + 1)
)


class DeskErrands:
    """Timers and fetches on SQL."""

    _database: Database
    _blobs: BlobFolder

    async def due_timers(self, now: datetime, limit: int) -> Sequence[Timer]:
        """List timers that came due, oldest first; moving them into the inbox is the service's work."""

        async def work(connection: AsyncConnection) -> Sequence[Timer]:
            return [timer_of(row) for row in await connection.execute(_due_timers, {"now": now, "limit": limit})]

        return await self._database.read(work)

    async def drop_timers(self, timers: Sequence[Timer]) -> None:
        """Forget timers that became arrivals; one that was set anew meanwhile has another id and stays."""
        ids = [timer.id for timer in timers]

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_drop_timers, {"ids": ids})

        await self._database.write(work)

    async def next_timer(self) -> datetime | None:
        """Tell when the next timer is due."""

        async def work(connection: AsyncConnection) -> datetime | None:
            due: datetime | None = (await connection.scalars(_next_timer)).one()
            return due

        return await self._database.read(work)

    async def due_fetches(self, now: datetime, limit: int) -> Sequence[Fetch]:
        """List files to be downloaded now."""

        async def work(connection: AsyncConnection) -> Sequence[Fetch]:
            return [fetch_of(row) for row in await connection.execute(_due_fetches, {"now": now, "limit": limit})]

        return await self._database.read(work)

    async def next_fetch(self) -> datetime | None:
        """Tell when the next file is to be downloaded."""

        async def work(connection: AsyncConnection) -> datetime | None:
            due: datetime | None = (await connection.scalars(_next_fetch)).one()
            return due

        return await self._database.read(work)

    async def fetched(self, fetch: Fetch, *, blob: str | None, sealed: bytes | None) -> None:
        """Record that a file was sealed into `blob` (None: it is missing for good) with its description."""
        columns = {"record": fetch.record, "blob": blob, "described": sealed}

        async def work(connection: AsyncConnection) -> bool:
            await connection.execute(_drop_fetch, {"record": fetch.record})
            return (await connection.execute(_describe, columns)).first() is not None

        is_kept = await self._database.write(work)
        if not is_kept and blob is not None:
            await self._blobs.delete([blob])

    async def postpone(self, fetch: Fetch, due: datetime) -> None:
        """Try a download again later."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_postpone, {"of": fetch.record, "until": due})

        await self._database.write(work)
