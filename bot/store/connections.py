"""Connections as the helpline wants them: SQLite's, and what writes on either engine. All of it may block: threads.

SQLite knows one writer at a time, and its versions before 3.51.3 can corrupt a WAL file that two connections write or
checkpoint at once (most Pythons bring one). So a single connection does both, one transaction after the other.
PostgreSQL's connections are made in `postgres`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event, exc
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import MachineError

P = ParamSpec("P")
T = TypeVar("T")

# Another process (a curious `sqlite3`, a backup) may hold the file for a moment.
_BUSY_MS = 5000
# A reader in the way of a checkpoint is not worth waiting for: the next checkpoint does it.
_CHECKPOINT_BUSY_MS = 100
_WRITER_PRAGMAS = (
    "journal_mode = wal",
    "synchronous = full",  # an acknowledged update survives a power cut
    "secure_delete = on",  # what was deleted is overwritten
    "foreign_keys = on",
    "trusted_schema = off",
    "temp_store = memory",
    f"busy_timeout = {_BUSY_MS}",
    "cache_size = -4096",  # a busy hour fills it and it stays: the system keeps the rest of the file for nothing
)
_READER_PRAGMAS = (
    "query_only = on",
    "wal_autocheckpoint = 0",
    "trusted_schema = off",
    "temp_store = memory",
    f"busy_timeout = {_BUSY_MS}",
    "cache_size = -1024",
)
# What is wrong with a row, not with the machine: trying it again as it is would help nobody.
_ROW_FAULTS = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
_MACHINE_FAULTS = (MachineError, exc.DBAPIError, exc.TimeoutError)


@dataclass(frozen=True, slots=True)
class Fault:
    """What undid a piece of work, to be raised where it was asked for."""

    error: Exception


Work = Callable[[Connection], object]
Outcome = object | Fault


@dataclass(frozen=True, slots=True)
class Engines:
    """What a database is reached by: `writers` connections that write, `readers` that cannot.

    `name` and `remedy` are for messages: which database, and what to look at when it fails. `lease`: for how long a
    message is out with one process before another may send it.
    """

    name: str
    remedy: str
    writing: Engine
    reading: Engine
    writers: int
    readers: int
    lease: timedelta = timedelta(seconds=60)


def sqlite_engines(path: Path, *, readers: int) -> Engines:
    """Make one connection that writes and checkpoints, and a pool of some that do neither."""
    writing = _engine(path, _WRITER_PRAGMAS, connections=1)
    event.listen(writing, "begin", _begin_immediate)
    reading = _engine(
        path, _READER_PRAGMAS, connections=readers, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
    )
    return Engines(str(path), "look at the disk and its space", writing, reading, 1, readers)


@contextmanager
def machine_errors(engines: Engines) -> Iterator[None]:
    """Tell a sick machine (MachineError) from a fault in a row, which is raised as it is."""
    try:
        yield
    except _ROW_FAULTS:
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise MachineError(
            f"database {engines.name} failed ({reason(error)}): nothing was changed; {engines.remedy}"
        ) from error


def reason(error: Exception) -> str:
    """Give what a driver said, in one line and without the values that PostgreSQL adds below it."""
    said = getattr(error, "orig", None) or type(error).__name__
    primary = getattr(getattr(said, "diag", None), "message_primary", None)
    return " ".join(str(primary or said).split())


class Writer:
    """A writing connection, with at most one open transaction. All its methods run in one thread."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._is_file = engines.writing.dialect.name == "sqlite"
        self._connection: Connection | None = None
        self._transaction: RootTransaction | None = None

    def connect(self) -> None:
        """Connect; raises MachineError."""
        with machine_errors(self._engines):
            self._connection = self._engines.writing.connect()

    def disconnect(self) -> None:
        """Empty the WAL into the database and disconnect."""
        try:
            self.checkpoint()
        finally:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def write(self, works: Sequence[Work]) -> list[Outcome]:
        """Run works in a transaction of their own; gives what each gave, or the fault for which it alone was undone.

        Raises MachineError, or the fault of a work that was the only one; then nothing was written.
        """
        try:
            outcomes = [self.run(works[0])] if len(works) == 1 else self.along(works)
            self.commit()
        except BaseException:
            self.roll_back()
            raise
        return outcomes

    def along(self, works: Sequence[Work]) -> list[Outcome]:
        """Run works in the open transaction, begun now if there is none, each so that it can be undone alone."""
        return [self.run(_undoable, work) for work in works]

    def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in the open transaction, begun now if there is none."""
        with machine_errors(self._engines):
            if self._connection is None:
                raise MachineError(
                    f"database {self._engines.name} is closed: work came too late, or before it was opened"
                )
            if self._transaction is None:
                self._transaction = self._begun(self._connection)
            return work(self._connection, *args, **kwargs)

    def _begun(self, connection: Connection) -> RootTransaction:
        try:
            return connection.begin()
        except exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The server was restarted, or cut a connection that was idle: nothing was begun, so begin on a new one.
            return connection.begin()

    def commit(self) -> None:
        """Commit the open transaction, if there is one; raises MachineError, and then nothing was written."""
        try:
            with machine_errors(self._engines):
                if self._transaction is not None:
                    self._transaction.commit()
        except BaseException:
            self.roll_back()
            raise
        self._transaction = None

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one."""
        transaction, self._transaction = self._transaction, None
        with machine_errors(self._engines):
            if transaction is not None:
                transaction.close()
            # After a commit that failed SQLAlchemy is done with it, but SQLite may still be inside.
            if self._is_file and self._connection is not None and not self._connection.invalidated:
                self._connection.connection.rollback()

    def checkpoint(self) -> None:
        """Move the WAL into the database and empty it; leaves it for the next time if a reader is in the way."""
        if self._connection is None or not self._is_file:
            return
        with machine_errors(self._engines):
            # Past SQLAlchemy, which would begin a transaction: a checkpoint inside one is refused.
            cursor = self._connection.connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_BUSY_MS}")
            cursor.execute("PRAGMA wal_checkpoint(truncate)")
            cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            cursor.close()


def _undoable(connection: Connection, work: Work) -> Outcome:
    savepoint = connection.begin_nested()
    try:
        given = work(connection)
    except Exception as fault:  # whatever it is, it is theirs who asked: undone alone, and handed to them in a Fault
        if isinstance(fault, _MACHINE_FAULTS) and not isinstance(fault, _ROW_FAULTS):
            raise
        savepoint.rollback()
        return Fault(fault)
    savepoint.commit()
    return given


def _engine(path: Path, pragmas: tuple[str, ...], *, connections: int, **options: Any) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"isolation_level": None},  # transactions begin and end only where we say so
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # a value never reaches a log through an error
        **options,
    )

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
