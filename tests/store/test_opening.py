"""A store opens whole or not at all, and says what is wrong and how to mend it."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import OperatorError
from bot.store import opening
from bot.store.folder import LockedError
from bot.store.opening import Store, database_path, lock_path, open_store, socket_path
from tests.store.making import arrival, frames, lease, row, save


async def opened_once(url: str, data: Path) -> None:
    """Make a store and close it."""
    await (await open_store(url, data)).close()


def modes(folder: Path) -> dict[str, int]:
    """Give the rights of a folder and all that is in it."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def put_file(path: Path, content: bytes = b"", *, mode: int = 0o600) -> None:
    """Put a file where the database will be looked for."""
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(mode)


async def test_a_new_store_is_private(url: str, data: Path) -> None:
    """Folder, database, journal, lock and sealed files are nobody else's to read, whatever the umask."""
    before = os.umask(0)
    try:
        store = await open_store(url, data)
        await store.blobs.write("0" * 32, frames(b"sealed"))
        found = modes(data)
        await store.close()
    finally:
        os.umask(before)

    assert {name for name, mode in found.items() if mode & 0o077} == set()
    assert {"data", "helpline.db", "helpline.db-wal", "helpline.db.lock", "blobs", "0" * 32} <= set(found)


async def test_what_was_kept_is_there_after_a_restart(url: str, data: Path) -> None:
    """A restart forgets nothing, and leaves one file behind that holds everything."""
    store = await open_store(url, data)
    await store.inbox.receive([arrival("1")])
    await store.close()
    left = set(modes(data)) - {"data"}
    again = await open_store(url, data)
    waiting = await again.inbox.waiting()
    await again.close()

    assert waiting == [1]
    assert left == {"helpline.db", "helpline.db.lock"}


async def test_one_process_at_a_time(lite: Store, url: str, data: Path) -> None:
    """A second instance is refused by name of the lock, and changes nothing."""
    with pytest.raises(LockedError, match=r"helpline\.db\.lock is locked"):
        await open_store(url, data)

    assert await lite.inbox.receive([arrival("1")]) == 1


async def test_a_database_open_to_others_is_refused(url: str, data: Path) -> None:
    """Who may have read it already is a question for a human."""
    await opened_once(url, data)
    database_path(url).chmod(0o644)
    with pytest.raises(OperatorError, match=r"mode 0644.*chmod 600"):
        await open_store(url, data)

    database_path(url).chmod(0o600)
    await opened_once(url, data)


async def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A read-only or wrong place is told before anyone is served."""
    wrong = tmp_path / "a file"
    wrong.touch()
    with pytest.raises(OperatorError, match=r"cannot be written.*HELPLINE_DATA"):
        await open_store(f"sqlite:///{wrong}/helpline.db", wrong)


async def test_a_folder_in_place_of_the_database_is_refused(url: str, data: Path) -> None:
    """A database is a plain file."""
    database_path(url).mkdir(parents=True)
    with pytest.raises(OperatorError, match="not a plain file"):
        await open_store(url, data)


async def test_a_database_of_a_newer_release_is_refused(url: str, data: Path) -> None:
    """Going back a release never guesses at what it does not know."""
    await opened_once(url, data)
    with closing(sqlite3.connect(database_path(url))) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(OperatorError, match=r"newer release.*9999"):
        await open_store(url, data)


async def test_a_database_of_another_program_is_refused(url: str, data: Path) -> None:
    """A wrong path must not grow our tables into somebody's file."""
    put_file(database_path(url))
    with closing(sqlite3.connect(database_path(url))) as other, other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(OperatorError, match="another program"):
        await open_store(url, data)


async def test_what_is_no_database_is_refused(url: str, data: Path) -> None:
    """An overwritten file is not written over again."""
    put_file(database_path(url), b"no database at all" * 100)
    with pytest.raises(OperatorError, match="or is none"):
        await open_store(url, data)

    assert database_path(url).read_bytes().startswith(b"no database")


async def test_a_damaged_database_is_refused(url: str, data: Path) -> None:
    """Damage is found at the start, not in a person's case."""
    store = await open_store(url, data)
    await store.inbox.receive([arrival(str(n)) for n in range(200)])
    await store.close()
    whole = bytearray(database_path(url).read_bytes())
    for page in range(3 * 4096, len(whole), 4096):
        whole[page + 8 : page + 100] = os.urandom(92)
    database_path(url).write_bytes(whole)
    with pytest.raises(OperatorError, match="damaged"):
        await open_store(url, data)


async def test_a_large_damaged_database_serves_and_is_found_out(
    url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People do not wait a minute for the check of gigabytes; it is made while they are served."""
    store = await open_store(url, data)
    await store.inbox.receive([arrival(str(n)) for n in range(200)])
    assert await store.damage() == 0, "what is small was checked when it was opened"
    monkeypatch.setattr(opening, "CHECKED_AT_START", 0)
    assert await store.damage() == 0
    await store.close()
    whole = bytearray(database_path(url).read_bytes())
    last = len(whole) - 4096
    whole[last + 8 : last + 100] = os.urandom(92)
    database_path(url).write_bytes(whole)

    store = await open_store(url, data)
    assert await store.damage() > 0
    await store.close()


async def test_a_refused_store_is_let_go(url: str, data: Path) -> None:
    """After the mistake is mended, the next start works: no lock and no thread is left behind."""
    put_file(database_path(url), mode=0o644)
    for _ in range(2):
        with pytest.raises(OperatorError, match="open to others"):
            await open_store(url, data)
    database_path(url).chmod(0o600)

    await opened_once(url, data)


@pytest.mark.parametrize("url", ["mysql://user:secret@host/name", "sqlite://", "sqlite:///", "sqlite:///:memory:"])
async def test_other_addresses_are_refused_without_repeating_them(url: str, tmp_path: Path) -> None:
    """An address may hold a password; the message does not."""
    with pytest.raises(OperatorError, match="HELPLINE_DATABASE") as refused:
        await open_store(url, tmp_path)

    assert "secret" not in str(refused.value)


def test_lock_and_socket_lie_beside_the_database() -> None:
    """Other commands find both from the same address."""
    url = "sqlite:////srv/data/helpline.db"

    assert lock_path(url) == Path("/srv/data/helpline.db.lock")
    assert socket_path(url) == Path("/srv/data/helpline.db.sock")


async def test_an_unclean_stop_is_known_at_the_next_start(url: str, data: Path) -> None:
    """After a kill the undecided rows run one by one; after a stop in good order they do not."""
    unclean = []
    for ends_well in (False, True, False):
        store = await open_store(url, data)
        unclean.append(await store.begin_run())
        if ends_well:
            await store.end_run()
        await store.close()

    assert unclean == [False, True, False]


async def test_leases_of_a_dead_process_are_free_at_once(lite: Store) -> None:
    """A person does not wait a minute because a process was killed."""
    await save(lite, outbox=[row("1:0")])
    await lease(lite)
    await lite.begin_run()

    assert [one.key for one in await lease(lite)] == ["1:0"]


async def test_files_that_no_record_knows_are_swept_at_the_start(lite: Store) -> None:
    """A stop between two steps leaves no sealed file without its record, and no half one."""
    await lite.blobs.write("a" * 32, frames(b"sealed"))
    (lite.blobs.path / ("b" * 32 + ".part")).touch()
    await lite.begin_run()

    assert list(lite.blobs.path.iterdir()) == []
