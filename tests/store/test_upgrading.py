"""A store of an older release is upgraded after a backup, under the lock, wholly or not at all."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.store import migrating
from bot.store.folder import LockedError
from bot.store.migrating import OlderError
from bot.store.opening import Store, database_path, open_store

HEAD, NEXT = migrating.HEAD, "9999"
RIGHT = "op.add_column('operators', sa.Column('made_up', sa.Text))"
FAILING = "op.execute('INSERT INTO facts (key, value) SELECT key, value FROM facts')"
LOSING = "op.execute('DELETE FROM operators')"
STRAY = """op.execute('CREATE TABLE child (id INTEGER REFERENCES parent (id))')
    op.execute('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    op.execute('PRAGMA defer_foreign_keys = on')
    op.execute('INSERT INTO child VALUES (1)')"""


class Backup:
    """A backup that notes what it was made of, and may fail."""

    def __init__(self, url: str, *, fails: bool = False) -> None:
        """Note nothing yet."""
        self.url = url
        self.fails = fails
        self.of: list[str] = []

    async def __call__(self) -> None:
        """Note the schema, and that nobody else could have come between."""
        self.of.append(schema(database_path(self.url)))
        with pytest.raises(LockedError):
            await open_store(self.url, database_path(self.url).parent)
        if self.fails:
            raise MachineError("the disk is full")


def schema(database: Path) -> str:
    """Give the schema a database is at, and whether the made-up column is there."""
    with closing(sqlite3.connect(database)) as other:
        columns = [row[1] for row in other.execute("PRAGMA table_info(operators)")]
        (version,) = other.execute("SELECT version_num FROM alembic_version").fetchone()
    return f"{version}{' with the column' if 'made_up' in columns else ''}"


@pytest.fixture
async def older(lite: Store, data: Path) -> Path:
    """Give a store of this release with an operator and a fact in it, closed: the next release is made up."""
    await lite.desk.put("kept", "yes")
    with closing(sqlite3.connect(Path(lite.database.name))) as other, other:
        other.execute("INSERT INTO operators (id, name, role, started) VALUES (1, 'Dara', 'operator', 0)")
    await lite.close()
    return data


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Release":
    """Make up releases."""
    return Release(tmp_path / "migrations", monkeypatch)


class Release:
    """The next release, with one migration more."""

    def __init__(self, scripts: Path, patch: pytest.MonkeyPatch) -> None:
        """Copy the migrations there are."""
        self._scripts = scripts
        self._patch = patch
        shutil.copytree(migrating.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))

    def comes(self, body: str) -> None:
        """Bring it out: from now on it is this release."""
        (self._scripts / "versions" / "9999_made_up.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = '9999'\ndown_revision = '{migrating.HEAD}'\n\n\ndef upgrade() -> None:\n    {body}\n"
        )
        self._patch.setattr(migrating, "SCRIPTS", self._scripts)
        self._patch.setattr(migrating, "HEAD", NEXT)


async def test_an_upgrade_comes_after_a_backup_and_under_the_lock(older: Path, url: str, release: Release) -> None:
    """The backup is of the old schema; afterwards everything is there, and a second start upgrades nothing."""
    release.comes(RIGHT)
    backup = Backup(url)
    for _ in range(2):
        store = await open_store(url, older, before_upgrade=backup)
        assert await store.desk.get("kept") == "yes"
        await store.close()

    assert backup.of == [HEAD]
    assert schema(database_path(url)) == f"{NEXT} with the column"


async def test_without_a_backup_there_is_no_upgrade(older: Path, url: str, release: Release) -> None:
    """A command beside the helpline never upgrades by accident, nor does a start whose backup failed."""
    release.comes(RIGHT)
    with pytest.raises(OlderError, match=r"helpline upgrade"):
        await open_store(url, older)
    with pytest.raises(MachineError, match="full"):
        await open_store(url, older, before_upgrade=Backup(url, fails=True))

    assert schema(database_path(url)) == HEAD


@pytest.mark.parametrize(
    ("body", "told"),
    [(FAILING, "IntegrityError"), (LOSING, "operators lost rows"), (STRAY, "1 rows without what they belong to")],
    ids=["fails", "loses", "strays"],
)
async def test_an_upgrade_that_is_not_right_never_was(
    older: Path, url: str, release: Release, body: str, told: str
) -> None:
    """Half a migration, lost rows, rows without their case: the file is as it was, and the old release serves it."""
    before = database_path(url).read_bytes()
    release.comes(f"{RIGHT}\n    {body}")
    with pytest.raises(OperatorError, match=f"{told}.*nothing was changed"):
        await open_store(url, older, before_upgrade=Backup(url))

    assert schema(database_path(url)) == HEAD
    assert _rows(before, older) == _rows(database_path(url).read_bytes(), older)


def _rows(database: bytes, folder: Path) -> list[str]:
    copy = folder / "copy.db"
    copy.write_bytes(database)
    with closing(sqlite3.connect(copy)) as other:
        return list(other.iterdump())
