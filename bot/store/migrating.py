"""Bringing a database to the schema of this release: forward only, in one transaction, never backward.

Alembic is loaded only when there is something to migrate: a start should not pay for it every time.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Select, exc, func, inspect, select, table, text
from sqlalchemy import column as named

from bot.core.errors import OperatorError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"
"""The revision of `schema`; a test compares it with the migrations."""
SCRIPTS = Path(__file__).parent / "migrations"

_revision: Select[tuple[str]] = select(named("version_num")).select_from(table("alembic_version"))


_KEPT = ("cases", "wraps", "records", "recipients", "operators", "counters")
"""What no migration may lose a row of: batch migrations drop and rename tables, and a drop cascades."""


class OlderError(OperatorError):
    """The database was written by an older release, and nobody has made a backup of it yet."""


def is_older(connection: Connection, name: str) -> bool:
    """Tell whether a database has to be upgraded; an empty one has not.

    Raises OperatorError if it was written by a newer release, or is not the helpline's.
    """
    found = _found(connection, name)
    if found in {HEAD, None}:
        return False
    if found not in revisions():
        raise OperatorError(
            f"database {name} was written by a newer release (schema {found}, this one knows {HEAD}): "
            "install that release again, or restore a backup from before it"
        )
    return True


def migrate(connection: Connection, name: str) -> None:
    """Bring the database of this name to this release's schema inside the open transaction, and check it there.

    So that a migration that is not right was never there. Raises OperatorError if it is not, or the database was
    written by a newer release or is not the helpline's.
    """
    is_new = _found(connection, name) is None
    if not is_new and not is_older(connection, name):
        return
    before = _rows(connection)
    try:
        import_module("alembic.command").upgrade(configuration(connection), "head")
    except (exc.IntegrityError, exc.DataError, exc.ProgrammingError) as error:
        if is_new:
            raise
        raise _undone(name, type(error).__name__) from error
    if faults := _faults(connection, before):
        raise _undone(name, ", ".join(faults))


def _faults(connection: Connection, before: Mapping[str, int]) -> list[str]:
    """Find what is wrong with a database that was just migrated."""
    faults = []
    if _found(connection, "") != HEAD:
        faults.append(f"its schema is not {HEAD}")
    if connection.dialect.name == "sqlite":
        faults += [line for line in connection.scalars(text("PRAGMA quick_check(3)")) if line != "ok"]
        strays = len(connection.execute(text("PRAGMA foreign_key_check")).all())
        faults += [f"{strays} rows without what they belong to"] if strays else []
    after = _rows(connection)
    return faults + [f"{name} lost rows" for name, count in before.items() if after.get(name, 0) < count]


def _rows(connection: Connection) -> dict[str, int]:
    there = set(inspect(connection).get_table_names())
    counting = {name: select(func.count()).select_from(table(name)) for name in _KEPT if name in there}
    return {name: connection.scalars(query).one() for name, query in counting.items()}


def _undone(name: str, faults: str) -> OperatorError:
    return OperatorError(
        f"database {name} could not be brought to schema {HEAD} ({faults}): nothing was changed; "
        "install the release before this one again, and tell its maintainers"
    )


def revisions() -> frozenset[str]:
    """Give the schemas this release knows; every one it can bring up to date."""
    scripts = import_module("alembic.script").ScriptDirectory(str(SCRIPTS))
    return frozenset(script.revision for script in scripts.walk_revisions())


def configuration(connection: Connection) -> "Config":
    """Give Alembic's configuration for a connection; there is no alembic.ini."""
    config: Config = import_module("alembic.config").Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _found(connection: Connection, name: str) -> str | None:
    """Read the revision of a database; None for an empty one."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return str(connection.scalars(_revision).one())
    if tables:
        raise OperatorError(f"database {name} belongs to another program: set HELPLINE_DATABASE to a file of its own")
    return None
