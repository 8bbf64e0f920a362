"""Reads and writes, awaited. Work is a plain function of a connection, so nothing can cancel it halfway.

Each transaction runs in its writer's thread, one after the other; SQLite has one writer, PostgreSQL a few. A caller
that is cancelled is gone; what it began is finished or rolled back all the same. aiosqlite was tried instead and is
slower and harder to trust: it hops to its thread several times for every statement (a lone update cost two and a half
times the CPU), a cancelled statement leaves its transaction open and the file locked, and a connection left open keeps
the process from ending.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.core.errors import MachineError
from bot.store.connections import Engines, Writer, machine_errors

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Desk:
    """A writer and the one thread it works in."""

    writer: Writer
    thread: ThreadPoolExecutor


class Database:
    """Run reads and writes of one database. Open it before use, close it after."""

    def __init__(self, engines: Engines) -> None:
        """Describe it; nothing is opened yet."""
        self._engines = engines
        self._desks = [
            _Desk(Writer(engines), ThreadPoolExecutor(1, thread_name_prefix="store-writer"))
            for _ in range(engines.writers)
        ]
        self._free: asyncio.Queue[_Desk] = asyncio.Queue()
        for desk in self._desks:
            self._free.put_nowait(desk)
        self._reader_threads = ThreadPoolExecutor(engines.readers, thread_name_prefix="store-reader")
        self._closed = False

    @property
    def name(self) -> str:
        """Say which database it is, without a password."""
        return self._engines.name

    @property
    def lease(self) -> timedelta:
        """Say for how long a message is out with one process before another may send it."""
        return self._engines.lease

    @property
    def is_shared(self) -> bool:
        """Say whether several processes may serve it at once."""
        return self._engines.writing.dialect.name != "sqlite"

    async def open(self) -> None:
        """Connect; raises MachineError."""
        for desk in self._desks:
            await asyncio.get_running_loop().run_in_executor(desk.thread, desk.writer.connect)

    async def close(self) -> None:
        """Wait for what is under way, empty the WAL into the database and disconnect; safe to call twice."""
        await asyncio.shield(asyncio.get_running_loop().create_task(self._close()))

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work on a connection that cannot write; raises MachineError."""

        def job() -> T:
            with machine_errors(self._engines), self._engines.reading.connect() as connection:
                return work(connection, *args, **kwargs)

        if self._closed:
            raise self._too_late()
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, job)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in one transaction, committed when this returns.

        Raises MachineError, or SQLAlchemy's IntegrityError or DataError for a fault in a row; then nothing is written.
        """
        desk = await self._take_turn()
        return await self._end_turn(desk, partial(desk.writer.write, work, *args, **kwargs))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Open a transaction whose work is given bit by bit: committed at the end, rolled back on any exception."""
        desk = await self._take_turn()
        try:
            yield Transaction(desk.writer, desk.thread, lease=self.lease)
        except BaseException:
            await self._end_turn(desk, desk.writer.roll_back)
            raise
        await self._end_turn(desk, desk.writer.commit)

    async def scrub(self) -> None:
        """Empty SQLite's WAL into the database, so that no deleted bytes stay in it.

        A reader in the way is not waited for: the next call, or `close`, does it. PostgreSQL has its own VACUUM.
        """
        desk = await self._take_turn()
        await self._end_turn(desk, desk.writer.checkpoint)

    async def _close(self) -> None:
        desks = [await self._free.get() for _ in self._desks]
        try:
            if not self._closed:
                self._closed = True
                await self._disconnect()
        finally:
            for desk in desks:  # whoever waits for one is told that it is too late
                self._free.put_nowait(desk)

    async def _disconnect(self) -> None:
        try:
            # Readers first: one in the middle of a page would keep the WAL from being emptied.
            await asyncio.to_thread(self._reader_threads.shutdown)
            self._engines.reading.dispose()
            for desk in self._desks:
                await asyncio.get_running_loop().run_in_executor(desk.thread, desk.writer.disconnect)
        finally:
            for desk in self._desks:
                desk.thread.shutdown()
            self._engines.writing.dispose()

    async def _take_turn(self) -> _Desk:
        desk = await self._free.get()
        if self._closed:
            self._free.put_nowait(desk)
            raise self._too_late()
        return desk

    async def _end_turn(self, desk: _Desk, job: Callable[[], T]) -> T:
        """Do a last job and let the next one have the writer, once it is done, even if nobody waits for it here."""
        done = asyncio.get_running_loop().run_in_executor(desk.thread, job)
        done.add_done_callback(lambda _: self._free.put_nowait(desk))
        return await asyncio.shield(done)

    def _too_late(self) -> MachineError:
        return MachineError(f"database {self.name} is closed: work came after the end")


class Transaction:
    """One open transaction; a `run` that is cancelled is finished, then rolled back with the rest."""

    def __init__(self, writer: Writer, thread: ThreadPoolExecutor, *, lease: timedelta) -> None:
        self.lease = lease
        self._writer = writer
        self._thread = thread

    async def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work inside the transaction, which begins with the first; raises what `Database.write` raises."""
        job = partial(self._writer.run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)
