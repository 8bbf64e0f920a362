"""A store on a real file. Its schema is made once and copied, so that a test costs milliseconds."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.opening import Store, database_path, open_store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that was made, closed and never used."""
    folder = tmp_path_factory.mktemp("empty")
    url = f"sqlite:///{folder}/helpline.db"

    async def make() -> None:
        await (await open_store(url, folder)).close()

    asyncio.run(make())
    return database_path(url)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the store, not there yet."""
    return tmp_path / "data"


@pytest.fixture
def url(data: Path) -> str:
    """The address of the database in it."""
    return f"sqlite:///{data}/helpline.db"


@pytest.fixture
async def store(empty_database: Path, url: str, data: Path) -> AsyncIterator[Store]:
    """An open, empty store."""
    shutil.copytree(empty_database.parent, data)
    opened = await open_store(url, data)
    try:
        yield opened
    finally:
        await opened.close()
