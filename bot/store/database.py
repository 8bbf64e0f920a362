"""Reads and writes, awaited. Work is a plain function of a connection, so nothing can cancel it halfway.

Each transaction runs in the writer's thread, one after the other. A caller that is cancelled is gone; what it began is
finished or rolled back all the same. aiosqlite was tried instead and is slower and harder to trust: it hops to its
thread several times for every statement (a lone update cost two and a half times the CPU), a cancelled statement leaves
its transaction open and the file locked, and a connection left open keeps the process from ending.
On PostgreSQL the same functions can run under `AsyncConnection.run_sync`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.core.errors import MachineError
from bot.store.connections import Writer, machine_errors, reading_engine

P = ParamSpec("P")
T = TypeVar("T")

READERS = 3


class Database:
    """Run reads and writes of one SQLite file. Open it before use, close it after."""

    def __init__(self, path: Path) -> None:
        """Describe a file; nothing is opened yet."""
        self.path = path
        self._writer = Writer(path)
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = reading_engine(path, connections=READERS)
        self._reader_threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._turn = asyncio.Lock()
        self._closed = False

    async def open(self) -> None:
        """Connect; raises MachineError."""
        await self._in_turn(self._writer.connect)

    async def close(self) -> None:
        """Wait for what is under way, empty the WAL into the database and disconnect; safe to call twice."""
        await asyncio.shield(asyncio.get_running_loop().create_task(self._close()))

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work on a connection that cannot write; raises MachineError."""

        def job() -> T:
            with machine_errors(self.path), self._reading.connect() as connection:
                return work(connection, *args, **kwargs)

        if self._closed:
            raise self._too_late()
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, job)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in one transaction, committed when this returns.

        Raises MachineError, or SQLAlchemy's IntegrityError or DataError for a fault in a row; then nothing is written.
        """
        return await self._in_turn(partial(self._writer.write, work, *args, **kwargs))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Open a transaction whose work is given bit by bit: committed at the end, rolled back on any exception."""
        await self._take_turn()
        try:
            yield Transaction(self._writer, self._writer_thread)
        except BaseException:
            await self._end_turn(self._writer.roll_back)
            raise
        await self._end_turn(self._writer.commit)

    async def scrub(self) -> None:
        """Empty the WAL into the database, so that no deleted bytes stay in it.

        A reader in the way is not waited for: the next call, or `close`, does it.
        """
        await self._in_turn(self._writer.checkpoint)

    async def _close(self) -> None:
        async with self._turn:
            if self._closed:
                return
            self._closed = True
            try:
                # Readers first: one in the middle of a page would keep the WAL from being emptied.
                await asyncio.to_thread(self._reader_threads.shutdown)
                self._reading.dispose()
                await asyncio.get_running_loop().run_in_executor(self._writer_thread, self._writer.disconnect)
            finally:
                self._writer_thread.shutdown()

    async def _in_turn(self, job: Callable[[], T]) -> T:
        await self._take_turn()
        return await self._end_turn(job)

    async def _take_turn(self) -> None:
        await self._turn.acquire()
        if self._closed:
            self._turn.release()
            raise self._too_late()

    async def _end_turn(self, job: Callable[[], T]) -> T:
        """Do a last job and let the next one have the writer, once it is done, even if nobody waits for it here."""
        done = asyncio.get_running_loop().run_in_executor(self._writer_thread, job)
        done.add_done_callback(lambda _: self._turn.release())
        return await asyncio.shield(done)

    def _too_late(self) -> MachineError:
        return MachineError(f"database {self.path} is closed: work came after the end")


class Transaction:
    """One open transaction; a `run` that is cancelled is finished, then rolled back with the rest."""

    def __init__(self, writer: Writer, thread: ThreadPoolExecutor) -> None:
        self._writer = writer
        self._thread = thread

    async def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work inside the transaction, which begins with the first; raises what `Database.write` raises."""
        job = partial(self._writer.run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)
