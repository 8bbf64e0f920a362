"""SQLite connections as the helpline wants them, and the one that writes. All of it runs in threads and may block.

SQLite knows one writer at a time, and its versions before 3.51.3 can corrupt a WAL file that two connections write or
checkpoint at once (most Pythons bring one). So a single connection does both, one transaction after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def reading_engine(path: Path, *, connections: int) -> Engine:
    """Make a pool of connections that cannot write and never checkpoint."""
    return _engine(
        path, _READER_PRAGMAS, connections=connections, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
    )


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Tell a sick machine (MachineError) from a fault in a row, which is raised as it is."""
    try:
        yield
    except _ROW_FAULTS:
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        said = getattr(error, "orig", None) or type(error).__name__
        raise MachineError(
            f"database {path} failed ({said}): nothing was changed; look at the disk and its space"
        ) from error


class Writer:
    """The writing connection, with at most one open transaction. All its methods run in one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path, _WRITER_PRAGMAS, connections=1)
        event.listen(self._engine, "begin", _begin_immediate)
        self._connection: Connection | None = None
        self._transaction: RootTransaction | None = None

    def connect(self) -> None:
        """Connect; raises MachineError."""
        with machine_errors(self._path):
            self._connection = self._engine.connect()

    def disconnect(self) -> None:
        """Empty the WAL into the database and disconnect."""
        try:
            self.checkpoint()
        finally:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._engine.dispose()

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in a transaction of its own."""
        try:
            result = self.run(work, *args, **kwargs)
            self.commit()
        except BaseException:
            self.roll_back()
            raise
        return result

    def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in the open transaction, begun now if there is none."""
        with machine_errors(self._path):
            if self._connection is None:
                raise MachineError(f"database {self._path} is closed: work came too late, or before it was opened")
            if self._transaction is None:
                self._transaction = self._connection.begin()
            return work(self._connection, *args, **kwargs)

    def commit(self) -> None:
        """Commit the open transaction, if there is one; raises MachineError, and then nothing was written."""
        try:
            with machine_errors(self._path):
                if self._transaction is not None:
                    self._transaction.commit()
        except BaseException:
            self.roll_back()
            raise
        self._transaction = None

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one."""
        transaction, self._transaction = self._transaction, None
        with machine_errors(self._path):
            if transaction is not None:
                transaction.close()
            # After a commit that failed SQLAlchemy is done with it, but SQLite may still be inside.
            if self._connection is not None and not self._connection.invalidated:
                self._connection.connection.rollback()

    def checkpoint(self) -> None:
        """Move the WAL into the database and empty it; leaves it for the next time if a reader is in the way."""
        if self._connection is None:
            return
        with machine_errors(self._path):
            # Past SQLAlchemy, which would begin a transaction: a checkpoint inside one is refused.
            cursor = self._connection.connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_BUSY_MS}")
            cursor.execute("PRAGMA wal_checkpoint(truncate)")
            cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            cursor.close()


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
