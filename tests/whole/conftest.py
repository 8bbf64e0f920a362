"""A house for each test. Content and keys are made once and the store is copied, so that a test is over soon."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.content.loading import load
from bot.core.content import Content
from bot.settings import ROOT
from tests.whole.bad_inputs import CANARY, HouseAct, Row, TryOut, play
from tests.whole.house import House, Keys, make_keys, started


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
    async with started(House(tmp_path, content, keys)) as house:
        yield house


@pytest.fixture
async def limited(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[House]:
    """Give a helpline with the limits on people (cases a day, messages a minute), but without pauses between sends."""
    async with started(House(tmp_path, content, keys, rate=30)) as house:
        house.unpaced()
        yield house


@pytest.fixture
def try_out(tmp_path: Path, content: Content, keys: Keys, capfd: pytest.CaptureFixture[str]) -> TryOut:
    """Give a way to try a bad input in a house of its own; nothing that a person wrote may be printed meanwhile."""

    async def tried(row: Row[HouseAct]) -> None:
        house = House(tmp_path, content, keys, rate=30 if row.limited else 0)
        try:
            await play(row, house)
        finally:
            await house.close()
        assert CANARY not in "".join(capfd.readouterr())

    return tried
