"""A consistent copy of the store as one stream: what a backup holds, before it is sealed.

The stream is a tar of plain files under names of our own:

    about.json      format, schema, instant, rows of each table
    helpline.db     the database as it was at one moment, compacted: what was deleted is not in it
    blobs/NAME      each sealed file that a record of that moment names
    manifest.json   the SHA-256 of each file, and the names of sealed files that were not there any more

Nothing here depends on this release's tables beyond a few columns, so that a store of an older release can be copied
before it is upgraded. The keys folder is never read. All of it blocks: it is for a thread.
"""

import hashlib
import json
import secrets
import sqlite3
import tarfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from bot.core.errors import MachineError
from bot.service.vaulting import Recipient
from bot.store.whole_files import disk_errors, wipe

FORMAT = 1
ABOUT, DATABASE, MANIFEST, BLOBS = "about.json", "helpline.db", "manifest.json", "blobs/"
SCRATCH = "scratch-"
"""Folders of copies, inside the data folder, are named so; they are gone when their work is done."""
CHUNK_BYTES = 256 * 1024
_BLOCK = 512
_STEPS = 10_000  # of SQLite's machine, between two looks at whether to stop: a few milliseconds

_RECIPIENTS = "SELECT id, public_key FROM recipients WHERE active"
_REVISION = "SELECT version_num FROM alembic_version"
_KEY_CHECK = "SELECT value FROM facts WHERE key = 'key_check'"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_KNOWN_BLOBS = "SELECT blob FROM records WHERE blob IS NOT NULL ORDER BY blob"


def packed(database: Path, data: Path, *, now: datetime, stopped: Callable[[], bool]) -> Generator[bytes, None, None]:
    """Give a copy of the store in chunks; a running helpline goes on meanwhile. Only for whoever holds the lock.

    Raises MachineError for a sick or full disk, and soon after `stopped` says so.
    """
    with scratch_folder(data) as scratch, disk_errors(data):
        copied = scratch / DATABASE
        _copy_database(database, copied, stopped)
        about, names = _described(copied, now)
        packer = _Packer()
        yield packer.small(ABOUT, about)
        yield from packer.file(DATABASE, copied)
        for name in names:
            yield from packer.file(BLOBS + name, data / BLOBS / name)
        yield packer.end()


def recipients_of(database: Path) -> list[Recipient]:
    """List to whom a store seals, whatever release wrote it; raises MachineError."""
    with reading(database) as connection:
        return [Recipient(*row) for row in connection.execute(_RECIPIENTS)]


@contextmanager
def scratch_folder(data: Path, *, kind: str = SCRATCH) -> Iterator[Path]:
    """Give an empty private folder on the disk of the data; what is in it is overwritten and removed at the end.

    What a killed process left behind is removed first, so only one of a kind at a time. Raises MachineError.
    """
    folder = data / f"{kind}{secrets.token_hex(8)}"
    with disk_errors(data):
        for left in data.glob(f"{kind}*"):
            wipe(left)
        folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        with disk_errors(data):
            wipe(folder)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database file that is only read; raises MachineError for a sick or damaged one."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise MachineError(f"database {path} cannot be copied or read ({error}): look at the disk") from error


def rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of each table."""
    names = [str(row[0]) for row in connection.execute(_TABLES)]
    count = 'SELECT count(*) FROM "{}"'
    return {name: int(connection.execute(count.format(name)).fetchone()[0]) for name in names}


def revision_of(connection: sqlite3.Connection) -> str:
    """Give the schema of a database."""
    return str(connection.execute(_REVISION).fetchone()[0])


def key_check_of(database: Path) -> str | None:
    """Give what the server key of a store is held against; None if it has no key yet. Raises MachineError."""
    with reading(database) as connection:
        found = connection.execute(_KEY_CHECK).fetchone()
    return str(found[0]) if found else None


def _copy_database(source: Path, target: Path, stopped: Callable[[], bool]) -> None:
    """Copy a database as it is at one moment: a reader's snapshot, which waits for nobody and stops nobody."""
    target.touch(mode=0o600)
    with reading(source) as connection:
        connection.set_progress_handler(stopped, _STEPS)
        connection.execute("VACUUM INTO ?", (str(target),))


def _described(copied: Path, now: datetime) -> tuple[bytes, list[str]]:
    with reading(copied) as connection:
        about = {
            "format": FORMAT,
            "schema": revision_of(connection),
            "made": now.isoformat(timespec="seconds"),
            "rows": rows_of(connection),
        }
        return json.dumps(about).encode(), [str(row[0]) for row in connection.execute(_KNOWN_BLOBS)]


class _Packer:
    """Write a tar, and note what is in it."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self._missing: list[str] = []

    def small(self, name: str, content: bytes) -> bytes:
        return _header(name, len(content)) + content + _filling(len(content))

    def file(self, name: str, path: Path) -> Iterator[bytes]:
        """Give a file that nobody changes; one that is gone (its case was destroyed meanwhile) is noted."""
        try:
            opened = path.open("rb")
        except FileNotFoundError:
            self._missing.append(name)
            return
        with opened:
            size = path.stat().st_size
            yield _header(name, size)
            digest, left = hashlib.sha256(), size
            while chunk := opened.read(min(CHUNK_BYTES, left)):
                digest.update(chunk)
                left -= len(chunk)
                yield chunk
        if left:
            raise MachineError(f"{path} became shorter while it was read: look at the disk")
        yield _filling(size)
        self._digests[name] = digest.hexdigest()

    def end(self) -> bytes:
        manifest = {"files": self._digests, "missing": self._missing}
        return self.small(MANIFEST, json.dumps(manifest).encode()) + bytes(2 * _BLOCK)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(format=tarfile.GNU_FORMAT)


def _filling(size: int) -> bytes:
    return bytes(-size % _BLOCK)
