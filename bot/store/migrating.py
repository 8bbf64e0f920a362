"""Bringing a database to the schema of this release: forward only, in one transaction, never backward.

Alembic is loaded only when there is something to migrate: a start should not pay for it every time.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Select, inspect, select, table
from sqlalchemy import column as named

from bot.core.errors import OperatorError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The revision of `schema`; a test compares it with the migrations."""
SCRIPTS = Path(__file__).parent / "migrations"

_revision: Select[tuple[str]] = select(named("version_num")).select_from(table("alembic_version"))


def migrate(connection: Connection, name: str) -> None:
    """Upgrade the database of this name inside the open transaction.

    Raises OperatorError if it was written by a newer release, or is not the helpline's.
    """
    found = _found(connection, name)
    if found == HEAD:
        return
    config = configuration(connection)
    known = import_module("alembic.script").ScriptDirectory.from_config(config).walk_revisions()
    if found is not None and found not in {script.revision for script in known}:
        raise OperatorError(
            f"database {name} was written by a newer release (schema {found}, this one knows {HEAD}): "
            "install that release again, or restore a backup from before it"
        )
    import_module("alembic.command").upgrade(config, "head")


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
