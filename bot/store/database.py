"""The connections: one that writes, and a pool that only reads.

SQLite knows one writer at a time, and its versions before 3.51.3 can corrupt a WAL file that two connections write or
checkpoint at once (most Pythons bring one). So a single connection does both, behind a lock.

Cancelling a task that waits for aiosqlite leaves its statement running and the transaction open, which locks the
database for everyone. So no caller's task ever touches a connection: each transaction runs in a task of its own,
which a cancelled caller leaves behind to finish or roll back, and which `close` waits for.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, event, exc
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import MachineError

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

READERS = 3
# Another process (a curious `sqlite3`, a backup) may hold the file for a moment.
_BUSY_MS = 5000
_WRITER_PRAGMAS = (
    "journal_mode = wal",
    "synchronous = full",  # an acknowledged update survives a power cut
    "secure_delete = on",  # what was deleted is overwritten
    "foreign_keys = on",
    "trusted_schema = off",
    "temp_store = memory",
    f"busy_timeout = {_BUSY_MS}",
    "cache_size = -32768",
)
_READER_PRAGMAS = (
    "query_only = on",
    "wal_autocheckpoint = 0",
    "trusted_schema = off",
    "temp_store = memory",
    f"busy_timeout = {_BUSY_MS}",
    "cache_size = -8192",
)


class Database:
    """Run reads and writes; every one is whole, whatever happens to its caller. Open it before use, close it after."""

    def __init__(self, path: Path) -> None:
        """Describe a SQLite file; nothing is opened yet."""
        self.path = path
        self._writing = _engine(path, _WRITER_PRAGMAS, pool_size=1)
        event.listen(self._writing.sync_engine, "begin", _begin_immediate)
        self._reading = _engine(
            path, _READER_PRAGMAS, pool_size=READERS, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
        )
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writer: AsyncConnection | None = None

    async def open(self) -> None:
        """Connect the writer; raises MachineError."""
        await asyncio.shield(self._start(self._open()))

    async def close(self) -> None:
        """Wait for what is under way, empty the WAL into the database and disconnect; safe to call twice.

        A connection left open would hang the process at its end (aiosqlite's thread is joined there).
        """
        await asyncio.shield(asyncio.get_running_loop().create_task(self._close()))

    async def read(self, work: Work[T]) -> T:
        """Run work on a connection that cannot write; raises MachineError."""
        return await asyncio.shield(self._start(self._read(work)))

    async def write(self, work: Work[T]) -> T:
        """Run work in one transaction, committed when this returns; raises MachineError and IntegrityError.

        A cancelled caller does not stop it.
        """
        return await asyncio.shield(self._start(self._write(work)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Open a transaction whose work is given bit by bit; committed at the end, rolled back on any exception."""
        transaction = Transaction(self.path)
        task = self._start(self._serve(transaction))
        task.add_done_callback(transaction.ended)
        try:
            yield transaction
        except BaseException:
            transaction.finish(commit=False)
            await asyncio.shield(task)
            raise
        transaction.finish(commit=True)
        await asyncio.shield(task)

    async def scrub(self) -> None:
        """Move the WAL into the database and empty it, so that no deleted bytes stay there.

        A reader in the way is not waited for: the next call, or `close`, does it.
        """
        await asyncio.shield(self._start(self._scrub()))

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _open(self) -> None:
        with _machine_errors(self.path):
            self._writer = await self._writing.connect()

    async def _close(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)
        writer, self._writer = self._writer, None
        try:
            await self._reading.dispose()
            if writer is not None:
                await _checkpoint(writer)
        finally:
            if writer is not None:
                await writer.close()
            await self._writing.dispose()

    async def _read(self, work: Work[T]) -> T:
        with _machine_errors(self.path):
            async with self._reading.connect() as connection:
                return await work(connection)

    async def _write(self, work: Work[T]) -> T:
        async with self._turn:
            with _machine_errors(self.path):
                writer = self._connected()
                async with writer.begin():
                    return await work(writer)

    async def _serve(self, transaction: "Transaction") -> None:
        try:
            await self._write(transaction.serve)
        except _RolledBack:
            return

    async def _scrub(self) -> None:
        async with self._turn:
            with _machine_errors(self.path):
                await _checkpoint(self._connected())

    def _connected(self) -> AsyncConnection:
        if self._writer is None:
            raise MachineError(f"database {self.path} is not open: it was closed while work was still coming")
        return self._writer


class _RolledBack(Exception):
    """The caller gave the transaction up: no error, only a way out of its block."""


class Transaction:
    """One open transaction; `run` may be cancelled at any moment, the transaction may not."""

    def __init__(self, path: Path) -> None:
        """Make one that `Database.transaction` is about to begin."""
        self._path = path
        self._work: asyncio.Queue[tuple[Work[Any], asyncio.Future[Any]] | bool] = asyncio.Queue()
        self._answer: asyncio.Future[Any] | None = None
        self._lost: BaseException | None = None

    async def run(self, work: Work[T]) -> T:
        """Run work inside the transaction; raises what it raises, and MachineError when the transaction is lost."""
        if self._lost is not None:
            raise self._lost
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._work.put_nowait((work, answer))
        return await answer

    def finish(self, *, commit: bool) -> None:
        """Commit or roll back after the work given so far."""
        self._work.put_nowait(commit)

    async def serve(self, connection: AsyncConnection) -> None:
        """Do the work as it is given; raises to roll back."""
        while not isinstance(given := await self._work.get(), bool):
            work, answer = given
            try:
                result = await work(connection)
            except Exception as error:  # noqa: BLE001 -- handed on to whoever gave the work, who then rolls back
                _settle(answer, error=_as_machine_error(error, self._path))
            else:
                _settle(answer, result=result)
        if not given:
            raise _RolledBack

    def ended(self, task: "asyncio.Task[None]") -> None:
        """Tell whoever gives work now or later that the transaction is over, or never began."""
        error = None if task.cancelled() else task.exception()
        self._lost = error or MachineError(f"the transaction on {self._path} is over: begin another")
        if self._answer is not None:
            _settle(self._answer, error=self._lost)


def _settle(answer: asyncio.Future[Any], *, result: object = None, error: BaseException | None = None) -> None:
    if answer.done():
        return  # whoever asked was cancelled
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


def _engine(path: Path, pragmas: tuple[str, ...], **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"isolation_level": None},  # transactions begin and end only where we say so
        max_overflow=0,
        hide_parameters=True,  # a value never reaches a log through an error
        **options,
    )

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _checkpoint(writer: AsyncConnection) -> None:
    # Past SQLAlchemy, which would begin a transaction: a checkpoint inside one is refused.
    driver = (await writer.get_raw_connection()).driver_connection
    if not isinstance(driver, aiosqlite.Connection):
        return  # it was lost: there is nothing to write from it
    for pragma in ("busy_timeout = 100", "wal_checkpoint(truncate)", f"busy_timeout = {_BUSY_MS}"):
        await driver.execute_fetchall(f"PRAGMA {pragma}")


def _as_machine_error(error: Exception, path: Path) -> Exception:
    """Tell a sick machine from a fault in a row: only the first is worth trying again as it is."""
    row_faults = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
    if isinstance(error, exc.DBAPIError | exc.TimeoutError) and not isinstance(error, row_faults):
        said = getattr(error, "orig", None) or type(error).__name__
        sick = MachineError(f"database {path} failed ({said}): nothing was changed; look at the disk and its space")
        sick.__cause__ = error
        return sick
    return error


@contextmanager
def _machine_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except exc.SQLAlchemyError as error:
        told = _as_machine_error(error, path)
        if told is error:
            raise
        raise told from error
