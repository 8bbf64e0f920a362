"""Opening and closing the store: the database brought up to date and checked, the folder of sealed files beside it.

SQLite is one file under one lock, for one process. PostgreSQL is served by any number of processes; what they must know
of each other is in `peers`.
"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, text

from bot.core.errors import MachineError, OperatorError
from bot.store import leasing
from bot.store.blobs import BlobFolder
from bot.store.connections import sqlite_engines
from bot.store.console import SqlConsole
from bot.store.database import Database
from bot.store.desk import SqlDesk
from bot.store.folder import InstanceLock, make_private_file, make_private_folder
from bot.store.gauges import SqlGauges
from bot.store.inbox import SqlInbox
from bot.store.lanes import SqlLanes
from bot.store.migrating import OlderError, is_older, migrate
from bot.store.outbox import SqlOutbox
from bot.store.peers import Peers
from bot.store.postgres import Address, postgres_engines, prepare
from bot.store.schema import facts, has_blob, records

SQLITE = "sqlite:///"
POSTGRES = "postgresql://"
READERS = 3
CHECKED_AT_START = 64 << 20
"""Bytes: a second or so from a cold disk. People do not wait for the check of a larger file (`Store.damage`)."""
STRANGER_HOURS = 24
"""Beside other processes a file that no record knows is swept once it is so old: it may just be arriving."""
INSTANCE = "instance"
"""The fact that tells whether the last run was closed: open or clean."""
MOVED_TO = "moved_to"
"""The fact that tells to which database this one was moved: it is not served any more."""

BeforeUpgrade = Callable[[], Awaitable[None]]
"""Make a backup of a store that is about to be upgraded; while it does, the lock is held. What it raises stops it."""

_blobs = select(records.c.blob).where(has_blob)
_moved = select(facts.c.value).where(facts.c.key == bindparam("key"))


def database_path(url: str) -> Path:
    """Give the file of a sqlite:///FILE address; raises OperatorError for any other, never repeating it."""
    file = url.removeprefix(SQLITE)
    if file == url or file in {"", ":memory:"}:
        raise OperatorError(f"HELPLINE_DATABASE is neither {SQLITE}FILE nor {POSTGRES}USER:PASSWORD@HOST/NAME")
    return Path(file)


def is_postgres(url: str) -> bool:
    """Say whether an address is PostgreSQL's: then several processes may serve it, and there is no lock."""
    return url.startswith(POSTGRES)


def lock_path(url: str) -> Path:
    """Give the lock file of a database, which lies beside it."""
    return _beside(database_path(url), ".lock")


def socket_path(url: str) -> Path:
    """Give the command socket of a database, which lies beside its lock."""
    return _beside(database_path(url), ".sock")


@dataclass(frozen=True, slots=True)
class Store:
    """The ports of the store, open. Close it in `finally`: a connection left open keeps the process from ending.

    `peers` are the other processes of this database; None if there can be none.
    """

    inbox: SqlInbox
    outbox: SqlOutbox
    lanes: SqlLanes
    desk: SqlDesk
    console: SqlConsole
    blobs: BlobFolder
    gauges: SqlGauges
    database: Database
    peers: Peers | None
    _open: AsyncExitStack

    def starting(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from looking for keys, and making them, at the same time."""
        return nullcontext() if self.peers is None else self.peers.starting()

    async def begin_run(self) -> bool:
        """Say that this process serves people from now on. True if an earlier run was not closed.

        Alone, all leases that were held run out: nobody holds one. Beside others a lease runs out by its time.
        """
        known = await self.database.read(_known_blobs)
        if self.peers is not None:
            await self.blobs.sweep(known, older_than_hours=STRANGER_HOURS)
            return await self.peers.begin_run()
        unclean = await self.desk.get(INSTANCE) == "open"
        await self.desk.put(INSTANCE, "open")
        await self.database.write(leasing.run_out)
        await self.blobs.sweep(known)
        return unclean

    async def damage(self) -> int:
        """Check a file that was too large to be checked when it was opened; gives the findings, 0 for any other.

        Raises MachineError if it is too damaged to be read.
        """
        if self.peers is not None or await self.database.read(_bytes) <= CHECKED_AT_START:
            return 0
        return len(await self.database.read(_found_damage))

    async def end_run(self) -> None:
        """Say that this process stopped in good order."""
        if self.peers is not None:
            await self.peers.end_run()
        else:
            await self.desk.put(INSTANCE, "clean")

    async def close(self) -> None:
        """Wait for what is under way, write everything into the database file, drop the lock; safe to call twice."""
        await asyncio.shield(asyncio.get_running_loop().create_task(self._open.aclose()))


async def open_store(url: str, data: Path, *, before_upgrade: BeforeUpgrade | None = None) -> Store:
    """Open the store of an address, made if it is new, with its sealed files in `data`.

    A SQLite store of an older release is upgraded under the lock, after `before_upgrade` has made a backup of it.
    Raises OlderError if nobody makes one; OperatorError: other address, folder that cannot be written, database open to
    others, damaged, of a newer release or of another program, a migration that was undone, a server that cannot be
    reached; LockedError: another process has it; MachineError: sick disk or server.
    """
    stack = AsyncExitStack()
    try:
        make_private_folder(data)
        if is_postgres(url):
            return await _open_shared(stack, url, data)
        return await _open_file(stack, url, data, before_upgrade)
    except BaseException:
        await asyncio.shield(asyncio.get_running_loop().create_task(stack.aclose()))
        raise


async def _open_file(stack: AsyncExitStack, url: str, data: Path, before_upgrade: BeforeUpgrade | None) -> Store:
    path = database_path(url)
    make_private_folder(path.parent)
    stack.enter_context(InstanceLock(lock_path(url)))
    make_private_file(path)
    database = Database(sqlite_engines(path, readers=READERS))
    stack.push_async_callback(database.close)
    await _prepare(database)
    await _upgrade(database, before_upgrade)
    await _refuse_moved(database)
    return _store(stack, database, data, None)


async def _open_shared(stack: AsyncExitStack, url: str, data: Path) -> Store:
    address = Address.of(url)
    database = Database(postgres_engines(address, readers=READERS))
    stack.push_async_callback(database.close)
    await prepare(database)
    return _store(stack, database, data, Peers(database, address))


def _store(stack: AsyncExitStack, database: Database, data: Path, peers: Peers | None) -> Store:
    blobs = BlobFolder(data / "blobs")
    return Store(
        inbox=SqlInbox(database, blobs),
        outbox=SqlOutbox(database),
        lanes=SqlLanes(database),
        desk=SqlDesk(database, blobs),
        console=SqlConsole(database),
        blobs=blobs,
        gauges=SqlGauges(database),
        database=database,
        peers=peers,
        _open=stack,
    )


async def _upgrade(database: Database, before: BeforeUpgrade | None) -> None:
    """Bring a database to this release's schema."""
    name = database.name
    if await database.read(is_older, name):
        if before is None:
            raise OlderError(
                f"database {name} is of an older release: `./helpline upgrade` makes a backup and brings it up to "
                "date, and so does `./helpline run`"
            )
        await before()
    await database.write(migrate, name)


async def _refuse_moved(database: Database) -> None:
    """Refuse a database whose people are served from another by now: two helplines must not answer them."""
    moved = await database.read(lambda connection: connection.scalars(_moved, {"key": MOVED_TO}).first())
    if moved is not None:
        raise OperatorError(
            f"database {database.name} was moved to {moved}, which people are served from: set HELPLINE_DATABASE to it"
        )


async def _prepare(database: Database) -> None:
    """Check a database."""
    try:
        await database.open()
        is_small = await database.read(_bytes) <= CHECKED_AT_START
        damage = await database.read(_found_damage) if is_small else []
    except MachineError as error:
        # Other errors are a sick machine, and the file may be whole.
        if not re.search("not a database|malformed", str(error)):
            raise
        raise OperatorError(f"database {database.name} is damaged, or is none: restore the last backup") from error
    if damage:
        raise OperatorError(
            f"database {database.name} is damaged ({len(damage)} findings): keep a copy and restore the last backup"
        )
    if await database.read(_journal) != "wal":
        raise OperatorError(f"the file system of {database.name} cannot hold a WAL: set HELPLINE_DATABASE to a disk")


def _bytes(connection: Connection) -> int:
    sizes = (connection.scalars(text(f"PRAGMA {name}")).one() for name in ("page_count", "page_size"))
    return math.prod(int(size) for size in sizes)


def _found_damage(connection: Connection) -> list[str]:
    found = connection.scalars(text("PRAGMA quick_check(10)")).all()
    return [line for line in found if line != "ok"]


def _journal(connection: Connection) -> str:
    return str(connection.scalars(text("PRAGMA journal_mode")).one())


def _known_blobs(connection: Connection) -> frozenset[str]:
    return frozenset(blob for blob in connection.scalars(_blobs) if blob is not None)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
