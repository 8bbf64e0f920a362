"""A house for each test. Content and keys are made once and the store is copied, so that a test is over soon."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.content.loading import load
from bot.core.content import Content
from bot.settings import ROOT
from tests.whole.house import House, Keys, make_keys


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return load(ROOT, today=date(2026, 3, 2))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Give the keys of the organisation, and the file of a store that was never used."""
    return asyncio.run(make_keys(tmp_path_factory.mktemp("empty")))


@pytest.fixture
async def house(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[House]:
    """Give the running helpline, two operators listed and started."""
    house = House(tmp_path, content, keys)
    try:
        await house.start()
        yield house
    finally:
        await house.close()


@pytest.fixture
async def limited(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[House]:
    """Give a helpline with the limits on people (cases a day, messages a minute), but without pauses between sends."""
    house = House(tmp_path, content, keys, rate=30)
    try:
        await house.start()
        house.unpaced()
        yield house
    finally:
        await house.close()
