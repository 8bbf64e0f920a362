"""Moving a store from SQLite to PostgreSQL: everything, verified, in one transaction, or nothing."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, tuple_

from bot.core.errors import OperatorError
from bot.store.database import Database
from bot.store.opening import MOVED_TO, Store
from bot.store.schema import metadata

PAGE = 1000
_WHOLE = 2**256
_sequences = text("SELECT name, seq FROM sqlite_sequence")
_go_on_from = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")

Row = tuple[Any, ...]
Read = Callable[[Table, Row | None], Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A table's rows: how many, and the sum of their digests, which is the same in whatever order they come."""

    table: str
    rows: int
    digest: str


async def move(source: Store, target: Store) -> Sequence[Counted]:
    """Copy all tables of one store into another; gives what was counted on both sides, which is the same.

    Sealed files are not touched. Raises OperatorError if the target holds anything or differs afterwards; then nothing
    is changed. Once it is done the source can no longer be served: two helplines must not answer the same people.
    """
    counted = []
    async with target.database.transaction() as there:

        async def arrived(table: Table, after: Row | None) -> Sequence[Row]:
            return await there.run(_page, table, after)

        for table in metadata.sorted_tables:
            if await there.run(_page, table, None):
                raise OperatorError(f"database {target.database.name} is not empty ({table.name}): move into a new one")
            async for rows in _pages(table, _reading(source.database)):
                await there.run(_add, table, rows)
            left, came = await _count(table, _reading(source.database)), await _count(table, arrived)
            if left != came:
                raise OperatorError(f"{table.name} did not arrive as it was: nothing was moved; look at the server")
            counted.append(came)
        await there.run(_go_on, await source.database.read(_last_ids))
    await source.desk.put(MOVED_TO, target.database.name)
    return counted


def _reading(database: Database) -> Read:
    async def read(table: Table, after: Row | None) -> Sequence[Row]:
        return await database.read(_page, table, after)

    return read


async def _pages(table: Table, read: Read) -> AsyncIterator[Sequence[Row]]:
    after: Row | None = None
    places = [list(table.c).index(column) for column in table.primary_key.columns]
    while rows := await read(table, after):
        yield rows
        after = tuple(rows[-1][place] for place in places)


async def _count(table: Table, read: Read) -> Counted:
    number, total = 0, 0
    async for rows in _pages(table, read):
        number += len(rows)
        total += sum(int.from_bytes(hashlib.sha256(repr(row).encode()).digest()) for row in rows)
    return Counted(table.name, number, f"{total % _WHOLE:064x}")


def _page(connection: Connection, table: Table, after: Row | None) -> Sequence[Row]:
    """Read the next rows in the order of the primary key."""
    key = list(table.primary_key.columns)
    wanted = select(table).order_by(*key).limit(PAGE)
    if after is not None:
        wanted = wanted.where(tuple_(*key) > tuple_(*after))
    return [tuple(row) for row in connection.execute(wanted)]


def _add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    names = [column.name for column in table.c]
    connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def _last_ids(connection: Connection) -> dict[str, int]:
    """Give the last id of each table that numbers its rows; ids of rows that were pruned are never given again."""
    last = {str(name): int(number) for name, number in connection.execute(_sequences)}
    for table in _numbered():
        (column,) = table.primary_key.columns
        highest = connection.scalars(select(func.max(column))).one() or 0
        last[table.name] = max(last.get(table.name, 0), int(highest))
    return last


def _go_on(connection: Connection, last: dict[str, int]) -> None:
    """Let each table number its next row after the last one of the source."""
    for table in _numbered():
        (column,) = table.primary_key.columns
        if last[table.name]:
            connection.execute(_go_on_from, {"table": table.name, "column": column.name, "last": last[table.name]})


def _numbered() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.autoincrement_column is not None]
