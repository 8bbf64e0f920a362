"""What the helpline does by itself: timers, files still to be downloaded, calls outside Telegram."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Executable, Select, bindparam, delete, func, or_, select, update

from bot.service.rows import Fetch, Page, Timer
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.rows import Columns, fetch_of, page_of, timer_of
from bot.store.schema import cases, fetches, pages, records, timers

CLAIMED_LEASES = 2
"""For so many leases a file is downloaded by one process; after that it may have died, and another tries."""

_due_timers = (
    select(timers).where(timers.c.due <= bindparam("now")).order_by(timers.c.due, timers.c.id).limit(bindparam("limit"))
)
_drop_timers = delete(timers).where(timers.c.id.in_(bindparam("ids", expanding=True)))
_next_timer: Select[datetime | None] = select(func.min(timers.c.due))
# Set for later than it can have been set by a clock that was right: the clock went back since.
_strayed_timers = (
    select(timers)
    .where(timers.c.due > bindparam("latest"), timers.c.name == bindparam("name"))
    .order_by(timers.c.due, timers.c.id)
    .limit(bindparam("limit"))
)
_due_fetches = (
    select(fetches)
    .where(or_(fetches.c.due <= bindparam("now"), fetches.c.since > bindparam("now")))
    .order_by(fetches.c.due)
    .limit(bindparam("limit"))
)
_claim_fetches = (
    update(fetches)
    .where(fetches.c.record.in_(_due_fetches.with_only_columns(fetches.c.record).with_for_update(skip_locked=True)))
    .values(due=bindparam("until"))
    .returning(*fetches.c)
)
_drop_fetch = delete(fetches).where(fetches.c.record == bindparam("record")).returning(fetches.c.record)
_describe = update(records).where(records.c.id == bindparam("of")).returning(records.c.id)
_postpone = (
    update(fetches).where(fetches.c.record == bindparam("of")).values(due=bindparam("until"), tries=fetches.c.tries + 1)
)
_due_pages = select(pages).where(pages.c.due <= bindparam("now")).order_by(pages.c.due).limit(bindparam("limit"))
_claim_pages = (
    update(pages)
    .where(pages.c.case_id.in_(_due_pages.with_only_columns(pages.c.case_id).with_for_update(skip_locked=True)))
    .values(due=bindparam("until"))
    .returning(*pages.c)
)
_cases_of = select(cases).where(cases.c.id.in_(bindparam("ids", expanding=True)))
_drop_page = delete(pages).where(pages.c.case_id == bindparam("case"))
_page_again = (
    update(pages).where(pages.c.case_id == bindparam("case")).values(due=bindparam("until"), tries=pages.c.tries + 1)
)


class DeskErrands:
    """Timers, fetches and pages on SQL."""

    _database: Database
    _blobs: BlobFolder

    async def due_timers(self, now: datetime, limit: int) -> Sequence[Timer]:
        """List timers that came due, oldest first; moving them into the inbox is the service's work."""
        return await self._database.read(_list_timers, now, limit)

    async def strayed_timers(self, name: str, *, latest: datetime, limit: int) -> Sequence[Timer]:
        """List timers of a name that are due later than any can be: set before the clock went back."""
        return await self._database.read(_list_strayed, name, latest, limit)

    async def drop_timers(self, timers: Sequence[Timer]) -> None:
        """Forget timers that became arrivals; one that was set anew meanwhile has another id and stays."""
        await self._database.write(_forget_timers, [timer.id for timer in timers])

    async def next_timer(self) -> datetime | None:
        """Tell when the next timer is due."""
        return await self._database.read(lambda connection: connection.scalars(_next_timer).one())

    async def due_fetches(self, now: datetime, limit: int) -> Sequence[Fetch]:
        """List files to be downloaded now; beside other processes they are this one's for a while."""
        if self._database.is_shared:
            until = now + CLAIMED_LEASES * self._database.lease
            return await self._database.write(_take_fetches, now, limit, until=until)
        return await self._database.read(_list_fetches, now, limit)

    async def fetched(self, fetch: Fetch, *, blob: str | None, sealed: bytes | None) -> None:
        """Record that a file was sealed into `blob` (None: it is missing for good) with its description."""
        is_kept = await self._database.write(_describe_file, fetch.record, blob, sealed)
        if not is_kept and blob is not None:
            await self._blobs.delete([blob])

    async def postpone(self, fetch: Fetch, due: datetime) -> None:
        """Try a download again later."""
        await self._database.write(_put_off, fetch.record, due)

    async def due_pages(self, now: datetime, limit: int) -> Sequence[Page]:
        """List calls to be made now; beside other processes they are this one's for a while."""
        if self._database.is_shared:
            until = now + CLAIMED_LEASES * self._database.lease
            return await self._database.write(_take_pages, {"now": now, "limit": limit, "until": until})
        return await self._database.read(_list_pages, _due_pages, {"now": now, "limit": limit})

    async def drop_page(self, page: Page) -> None:
        """Forget a call: it was heard, or is not wanted any more."""
        await self._database.write(lambda connection: connection.execute(_drop_page, {"case": page.case.id}).close())

    async def page_again(self, page: Page, due: datetime) -> None:
        """Make a call again later."""
        asked = {"case": page.case.id, "until": due}
        await self._database.write(lambda connection: connection.execute(_page_again, asked).close())


def _list_pages(connection: Connection, statement: Executable, asked: Columns) -> Sequence[Page]:
    found = {row.case_id: row for row in connection.execute(statement, asked)}
    about = connection.execute(_cases_of, {"ids": list(found)})
    return [page_of(row, found[row.id]) for row in about]


def _take_pages(connection: Connection, asked: Columns) -> Sequence[Page]:
    return _list_pages(connection, _claim_pages, asked)


def _list_timers(connection: Connection, now: datetime, limit: int) -> Sequence[Timer]:
    return [timer_of(row) for row in connection.execute(_due_timers, {"now": now, "limit": limit})]


def _list_strayed(connection: Connection, name: str, latest: datetime, limit: int) -> Sequence[Timer]:
    found = connection.execute(_strayed_timers, {"name": name, "latest": latest, "limit": limit})
    return [timer_of(row) for row in found]


def _forget_timers(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(_drop_timers, {"ids": ids})


def _list_fetches(connection: Connection, now: datetime, limit: int) -> Sequence[Fetch]:
    return [fetch_of(row) for row in connection.execute(_due_fetches, {"now": now, "limit": limit})]


def _take_fetches(connection: Connection, now: datetime, limit: int, *, until: datetime) -> Sequence[Fetch]:
    found = connection.execute(_claim_fetches, {"now": now, "limit": limit, "until": until})
    return [fetch_of(row) for row in found]


def _describe_file(connection: Connection, record: str, blob: str | None, sealed: bytes | None) -> bool:
    """Say what became of a file; False if its record was shredded meanwhile, or another process had it first."""
    if connection.execute(_drop_fetch, {"record": record}).first() is None:
        return False
    return connection.execute(_describe, {"of": record, "blob": blob, "described": sealed}).first() is not None


def _put_off(connection: Connection, record: str, due: datetime) -> None:
    connection.execute(_postpone, {"of": record, "until": due})
