"""A store on each engine. Its schema is made once and copied or emptied, so that a test costs milliseconds."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.store.opening import Store, database_path, open_store
from bot.store.schema import metadata
from tests.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Shared:
    """A PostgreSQL database with the schema, for one test after the other."""

    server: Postgres
    database: str

    def empty(self) -> None:
        """Forget every row and begin to count anew."""
        tables = ", ".join(metadata.tables)
        self.server.execute(f"TRUNCATE {tables} RESTART IDENTITY", self.database)


@pytest.fixture(scope="session")
def shared(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """The database that the tests of the store share."""
    database = postgres.create()
    _make(postgres.url(database), tmp_path_factory.mktemp("shared"))
    return Shared(postgres, database)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that was made, closed and never used."""
    folder = tmp_path_factory.mktemp("empty")
    _make(f"sqlite:///{folder}/helpline.db", folder)
    return database_path(f"sqlite:///{folder}/helpline.db")


def _make(url: str, folder: Path) -> None:
    async def make() -> None:
        await (await open_store(url, folder)).close()

    asyncio.run(make())


@asynccontextmanager
async def _open(url: str, data: Path) -> AsyncIterator[Store]:
    opened = await open_store(url, data)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the store, not there yet."""
    return tmp_path / "data"


@pytest.fixture
def url(data: Path) -> str:
    """The address of an SQLite database in it."""
    return f"sqlite:///{data}/helpline.db"


@pytest.fixture
async def lite(empty_database: Path, url: str, data: Path) -> AsyncIterator[Store]:
    """An open, empty store on SQLite, for what only SQLite has."""
    shutil.copytree(empty_database.parent, data)
    async with _open(url, data) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, data: Path) -> str:
    """The address of an empty database with the schema, on each engine in turn."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("empty_database").parent, data)
        return f"sqlite:///{data}/helpline.db"
    shared: Shared = request.getfixturevalue("shared")
    shared.empty()
    return shared.server.url(shared.database)


@pytest.fixture
async def store(address: str, data: Path) -> AsyncIterator[Store]:
    """An open, empty store, on each engine in turn."""
    async with _open(address, data) as opened:
        yield opened
