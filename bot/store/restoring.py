"""Unpacking a copy of the store: into a scratch folder, held against what it says of itself, and only then into place.

Whoever unpacks has the stream from an opened backup, so it is as it was sealed. It is checked all the same: a disk can
lie, and a backup may come from another release or hold a store that was damaged when it was made.
"""

import hashlib
import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import IO, Any

from bot.core.errors import MachineError, OperatorError
from bot.store.copying import ABOUT, BLOBS, CHUNK_BYTES, DATABASE, FORMAT, MANIFEST, reading, revision_of, rows_of
from bot.store.migrating import revisions
from bot.store.whole_files import sync_folder

_SMALL = 64 * 1024 * 1024
"""A list of names and digests; 400,000 of them fit."""
_OTHER = "is not as this release writes it: use the release that made it, or take another backup"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup holds: when it was made, its schema, rows of each table, files, and how many were missing then."""

    made: str
    schema: str
    rows: Mapping[str, int]
    blobs: int
    missing: int


def unpack(pieces: Iterator[bytes], target: Path) -> Restored:
    """Unpack a copy into an empty folder and check it: digests, rows, the database itself. May block.

    Raises OperatorError if it is of a newer release, or not whole in itself; MachineError for a sick disk. Nothing is
    written before the release is known.
    """
    try:
        return _unpacked(pieces, target)
    except OSError as sick:
        raise MachineError(f"{target} cannot be written ({sick.strerror}): look at the disk and its space") from sick
    except (tarfile.TarError, ValueError, KeyError, TypeError) as other:
        raise OperatorError(f"the backup {_OTHER}") from other


def put_in_place(unpacked: Path, *, data: Path, database: Path) -> None:
    """Move an unpacked store where the helpline looks for it, the database last; raises MachineError."""
    try:
        if (unpacked / BLOBS).exists():
            if (data / BLOBS).exists():
                (data / BLOBS).rmdir()  # empty, or nothing would have been restored
            (unpacked / BLOBS).rename(data / BLOBS)
        sync_folder(data)
        (unpacked / DATABASE).rename(database)
        sync_folder(database.parent)
    except OSError as sick:
        raise MachineError(f"{data} cannot be written ({sick.strerror}): look at the disk, then empty it") from sick


def _unpacked(pieces: Iterator[bytes], target: Path) -> Restored:
    digests: dict[str, str] = {}
    about: dict[str, Any] = {}
    manifest: dict[str, Any] = {}
    with tarfile.open(fileobj=_Stream(pieces), mode="r|", bufsize=CHUNK_BYTES) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            if content is None:
                raise OperatorError(f"the backup {_OTHER}")
            if not about:
                about = _about(entry.name, _small(content, entry.size))
            elif entry.name == MANIFEST:
                manifest = json.loads(_small(content, entry.size))
            else:
                digests[entry.name] = _written(content, _place(target, entry.name))
    # Whoever opens the stream checks its end only when it is asked for it.
    for _ in pieces:
        pass
    if digests != manifest["files"]:
        raise OperatorError("files of the backup are not those it was made of: take another one")
    _check_database(target / DATABASE, about)
    return Restored(about["made"], about["schema"], about["rows"], len(digests) - 1, len(manifest["missing"]))


def _about(name: str, content: bytes) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(content)
    if name != ABOUT or about["format"] != FORMAT or about["schema"] not in revisions():
        raise OperatorError(
            f"the backup was made by a newer release (schema {about.get('schema')}): install that release, or a later "
            "one, and restore with it"
        )
    return about


def _small(content: IO[bytes], size: int) -> bytes:
    if size > _SMALL:
        raise OperatorError(f"the backup {_OTHER}")
    return content.read()


def _place(target: Path, name: str) -> Path:
    """Give the place of a file; a name of ours only, so that nothing leads out of the folder."""
    blob = name.removeprefix(BLOBS)
    if name != DATABASE and not (name.startswith(BLOBS) and len(blob) == 32 and blob.isalnum()):
        raise OperatorError(f"the backup {_OTHER}")
    return target / name


def _written(content: IO[bytes], path: Path) -> str:
    """Write a file, and give its digest as it is read back."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w+b") as file:
        while chunk := content.read(CHUNK_BYTES):
            file.write(chunk)
        file.flush()
        os.fsync(handle)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_database(path: Path, about: Mapping[str, Any]) -> None:
    """Refuse a database that is damaged, or holds other rows than were counted when it was copied."""
    try:
        with reading(path) as connection:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(10)")]
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
            is_same = rows_of(connection) == about["rows"] and revision_of(connection) == about["schema"]
    except sqlite3.Error as error:
        raise OperatorError(f"the database in the backup is damaged ({error}): take another backup") from error
    if found != ["ok"] or strays or not is_same:
        raise OperatorError("the database in the backup is damaged: take another backup")


class _Stream(RawIOBase):
    """Read what an iterator gives."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._waiting = bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._waiting) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._waiting += piece
        size = len(self._waiting) if size < 0 else size
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken
