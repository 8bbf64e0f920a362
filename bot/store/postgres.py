"""PostgreSQL: its address, its connections with their time limits, and whether what lies there can be served.

The driver is psycopg, the plain one, in threads: the same functions of a connection serve both engines, without
greenlets between them. asyncpg takes less CPU for a single statement, but would need all of `database` a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text

from bot.core.errors import MachineError, OperatorError
from bot.store.connections import Engines, reason
from bot.store.database import Database
from bot.store.locks import MIGRATION, lock_for_transaction
from bot.store.migrating import migrate

WRITERS = 3
"""Deciding, receiving and settling go side by side; more only wait for each other in the server."""
LEAST_VERSION = 140000
LEASE = timedelta(seconds=60)
LIMITS = {"lock_timeout": 5_000, "statement_timeout": 30_000, "idle_in_transaction_session_timeout": 15_000}
"""Milliseconds. A process that was halted in the middle of a transaction lets its people go after the last one."""
_DRIVER = {
    "connect_timeout": "5",
    "application_name": "helpline",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
# A big table takes its time to be changed, and so does reading the program that changes it on a busy machine.
_PATIENT = ("statement_timeout = 0", "lock_timeout = '2min'", "idle_in_transaction_session_timeout = '2min'")
_UNREADABLE = (
    "HELPLINE_DATABASE cannot be read: write postgresql://USER:PASSWORD@HOST/NAME; lease takes seconds, "
    f"{', '.join(LIMITS)} take milliseconds, all more than 0"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and how long it may take. `name` is for messages: no password is in it."""

    url: URL = field(repr=False)
    name: str
    limits: Mapping[str, int]
    lease: timedelta

    @classmethod
    def of(cls, url: str) -> Self:
        """Read postgresql://USER:PASSWORD@HOST/NAME?...; raises OperatorError.

        The query may hold the limits above in milliseconds, `lease` (seconds for which a message is out with one
        process), and whatever libpq knows (sslmode, connect_timeout, host, ...).
        """
        given, query = _split(url)
        try:
            limits = {name: int(query.pop(name, usual)) for name, usual in LIMITS.items()}
            lease = timedelta(seconds=float(query.pop("lease", LEASE.total_seconds())))
        except ValueError as error:
            raise OperatorError(_UNREADABLE) from error
        if lease <= timedelta() or min(limits.values()) <= 0:
            raise OperatorError(_UNREADABLE)
        host = given.host or query.get("host") or "localhost"
        name = f"{given.database} on {host}" + (f":{given.port}" if given.port else "")
        return cls(given.set(query={**_DRIVER, **query, "options": _options(query, limits)}), name, limits, lease)

    def parameters(self) -> dict[str, Any]:
        """Give what libpq is told."""
        given = self.url.translate_connect_args(username="user", database="dbname")
        return {**given, **self.url.query}


def _split(url: str) -> tuple[URL, dict[str, str]]:
    """Give the address without its query, and the query; of what is given twice the last counts."""
    try:
        given = make_url(url).set(drivername="postgresql+psycopg")
    except (ValueError, exc.ArgumentError) as error:
        raise OperatorError(_UNREADABLE) from error
    query = {name: value if isinstance(value, str) else value[-1] for name, value in given.query.items()}
    return given, query


def _options(query: Mapping[str, str], limits: Mapping[str, int]) -> str:
    ours = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return f"{ours} {query.get('options', '')}".strip()


def postgres_engines(address: Address, *, readers: int) -> Engines:
    """Make the pools of a server; raises OperatorError if the driver is not installed. Nothing is opened yet."""
    if find_spec("psycopg") is None:
        raise OperatorError(
            "HELPLINE_DATABASE is PostgreSQL's, and its driver is not installed: run ./helpline, which installs it, or "
            "install requirements-postgres.txt, or set HELPLINE_DATABASE to sqlite:///FILE"
        )
    writing = _engine(address, connections=WRITERS)
    event.listen(writing, "begin", _begin)
    reading = _engine(address, connections=readers, pool_pre_ping=True)
    event.listen(reading, "connect", _forbid_writing)
    remedy = "look at the server and the way to it"
    return Engines(address.name, remedy, writing, reading, WRITERS, readers, address.lease)


def _engine(address: Address, *, connections: int, **options: Any) -> Engine:
    return create_engine(
        address.url,
        isolation_level="AUTOCOMMIT",  # transactions begin and end only where we say so
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # a value never reaches a log through an error
        **options,
    )


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _forbid_writing(connection: Any, _: object) -> None:
    connection.execute("SET default_transaction_read_only = on")


async def prepare(database: Database) -> None:
    """Check a database and bring it to this release's schema. Raises OperatorError, MachineError."""
    try:
        await database.open()
        found = await database.read(_version_and_encoding)
    except exc.ProgrammingError as error:
        raise OperatorError(f"HELPLINE_DATABASE cannot be used: {reason(error)}") from error
    except MachineError as error:
        raise OperatorError(
            f"{error}. Is the server running, and do host, port, name, user and password in HELPLINE_DATABASE fit?"
        ) from error
    version, encoding = found
    if version < LEAST_VERSION:
        raise OperatorError(f"database {database.name} is PostgreSQL {version // 10000}: 14 or later is needed")
    if encoding != "UTF8":
        raise OperatorError(f"database {database.name} is in {encoding}: make one with ENCODING 'UTF8' for Khmer")
    try:
        await database.write(_migrate, database.name)
    except exc.ProgrammingError as error:
        raise OperatorError(
            f"database {database.name} refuses its tables ({reason(error)}): let the user of HELPLINE_DATABASE own it"
        ) from error


def _version_and_encoding(connection: Connection) -> tuple[int, str]:
    asked = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
    version, encoding = connection.execute(text(asked)).one()
    return int(version), str(encoding)


def _migrate(connection: Connection, name: str) -> None:
    """Let one process at a time look and migrate: several may start at once on an empty database."""
    for limit in _PATIENT:
        connection.exec_driver_sql(f"SET LOCAL {limit}")
    lock_for_transaction(connection, MIGRATION)
    migrate(connection, name)
