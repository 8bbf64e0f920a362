"""Sealed files in a folder: whole or not there at all, under random names that tell nothing of who sent them."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from io import BufferedWriter
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.core.errors import MachineError, OperatorError
from bot.service.storing import Blobs

CHUNK_BYTES = 64 * 1024
_NAME = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".part"

P = ParamSpec("P")
T = TypeVar("T")


class BlobFolder(Blobs):
    """Keep sealed files in one folder, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def write(self, name: str, frames: AsyncIterable[bytes]) -> None:
        """Keep a sealed file under a name of 32 hex digits, durable when this returns; nothing is left if it fails.

        Raises MachineError when the disk is full or sick, and whatever the frames raise.
        """
        target = self._at(name)
        draft = target.with_suffix(_UNFINISHED)
        blob = await self._do(_create, draft)
        try:
            async for frame in frames:
                await self._do(blob.write, frame)
            await self._do(_finish, blob, draft, target)
        except BaseException:
            await asyncio.shield(self._do(_abandon, blob, draft))
            raise

    async def read(self, blob: str) -> AsyncIterator[bytes]:
        """Read a sealed file in chunks; raises OperatorError if it is not there."""
        path = self._at(blob)
        if not path.exists():
            raise OperatorError(f"sealed file {path} is missing: restore the folder from the backup of the database")
        opened = await self._do(path.open, "rb")
        try:
            while chunk := await self._do(opened.read, CHUNK_BYTES):
                yield bytes(chunk)
        finally:
            opened.close()

    async def delete(self, blobs: Sequence[str]) -> None:
        """Delete sealed files; those already gone are passed over."""
        await self._do(_delete, self.path, [self._at(blob) for blob in blobs])

    async def sweep(self, known: frozenset[str], *, older_than_hours: float = 0.0) -> int:
        """Delete what no record knows, left by a stop between two steps; gives how many files.

        While others may be writing, only what is older than any download lasts.
        """
        found = await self._do(_strangers, self.path, known, older_than_hours)
        await self._do(_delete, self.path, found)
        return len(found)

    def _at(self, blob: str) -> Path:
        # Names come from the database, but nothing that is read from there may lead out of the folder.
        if not _NAME.fullmatch(blob):
            raise OperatorError(f"a record names no sealed file of {self.path}: the database was altered; restore it")
        return self.path / blob

    async def _do(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(act, *args, **kwargs)
        except OSError as sick:
            raise MachineError(
                f"a sealed file in {self.path} cannot be kept or read ({sick.strerror}): look at the disk and its space"
            ) from sick


def _create(draft: Path) -> BufferedWriter:
    draft.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "wb")


def _finish(blob: BufferedWriter, draft: Path, target: Path) -> None:
    with blob:
        blob.flush()
        os.fsync(blob.fileno())
    draft.rename(target)
    _sync_folder(target.parent)


def _abandon(blob: BufferedWriter, draft: Path) -> None:
    try:
        # Closing writes what is still in memory, which fails again on a full disk.
        blob.close()
    finally:
        draft.unlink(missing_ok=True)


def _strangers(folder: Path, known: frozenset[str], hours: float) -> Sequence[Path]:
    if not folder.exists():
        return []
    strangers = [path for path in folder.glob("*") if path.name not in known]
    newest = time.time() - hours * 3600
    return [path for path in strangers if not hours or path.stat().st_mtime < newest]


def _delete(folder: Path, paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    if paths:
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
