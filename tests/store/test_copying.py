"""A copy is the store as it was at one moment, whole; what is not is refused before it is used."""

import asyncio
import json
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.store.backup_files import BackupFolder
from bot.store.copier import StoreCopier
from bot.store.copying import DATABASE, packed
from bot.store.opening import Store, open_store
from bot.store.restoring import put_in_place, unpack
from tests.store.making import arrival, frames

NOW = datetime(2026, 3, 1, 20, tzinfo=UTC)
BLOB = "a" * 32


def scratches(data: Path) -> list[str]:
    """Name the scratch folders that lie in the data folder."""
    return [path.name for path in data.glob("scratch-*")]


async def copied(lite: Store, data: Path) -> bytes:
    """Copy a store that is open."""
    return b"".join([chunk async for chunk in StoreCopier(Path(lite.database.name), data).copy(NOW)])


def members(copy: bytes) -> dict[str, bytes]:
    """Take a copy apart."""
    with tarfile.open(fileobj=BytesIO(copy)) as archive:
        files = {entry.name: archive.extractfile(entry) for entry in archive}
    return {name: file.read() for name, file in files.items() if file is not None}


def packed_again(parts: dict[str, bytes]) -> Iterator[bytes]:
    """Put a copy together again, as somebody might who has the recovery words and bad luck or bad intent."""
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return iter([whole.getvalue()])


async def with_a_file(lite: Store) -> None:
    """Let a record name a sealed file."""
    await lite.blobs.write(BLOB, frames(b"sealed"))
    with closing(sqlite3.connect(Path(lite.database.name))) as other, other:
        other.execute("PRAGMA foreign_keys = off")
        other.execute(
            "INSERT INTO cases (seq, id, number, lane, state, mark, urgency, created_at, updated_at, contact, language,"
            " unheard, rev, public_key) VALUES (1, 'c', 'N', 'l', 'new', '', 'P3', 0, 0, '', 'km', 1, 0, x'00')"
        )
        other.execute(
            "INSERT INTO records (seq, id, case_id, sealed, at, media, blob) VALUES (1, 'r', 'c', x'00', 0, 1, ?)",
            (BLOB,),
        )


async def test_a_copy_comes_back_as_it_was(lite: Store, data: Path, tmp_path: Path) -> None:
    """Rows and sealed files, opened as a store; while it is made, the store goes on."""
    await with_a_file(lite)
    await lite.inbox.receive([arrival("1")])
    copy = await copied(lite, data)
    await lite.inbox.receive([arrival("2")])
    new = tmp_path / "new"
    (new / "scratch").mkdir(parents=True)
    restored = unpack(iter([copy]), new / "scratch")
    put_in_place(new / "scratch", data=new, database=new / DATABASE)

    again = await open_store(f"sqlite:///{new / DATABASE}", new)
    assert await again.inbox.waiting() == [1]
    assert [chunk async for chunk in again.blobs.read(BLOB)] == [b"sealed"]
    await again.close()
    assert (restored.blobs, restored.missing, restored.rows["inbox"]) == (1, 0, 1)


async def test_a_copy_leaves_nothing_behind(lite: Store, data: Path) -> None:
    """The scratch folder is gone, also when nobody wants the rest, and what a killed process left."""
    old = data / "scratch-old"
    old.mkdir()
    copy = StoreCopier(Path(lite.database.name), data).copy(NOW)
    assert await anext(copy)
    assert len(scratches(data)) == 1
    assert scratches(data) != [old.name]
    await copy.aclose()

    assert scratches(data) == []


async def test_a_file_that_is_gone_does_not_stop_a_copy(lite: Store, data: Path, tmp_path: Path) -> None:
    """A case destroyed while the copy is made takes its files along; the backup says how many were not there."""
    await with_a_file(lite)
    await lite.blobs.delete([BLOB])

    assert unpack(iter([await copied(lite, data)]), tmp_path).missing == 1


async def test_a_stopping_helpline_does_not_wait_for_a_copy(lite: Store, data: Path) -> None:
    """Cancelled while the database is being copied, it ends at once and cleans up."""
    await lite.inbox.receive([arrival(str(n)) for n in range(3000)])
    copy = StoreCopier(Path(lite.database.name), data).copy(NOW)
    job = asyncio.ensure_future(anext(copy))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await copy.aclose()

    assert scratches(data) == []


def test_a_copy_ends_when_it_is_told_to(empty_database: Path, tmp_path: Path) -> None:
    """Also in the middle of a large database: SQLite itself is asked to stop."""
    large = tmp_path / DATABASE
    shutil.copy(empty_database, large)
    with closing(sqlite3.connect(large)) as other, other:
        numbers = "WITH r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 50000) SELECT x FROM r"
        other.execute("CREATE TABLE large AS " + numbers)
    with pytest.raises(MachineError, match="interrupted"):
        list(packed(large, tmp_path, now=NOW, stopped=lambda: True))


def _newer(parts: dict[str, bytes]) -> dict[str, bytes]:
    about = json.loads(parts["about.json"]) | {"schema": "9999"}
    return parts | {"about.json": json.dumps(about).encode()}


def _fewer_rows(parts: dict[str, bytes]) -> dict[str, bytes]:
    about = json.loads(parts["about.json"])
    about["rows"]["inbox"] += 1
    return parts | {"about.json": json.dumps(about).encode()}


def _other_bytes(parts: dict[str, bytes]) -> dict[str, bytes]:
    return parts | {DATABASE: parts[DATABASE][:-1] + b"x"}


def _leading_out(parts: dict[str, bytes]) -> dict[str, bytes]:
    return parts | {"blobs/../../../etc/helpline": b""}


def _unmade(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in parts.items() if name != "manifest.json"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_newer, "newer release"),
        (_fewer_rows, "damaged"),
        (_other_bytes, "not those it was made of"),
        (_leading_out, "not as this release writes it"),
        (_unmade, "not as this release writes it"),
        (lambda parts: {}, "not as this release writes it"),
    ],
)
async def test_what_is_not_whole_is_refused(
    lite: Store,
    data: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    told: str,
) -> None:
    """Newer, damaged when it was made, with files of other bytes or names: refused, and no name leads out."""
    parts = change(members(await copied(lite, data)))
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(OperatorError, match=told):
        unpack(packed_again(parts), target)

    if change is _newer:
        assert list(target.iterdir()) == []


async def test_a_rehearsal_finds_the_copy_of_another_store(lite: Store, data: Path) -> None:
    """The weekly test opens the copy as a store, and holds its key against that of the store it should be of."""
    copier = StoreCopier(Path(lite.database.name), data)
    await lite.desk.put("key_check", "one")
    copy = await copied(lite, data)
    await copier.rehearse(iter([copy]))
    await lite.desk.put("key_check", "another")
    with pytest.raises(OperatorError, match="not of this store"):
        await copier.rehearse(iter([copy]))

    assert scratches(data) == []


async def test_a_backup_is_private_and_whole_or_not_there(tmp_path: Path) -> None:
    """A disk that fills leaves no half backup, and the old one where it is; the next one takes away what is left."""
    folder = BackupFolder(tmp_path / "backups")
    first = await folder.write(NOW, frames(b"first"))
    (folder.path / "killed.part").touch()
    with pytest.raises(MachineError, match="full"):
        await folder.write(NOW.replace(hour=21), _filling_the_disk())

    assert [path.name for path in folder.path.iterdir()] == [first] == ["helpline-20260301-200000.backup"]
    assert stat.S_IMODE((folder.path / first).stat().st_mode) == 0o600
    assert await folder.made() == [(NOW, first)]


async def _filling_the_disk() -> AsyncIterator[bytes]:
    yield b"half"
    raise MachineError("the disk is full")
