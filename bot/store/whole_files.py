"""Files that are there whole or not at all: written under another name, synced, then renamed into place."""

import asyncio
import os
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.core.errors import MachineError

UNFINISHED = ".part"
"""The ending of a file that is being written."""
_MIB = 1024 * 1024

P = ParamSpec("P")
T = TypeVar("T")


async def write_whole(target: Path, chunks: AsyncIterable[bytes]) -> None:
    """Write a private file (mode 0600), durable when this returns; nothing is left if it fails.

    Raises MachineError when the disk is full or sick, and whatever the chunks raise.
    """
    draft = target.with_suffix(UNFINISHED)
    creating = asyncio.ensure_future(on_disk(target.parent, _create, draft))
    try:
        file = await asyncio.shield(creating)
    except asyncio.CancelledError:
        # The thread goes on: what it created belongs to nobody but this.
        await asyncio.shield(on_disk(target.parent, _abandon, await creating, draft))
        raise
    try:
        async for chunk in chunks:
            await on_disk(target.parent, file.write, chunk)
        await on_disk(target.parent, _finish, file, draft, target)
    except BaseException:
        await asyncio.shield(on_disk(target.parent, _abandon, file, draft))
        raise


async def on_disk(folder: Path, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something in a folder, in a thread; raises MachineError."""
    with disk_errors(folder):
        return await asyncio.to_thread(act, *args, **kwargs)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Tell a sick or full disk as MachineError."""
    try:
        yield
    except OSError as sick:
        raise MachineError(
            f"a sealed file in {folder} cannot be kept or read ({sick.strerror}): look at the disk and its space"
        ) from sick


def sync_folder(folder: Path) -> None:
    """Make durable what was created, renamed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def wipe(path: Path) -> None:
    """Overwrite a file and remove it, or a folder with all that is in it; does nothing if it is gone.

    A copy of the database holds what may be destroyed in it tomorrow; what was only unlinked stays on the disk.
    """
    if path.is_dir():
        for one in path.iterdir():
            wipe(one)
        path.rmdir()
    elif path.exists():
        with suppress(OSError), path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            for start in range(0, size, _MIB):
                file.write(bytes(min(_MIB, size - start)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _create(draft: Path) -> BufferedWriter:
    draft.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "wb")


def _finish(file: BufferedWriter, draft: Path, target: Path) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    sync_folder(target.parent)


def _abandon(file: BufferedWriter, draft: Path) -> None:
    try:
        # Closing writes what is still in memory, which fails again on a full disk.
        file.close()
    finally:
        draft.unlink(missing_ok=True)
