"""One schema: what the code says, what the migrations make, and what each column may tell a thief."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.store.classified import CLASSIFIED
from bot.store.migrating import HEAD, configuration, migrate
from bot.store.schema import metadata


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Connection]:
    """A connection to an empty database."""
    engine = create_engine(f"sqlite:///{tmp_path}/other.db")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def parts(database: Path) -> set[tuple[str, str]]:
    """Give the definition of every table and index, its columns in order and its constraints in any.

    A column that was added later stands in one line with the last one before it.
    """
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {
        (name, re.sub(r"(?<=[A-Z])\)$", "", line.strip().rstrip(",")))  # the last column may end its table
        for name, sql in rows
        if not name.startswith(("sqlite_", "alembic_"))
        for line in re.split(r",\s+(?=\w+ [A-Z])|\n", sql.replace('"', ""))  # a column added later shares a line
        if line.strip() not in {")", ""}
    }


def test_migrations_make_the_schema(empty_database: Path, empty: Connection, tmp_path: Path) -> None:
    """Column by column, constraint by constraint, condition by condition."""
    metadata.create_all(empty)
    empty.commit()

    assert parts(empty_database) == parts(tmp_path / "other.db")


def test_alembic_finds_no_drift(empty: Connection) -> None:
    """What autogenerate would add is nothing."""
    migrate(empty, "other.db")

    assert compare_metadata(MigrationContext.configure(empty), metadata) == []


def test_migrating_twice_changes_nothing(empty: Connection) -> None:
    """Every start goes through it."""
    migrate(empty, "other.db")
    migrate(empty, "other.db")

    assert empty.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [HEAD]


def test_a_case_closed_before_there_was_retention_was_closed_when_it_was_changed_last(empty: Connection) -> None:
    """Its days are counted from then; an open case has none."""
    command.upgrade(configuration(empty), "0003")
    names = "number, id, lane, mark, urgency, contact, language"
    for case, state in (("a", "closed"), ("b", "taken")):
        given = ", ".join([f"'{case}'"] * len(names.split(", ")))
        columns = f"{names}, state, public_key, created_at, updated_at, unheard, rev"
        empty.exec_driver_sql(f"INSERT INTO cases ({columns}) VALUES ({given}, '{state}', x'00', 60000, 120000, 0, 0)")  # noqa: S608
    migrate(empty, "other.db")

    found = empty.exec_driver_sql("SELECT id, closed_at, held_at FROM cases ORDER BY id").all()
    assert [tuple(row) for row in found] == [("a", 120000, None), ("b", None, None)]


def test_the_newest_revision_is_the_one_the_code_knows(empty: Connection) -> None:
    """A start compares with this constant instead of loading Alembic."""
    assert ScriptDirectory.from_config(configuration(empty)).get_heads() == [HEAD]


def test_the_schema_can_be_made_on_postgresql() -> None:
    """Same tables, same partial indexes."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped
    made = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect)) for table in metadata.sorted_tables for index in table.indexes
    ]

    assert sum("BIGSERIAL" in sql for sql in made) == 6
    assert sum(" WHERE state " in sql for sql in indexes) == 13


def test_every_column_is_classified() -> None:
    """Nobody adds a column without saying what it would tell a thief."""
    assert {name: list(columns) for name, columns in CLASSIFIED.items()} == {
        table.name: [column.name for column in table.columns] for table in metadata.tables.values()
    }


def test_nothing_is_in_clear_but_what_the_design_allows() -> None:
    """ARCHITECTURE, Cases: with a case these, and the bookkeeping of delivery; a new one is a decision."""
    clear = {
        table: {name for name, secrecy in columns.items() if secrecy == "clear"}
        for table, columns in CLASSIFIED.items()
        if "clear" in columns.values()
    }

    assert clear == {
        "cases": {
            "number",
            "state",
            "mark",
            "urgency",
            "country",
            "created_at",
            "updated_at",
            "assignee",
            "contact",
            "language",
            "unheard",
            "seen_by",
            "closed_at",
            "held_at",
        },
        "records": {"at", "media", "opened_at"},
        "fetches": {"due", "tries", "since"},
        "timers": {"name", "due"},
        "pages": {"due", "tries"},
        "outbox": {"kind", "due", "priority", "state", "initiative", "tries", "made_at"},
        "ledger": {"at", "live", "mine", "due"},
        "audit": {"at", "act"},
    }


def test_whatever_people_said_is_closed_or_sealed() -> None:
    """Every column of bytes is a public key, salt, or unreadable without a key that is not in this folder."""
    bytes_in_clear = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.type.python_type is bytes and CLASSIFIED[table.name][column.name] not in {"sealed", "closed"}
    }

    assert bytes_in_clear == {"accounts.pin_recipe", "cases.public_key", "recipients.public_key"}
