"""Sealed files in a folder: whole or not there at all, under random names that tell nothing of who sent them."""

import re
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.core.errors import OperatorError
from bot.service.storing import Blobs
from bot.store.whole_files import on_disk, sync_folder, write_whole

CHUNK_BYTES = 64 * 1024
_NAME = re.compile(r"[0-9a-f]{32}")

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
        await write_whole(self._at(name), frames)

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

    async def count(self, blobs: Sequence[str]) -> int:
        """Count those of these sealed files that are here."""
        return await self._do(_count, [self._at(blob) for blob in blobs])

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
        return await on_disk(self.path, act, *args, **kwargs)


def _strangers(folder: Path, known: frozenset[str], hours: float) -> Sequence[Path]:
    if not folder.exists():
        return []
    strangers = [path for path in folder.glob("*") if path.name not in known]
    newest = time.time() - hours * 3600
    return [path for path in strangers if not hours or path.stat().st_mtime < newest]


def _count(paths: Sequence[Path]) -> int:
    return sum(path.exists() for path in paths)


def _delete(folder: Path, paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    if paths:
        sync_folder(folder)
