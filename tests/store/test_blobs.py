"""Sealed files are whole or not there, and nothing leads out of their folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.store.blobs import CHUNK_BYTES, BlobFolder
from tests.store.making import frames

NAME = "0123456789abcdef" * 2


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    """A folder that is not there yet."""
    return BlobFolder(tmp_path / "blobs")


async def test_a_file_is_read_as_it_was_written(blobs: BlobFolder) -> None:
    """Frames in, chunks out, byte for byte."""
    given = bytes(range(256)) * 1024
    await blobs.write(NAME, frames(given[:10], given[10:70_000], given[70_000:]))
    chunks = [chunk async for chunk in blobs.read(NAME)]

    assert b"".join(chunks) == given
    assert max(len(chunk) for chunk in chunks) == CHUNK_BYTES


async def test_a_file_that_fails_midway_leaves_nothing(blobs: BlobFolder) -> None:
    """A download that breaks off is no attachment; its own error is passed on."""

    async def breaking() -> AsyncIterator[bytes]:
        yield b"some"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.write(NAME, breaking())

    assert list(blobs.path.iterdir()) == []


async def test_a_file_is_not_there_before_it_is_whole(blobs: BlobFolder) -> None:
    """Its name appears with the last byte on disk."""
    seen: list[str] = []

    async def looking() -> AsyncIterator[bytes]:
        yield b"some"
        seen.extend(path.suffix for path in blobs.path.iterdir())

    await blobs.write(NAME, looking())

    assert seen == [".part"]
    assert [path.name for path in blobs.path.iterdir()] == [NAME]


async def test_deleting_twice_is_deleting(blobs: BlobFolder) -> None:
    """A stop after the first time does not matter."""
    await blobs.write(NAME, frames(b"sealed"))
    await blobs.delete([NAME])
    await blobs.delete([NAME])
    await blobs.delete([])

    assert list(blobs.path.iterdir()) == []


async def test_a_missing_file_is_told(blobs: BlobFolder) -> None:
    """A record whose file was lost is no empty file."""
    with pytest.raises(OperatorError, match="missing"):
        await anext(aiter(blobs.read(NAME)))


@pytest.mark.parametrize("name", ["../helpline.db", "/etc/passwd", "", ".", "A" * 32, "0" * 31, "0" * 32 + "\n"])
async def test_no_name_leads_out_of_the_folder(blobs: BlobFolder, name: str) -> None:
    """Names are ours: 32 hex digits, and never a sender's."""
    with pytest.raises(OperatorError, match="altered"):
        await blobs.write(name, frames(b"sealed"))
    with pytest.raises(OperatorError, match="altered"):
        await blobs.delete([name])
    with pytest.raises(OperatorError, match="altered"):
        await anext(aiter(blobs.read(name)))


async def test_a_sick_disk_is_told(tmp_path: Path) -> None:
    """A file that cannot be kept is a sick machine: it is tried again."""
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="look at the disk"):
        await BlobFolder(tmp_path / "file" / "blobs").write(NAME, frames(b"sealed"))


async def test_only_strangers_are_swept(blobs: BlobFolder) -> None:
    """What a record knows stays."""
    other = "f" * 32
    await blobs.write(NAME, frames(b"sealed"))
    await blobs.write(other, frames(b"sealed"))

    assert await blobs.sweep(frozenset({NAME})) == 1
    assert [path.name for path in blobs.path.iterdir()] == [NAME]
