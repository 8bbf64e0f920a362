"""Files that are there whole or not at all, whatever becomes of who writes them."""

import asyncio
from pathlib import Path

import pytest

from bot.store.whole_files import UNFINISHED, write_whole
from tests.store.making import frames


async def test_who_is_cancelled_while_a_file_is_created_leaves_nothing(tmp_path: Path) -> None:
    """A stop in that very moment must not leave an open file, nor its beginning on the disk."""
    draft = (tmp_path / "backup").with_suffix(UNFINISHED)
    writing = asyncio.create_task(write_whole(tmp_path / "backup", frames(b"one", b"two")))
    for _ in range(3):
        await asyncio.sleep(0)
    while not draft.exists():  # a thread creates it; what came of that is not heard of before this task is cancelled
        pass
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert _lying_in(tmp_path) == []


def _lying_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())
