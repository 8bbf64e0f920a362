"""The copier of a store on SQLite: what backups ask of the store. Its work runs in threads and ends when told to."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.core.errors import MachineError, OperatorError
from bot.service.backing_up import Copier
from bot.service.vaulting import Recipient
from bot.store.copying import DATABASE, key_check_of, packed, recipients_of, scratch_folder
from bot.store.opening import open_store
from bot.store.restoring import unpack

T = TypeVar("T")


class StoreCopier(Copier):
    """Copy the store of a database file and a data folder. Only for whoever holds its lock."""

    def __init__(self, database: Path, data: Path) -> None:
        self._database = database
        self._data = data

    async def recipients(self) -> list[Recipient]:
        """List to whom the store seals."""
        return await asyncio.to_thread(recipients_of, self._database)

    async def copy(self, now: datetime) -> AsyncGenerator[bytes, None]:
        """Give a copy of the store in chunks; raises MachineError."""
        stop = threading.Event()
        chunks = packed(self._database, self._data, now=now, stopped=stop.is_set)
        try:
            while (chunk := await _to_the_end(lambda: next(chunks, None), stop)) is not None:
                yield chunk
        finally:
            await asyncio.shield(asyncio.to_thread(chunks.close))

    async def rehearse(self, pieces: Iterator[bytes]) -> None:
        """Restore a copy into a scratch folder and open it there as a store.

        Raises OperatorError if it is not whole or not of this store, MachineError for a sick disk.
        """
        stop = threading.Event()
        await _to_the_end(lambda: self._rehearse(_until(pieces, stop)), stop)

    def _rehearse(self, pieces: Iterator[bytes]) -> None:
        with scratch_folder(self._data) as scratch:
            unpack(pieces, scratch)
            copied = scratch / DATABASE
            if key_check_of(copied) != key_check_of(self._database):
                raise OperatorError("the copy is not of this store: its server key is another; look at the disk")
            asyncio.run(_open_and_look(copied))


async def _open_and_look(database: Path) -> None:
    store = await open_store(f"sqlite:///{database}", database.parent)
    try:
        await store.desk.queue(limit=1)
    finally:
        await store.close()


def _until(pieces: Iterator[bytes], stop: threading.Event) -> Iterator[bytes]:
    for piece in pieces:
        if stop.is_set():
            raise MachineError("the test of a backup was broken off: the helpline is stopping")
        yield piece


async def _to_the_end(work: Callable[[], T], stop: threading.Event) -> T:
    """Run work in a thread; who is cancelled tells it to stop, and waits until it has and has cleaned up."""
    job = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([job])
        job.exception()
        raise
