"""Opening and closing the store: one folder, one lock, one database, brought up to date and checked before use."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, text

from bot.core.errors import MachineError, OperatorError
from bot.store import leasing
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.desk import SqlDesk
from bot.store.folder import InstanceLock, make_private_file, make_private_folder
from bot.store.inbox import SqlInbox
from bot.store.lanes import SqlLanes
from bot.store.migrating import OlderError, is_older, migrate
from bot.store.outbox import SqlOutbox
from bot.store.schema import records

SQLITE = "sqlite:///"
INSTANCE = "instance"
"""The fact that tells whether the last run was closed: open or clean."""

BeforeUpgrade = Callable[[], Awaitable[None]]
"""Make a backup of a store that is about to be upgraded; while it does, the lock is held. What it raises stops it."""

_blobs = select(records.c.blob).where(records.c.blob.is_not(None))


def database_path(url: str) -> Path:
    """Give the file of a sqlite:///FILE address; raises OperatorError for any other, never repeating it."""
    file = url.removeprefix(SQLITE)
    if file == url or file in {"", ":memory:"}:
        raise OperatorError(
            f"HELPLINE_DATABASE is not of the form {SQLITE}FILE, which is all that this release can serve: set it so"
        )
    return Path(file)


def lock_path(url: str) -> Path:
    """Give the lock file of a database, which lies beside it."""
    return _beside(database_path(url), ".lock")


def socket_path(url: str) -> Path:
    """Give the command socket of a database, which lies beside its lock."""
    return _beside(database_path(url), ".sock")


@dataclass(frozen=True, slots=True)
class Store:
    """The ports of the store, open. Close it in `finally`: a connection left open keeps the process from ending."""

    inbox: SqlInbox
    outbox: SqlOutbox
    lanes: SqlLanes
    desk: SqlDesk
    blobs: BlobFolder
    database: Database
    _open: AsyncExitStack

    async def begin_run(self) -> bool:
        """Say that this process serves people from now on. True if the last one that did was not closed.

        No other process can hold a lease then, so all that were held run out.
        """
        unclean = await self.desk.get(INSTANCE) == "open"
        await self.desk.put(INSTANCE, "open")
        await self.database.write(leasing.run_out)
        await self.blobs.sweep(await self.database.read(_known_blobs))
        return unclean

    async def end_run(self) -> None:
        """Say that this process stopped in good order."""
        await self.desk.put(INSTANCE, "clean")

    async def close(self) -> None:
        """Wait for what is under way, write everything into the database file, drop the lock; safe to call twice."""
        await asyncio.shield(asyncio.get_running_loop().create_task(self._open.aclose()))


async def open_store(url: str, data: Path, *, before_upgrade: BeforeUpgrade | None = None) -> Store:
    """Open the store of a sqlite:///FILE address, made if it is new, with its sealed files in `data`.

    A store of an older release is upgraded under the lock, after `before_upgrade` has made a backup of it. Raises
    OlderError if nobody makes one; OperatorError: other address, folder that cannot be written, database open to
    others, damaged, of a newer release or of another program, or a migration that was undone; LockedError: another
    process has it; MachineError: sick disk.
    """
    stack = AsyncExitStack()
    try:
        return await _open(stack, url, data, before_upgrade)
    except BaseException:
        await asyncio.shield(asyncio.get_running_loop().create_task(stack.aclose()))
        raise


async def _open(stack: AsyncExitStack, url: str, data: Path, before_upgrade: BeforeUpgrade | None) -> Store:
    path = database_path(url)
    make_private_folder(data)
    make_private_folder(path.parent)
    stack.enter_context(InstanceLock(lock_path(url)))
    make_private_file(path)
    database = Database(path)
    stack.push_async_callback(database.close)
    await _prepare(database)
    await _upgrade(database, before_upgrade)
    blobs = BlobFolder(data / "blobs")
    return Store(
        inbox=SqlInbox(database, blobs),
        outbox=SqlOutbox(database),
        lanes=SqlLanes(database),
        desk=SqlDesk(database, blobs),
        blobs=blobs,
        database=database,
        _open=stack,
    )


async def _upgrade(database: Database, before: BeforeUpgrade | None) -> None:
    """Bring a database to this release's schema."""
    name = str(database.path)
    if await database.read(is_older, name):
        if before is None:
            raise OlderError(
                f"database {name} is of an older release: `./helpline upgrade` makes a backup and brings it up to "
                "date, and so does `./helpline run`"
            )
        await before()
    await database.write(migrate, name)


async def _prepare(database: Database) -> None:
    """Check a database."""
    try:
        await database.open()
        damage = await database.read(_found_damage)
    except MachineError as error:
        # Other errors are a sick machine, and the file may be whole.
        if not re.search("not a database|malformed", str(error)):
            raise
        raise OperatorError(f"database {database.path} is damaged, or is none: restore the last backup") from error
    if damage:
        raise OperatorError(
            f"database {database.path} is damaged ({len(damage)} findings): keep a copy and restore the last backup"
        )
    if await database.read(_journal) != "wal":
        raise OperatorError(f"the file system of {database.path} cannot hold a WAL: set HELPLINE_DATABASE to a disk")


def _found_damage(connection: Connection) -> list[str]:
    found = connection.scalars(text("PRAGMA quick_check(10)")).all()
    return [line for line in found if line != "ok"]


def _journal(connection: Connection) -> str:
    return str(connection.scalars(text("PRAGMA journal_mode")).one())


def _known_blobs(connection: Connection) -> frozenset[str]:
    return frozenset(blob for blob in connection.scalars(_blobs) if blob is not None)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
