"""Forgetting old rows a few at a time, so that a person's message never waits long behind it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select

from bot.store.database import Database

AT_ONCE = 500
_NO_END = 2**62


class Pruner:
    """Delete the rows of a table that meet a condition and are older than an instant.

    The table's ids must grow with `age`: then the first row that is young enough ends the search, however long it is.
    """

    def __init__(self, table: Table, age: ColumnElement[datetime], *, where: ColumnElement[bool]) -> None:
        self._youngest = select(table.c.id).where(age >= bindparam("before")).order_by(table.c.id).limit(1)
        old = select(table.c.id).where(table.c.id < bindparam("end"), where).order_by(table.c.id).limit(AT_ONCE)
        self._delete = delete(table).where(table.c.id.in_(old)).returning(table.c.id)

    async def prune(self, database: Database, before: datetime) -> int:
        """Delete in transactions of a few rows each; gives how many rows."""
        end = await database.read(self._end, before)
        pruned = 0
        while chunk := await database.write(self._some, end):
            pruned += chunk
        return pruned

    def _end(self, connection: Connection, before: datetime) -> int:
        return connection.scalars(self._youngest, {"before": before}).first() or _NO_END

    def _some(self, connection: Connection, end: int) -> int:
        return len(connection.execute(self._delete, {"end": end}).all())
