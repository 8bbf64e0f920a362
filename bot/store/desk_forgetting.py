"""What is destroyed in time, on SQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import BindParameter, Connection, and_, bindparam, case, func, insert, null, or_, select, update

from bot.service.rows import OutboxRow, Record
from bot.store import shredding
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.rows import outbox_columns, record_columns
from bot.store.schema import audit, cases, is_closed, is_let_go, is_unsettled, metadata, outbox, records

_ids: BindParameter[str] = bindparam("ids", expanding=True)
_is_expired = cases.c.closed_at <= bindparam("closed", type_=cases.c.closed_at.type)
_oldest = select(cases.c.id).order_by(cases.c.closed_at).limit(bindparam("limit"))
_expired = _oldest.where(is_closed, _is_expired, cases.c.held_at.is_(None))
_let_go = _oldest.where(is_let_go, cases.c.held_at.is_(None))
_still = (
    select(cases.c.id, cases.c.lane)
    .where(or_(and_(is_closed, _is_expired), is_let_go), cases.c.held_at.is_(None), cases.c.id.in_(_ids))
    .with_for_update(skip_locked=True)
)
_files = select(records.c.blob).where(records.c.case_id == bindparam("case"), records.c.blob.is_not(None))
_is_case = select(func.count()).select_from(cases).where(cases.c.id == bindparam("case"))
# The record of acts stays: it says that a case was opened or erased, and nothing of what was in it.
_naming = {
    table.name: select(func.count()).select_from(table).where(table.c.case_id == bindparam("case"))
    for table in metadata.sorted_tables
    if "case_id" in table.c and table is not audit
}
# What is told of a case to operators stands in other lanes, for which `shredding` has no index.
_unname = (
    update(outbox)
    .where(outbox.c.case_id.in_(_ids))
    .values(case_id=null(), state=case((is_unsettled, "cancelled"), else_=outbox.c.state), body=null(), chat=null())
)
_hold = update(cases).where(cases.c.id == bindparam("of")).values(held_at=bindparam("since"))
_held = select(cases.c.held_at).where(cases.c.id == bindparam("case"))


class DeskForgetting:
    """`ForgettingStore` on SQL."""

    _database: Database
    _blobs: BlobFolder

    async def expired(self, closed: datetime, *, limit: int) -> Sequence[str]:
        """List cases closed at or before an instant that are not held, the oldest first."""
        asked = {"closed": closed, "limit": limit}
        return await self._database.read(lambda one: list(one.scalars(_expired, asked)))

    async def let_go(self, *, limit: int) -> Sequence[str]:
        """List closed cases whose person asked for them to go, and that are not held, the oldest first."""
        return await self._database.read(lambda one: list(one.scalars(_let_go, {"limit": limit})))

    async def files_of(self, case: str) -> Sequence[str]:
        """List the sealed files of a case."""
        return await self._database.read(lambda one: list(one.scalars(_files, {"case": case})))

    async def traces(self, case: str, files: Sequence[str]) -> Mapping[str, int]:
        """Count the rows that name a case, by table, and how many of these files lie on the disk."""
        rows = await self._database.read(_count_rows, case)
        return {**rows, "files": await self._blobs.count(files)}

    async def shred(
        self, cases: Sequence[str], *, closed: datetime, silent: datetime, wiping: Sequence[OutboxRow]
    ) -> int:
        """Destroy those of these cases that are still expired, with the chats that were theirs alone."""
        gone, orphans = await self._database.write(_shred, cases, closed=closed, silent=silent, wiping=wiping)
        if gone:
            await shredding.clear_away(self._database, self._blobs, orphans)
        return gone

    async def silent(self, since: datetime, *, limit: int) -> Sequence[str]:
        """List lanes without a case that were silent since an instant."""
        asked = {"silent": since, "limit": limit}
        return await self._database.read(lambda one: list(one.scalars(shredding.silent_lanes, asked)))

    async def forget_lanes(self, lanes: Sequence[str], *, silent: datetime) -> int:
        """Forget those of these lanes that are still silent and without a case; gives how many."""
        gone = await self._database.write(shredding.forget_lanes, lanes, silent)
        await shredding.clear_away(self._database, self._blobs, ())
        return gone

    async def hold(self, case: str, *, since: datetime | None, reason: Record) -> None:
        """Keep a case from being destroyed (None: no longer), and its sealed reason with it."""
        await self._database.write(_put_hold, case, since, reason)

    async def held(self, case: str) -> datetime | None:
        """Tell since when a case is held; None if it is not."""
        return await self._database.read(lambda one: one.scalars(_held, {"case": case}).first())


def _shred(
    connection: Connection, ids: Sequence[str], *, closed: datetime, silent: datetime, wiping: Sequence[OutboxRow]
) -> tuple[int, Sequence[str]]:
    still = connection.execute(_still, {"ids": ids, "closed": closed}).all()
    gone = {row.id for row in still}
    orphans = shredding.shred(connection, list(gone))
    connection.execute(_unname, {"ids": list(gone)})
    shredding.forget_lanes(connection, list({row.lane for row in still}), silent)
    at = datetime.now(UTC)
    rows = [outbox_columns(row, at=row.made or at, until=at) for row in wiping if row.case in gone]
    if rows:
        connection.execute(insert(outbox), [{**row, "case_id": None} for row in rows])
    return len(gone), orphans


def _count_rows(connection: Connection, case_id: str) -> Mapping[str, int]:
    counted = {"cases": connection.scalar(_is_case, {"case": case_id})}
    counted |= {name: connection.scalar(statement, {"case": case_id}) for name, statement in _naming.items()}
    return {name: int(number or 0) for name, number in counted.items()}


def _put_hold(connection: Connection, case: str, since: datetime | None, reason: Record) -> None:
    connection.execute(_hold, {"of": case, "since": since})
    connection.execute(insert(records), [record_columns(reason)])
