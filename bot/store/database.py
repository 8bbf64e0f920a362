"""Reads and writes, awaited. Work is a plain function of a connection, so nothing can cancel it halfway.

Transactions run in their writer's thread, one after the other; SQLite has one writer, PostgreSQL a few. A caller that
is cancelled is gone; what it began is finished or rolled back all the same. aiosqlite was tried instead and is slower
and harder to trust: it hops to its thread several times for every statement (a lone update cost two and a half times
the CPU), a cancelled statement leaves its transaction open and the file locked, and a connection left open keeps the
process from ending.

On SQLite single writes that wait for the writer are committed together, or along with the batch they waited for: a
commit waits for the disk, and under load that is what everybody waits for.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from bot.core.errors import MachineError
from bot.store.connections import Engines, Fault, Outcome, Work, Writer, machine_errors

P = ParamSpec("P")
T = TypeVar("T")
TOGETHER = 50
"""So many single writes at most are committed together."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """A writer and the one thread it works in."""

    writer: Writer
    thread: ThreadPoolExecutor


@dataclass(frozen=True, slots=True)
class _Job:
    """A single write, and where its outcome is told. Whoever asked for it may be gone."""

    work: Work
    done: asyncio.Future[object]

    def tell(self, outcome: Outcome) -> None:
        if isinstance(outcome, Fault):
            self.done.set_exception(outcome.error)
            self.done.exception()  # heard: nobody may be there to hear it
        else:
            self.done.set_result(outcome)


class Database:
    """Run reads and writes of one database. Open it before use, close it after."""

    def __init__(self, engines: Engines) -> None:
        """Describe it; nothing is opened yet."""
        self._engines = engines
        self._desks = [
            _Desk(Writer(engines), ThreadPoolExecutor(1, thread_name_prefix="store-writer"))
            for _ in range(engines.writers)
        ]
        self._idle = deque(self._desks)
        self._turns: deque[asyncio.Future[_Desk]] = deque()
        self._jobs: deque[_Job] = deque()
        self._alone = 0
        self._reader_threads = ThreadPoolExecutor(engines.readers, thread_name_prefix="store-reader")
        self._closing = asyncio.Lock()
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

        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, job)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work so that it is written wholly or not at all, committed when this returns.

        Raises MachineError, or SQLAlchemy's IntegrityError or DataError for a fault in a row; then nothing is written.
        """
        self._check_open()

        def job(connection: Connection) -> object:
            return work(connection, *args, **kwargs)

        asked = _Job(job, asyncio.get_running_loop().create_future())
        self._jobs.append(asked)
        if self._idle:
            self._do_jobs(self._idle.popleft())
        return cast(T, await asyncio.shield(asked.done))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Open a transaction whose work is given bit by bit: committed at the end, rolled back on any exception."""
        desk = await self._take_turn()
        try:
            transaction = Transaction(self, desk)
            yield transaction
            if not transaction.over:
                await transaction.finish(_nothing)
        except BaseException:
            undone = asyncio.get_running_loop().run_in_executor(desk.thread, desk.writer.roll_back)
            undone.add_done_callback(lambda _: self._give_back(desk))
            await asyncio.shield(undone)
            raise
        self._give_back(desk)

    async def scrub(self) -> None:
        """Empty SQLite's WAL into the database, so that no deleted bytes stay in it.

        A reader in the way is not waited for: the next call, or `close`, does it. PostgreSQL has its own VACUUM.
        """
        desk = await self._take_turn()
        done = asyncio.get_running_loop().run_in_executor(desk.thread, desk.writer.checkpoint)
        done.add_done_callback(lambda _: self._give_back(desk))
        await asyncio.shield(done)

    # ── turns ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _take_turn(self) -> _Desk:
        self._check_open()
        if self._idle:
            return self._idle.popleft()
        turn: asyncio.Future[_Desk] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            desk = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(turn.result())
            raise
        try:
            self._check_open()
        except MachineError:
            self._give_back(desk)
            raise
        return desk

    def _give_back(self, desk: _Desk) -> None:
        """Let the next one have a writer. Transactions go first: they take along the single writes that wait."""
        if self._jobs and self._alone:
            self._do_jobs(desk)
            return
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(desk)
                return
        if self._jobs:
            self._do_jobs(desk)
        else:
            self._idle.append(desk)

    def _do_jobs(self, desk: _Desk) -> None:
        jobs = self.take_jobs() or [self._jobs.popleft()]
        self._alone = max(self._alone - 1, 0)
        works = [job.work for job in jobs]
        done = asyncio.get_running_loop().run_in_executor(desk.thread, desk.writer.write, works)

        def finished(_: object) -> None:
            error = done.exception()
            if error is None:
                tell(jobs, done.result())
            elif len(jobs) > 1:
                self.put_back(jobs)
            else:
                tell(jobs, [Fault(cast(Exception, error))])
            self._give_back(desk)

        done.add_done_callback(finished)

    def take_jobs(self) -> list[_Job]:
        """Take the single writes that may be committed together now; those of a shared database never are."""
        most = 0 if self.is_shared or self._alone else min(TOGETHER, len(self._jobs))
        return [self._jobs.popleft() for _ in range(most)]

    def put_back(self, jobs: Sequence[_Job]) -> None:
        """Let single writes wait again, to be done one by one: together they failed, and one may be at fault."""
        self._jobs.extendleft(reversed(jobs))
        self._alone += len(jobs)

    # ── closing ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _close(self) -> None:
        async with self._closing:
            if self._closed:
                return
            while self._jobs:
                await asyncio.wait([self._jobs[-1].done])
            desks = [await self._take_turn() for _ in self._desks]
            self._closed = True
            try:
                await self._disconnect()
            finally:
                tell(list(self._jobs), [Fault(self._too_late())] * len(self._jobs))
                self._jobs.clear()
                for desk in desks:  # whoever waits for one is told that it is too late
                    self._give_back(desk)

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

    def _check_open(self) -> None:
        if self._closed:
            raise self._too_late()

    def _too_late(self) -> MachineError:
        return MachineError(f"database {self.name} is closed: work came after the end")


def tell(jobs: Sequence[_Job], outcomes: Sequence[Outcome]) -> None:
    """Tell whoever asked for single writes what became of them."""
    for job, outcome in zip(jobs, outcomes, strict=True):
        job.tell(outcome)


def _nothing(_: Connection) -> None:
    """Do nothing more."""


class Transaction:
    """One open transaction; a `run` that is cancelled is finished, then rolled back with the rest."""

    def __init__(self, database: Database, desk: _Desk) -> None:
        self.lease = database.lease
        self.over = False
        self._database = database
        self._desk = desk

    async def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work inside the transaction, which begins with the first; raises what `Database.write` raises."""
        job = partial(self._desk.writer.run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._desk.thread, job)

    async def finish(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the last work and commit, with the single writes that wait; nothing can be run after it."""
        writer, jobs = self._desk.writer, self._database.take_jobs()

        def last() -> tuple[T, list[Outcome]]:
            given = writer.run(work, *args, **kwargs)
            outcomes = writer.along([job.work for job in jobs])
            writer.commit()
            return given, outcomes

        done = asyncio.get_running_loop().run_in_executor(self._desk.thread, last)

        def finished(_: object) -> None:
            if done.exception() is not None:
                self._database.put_back(jobs)
            else:
                tell(jobs, done.result()[1])

        done.add_done_callback(finished)
        given, _ = await asyncio.shield(done)
        self.over = True
        return given
