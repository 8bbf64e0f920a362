"""The one place where SQLite and PostgreSQL are written differently: insert, or else.

Both know the same clause, but SQLAlchemy gives it with each dialect's own `insert`. Statements are built once.
"""

from functools import cache
from importlib import import_module

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.sql.dml import ReturningInsert


def insert_new(connection: Connection, table: Table) -> ReturningInsert[tuple[object]]:
    """Insert rows that break no unique rule and pass over the rest; gives the first column of those inserted."""
    return _insert_new(connection.dialect.name, table)


def put(connection: Connection, table: Table, *, add_to: str | None = None) -> Insert:
    """Insert rows, or change the one with the same primary key; `add_to`: a column that is added to, not replaced."""
    return _put(connection.dialect.name, table, add_to)


@cache
def _insert_new(dialect: str, table: Table) -> ReturningInsert[tuple[object]]:
    return _insert(dialect, table).on_conflict_do_nothing().returning(next(iter(table.c)))


@cache
def _put(dialect: str, table: Table, add_to: str | None) -> Insert:
    statement = _insert(dialect, table)
    new: dict[str, ColumnElement[object]] = {
        column.name: statement.excluded[column.name] for column in table.c if not column.primary_key
    }
    if add_to is not None:
        new[add_to] = table.c[add_to] + statement.excluded[add_to]
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=new)


def _insert(dialect: str, table: Table) -> Insert:
    # Imported when it is needed: PostgreSQL's dialect costs 70 ms and some megabytes that SQLite does not need.
    statement: Insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    return statement
