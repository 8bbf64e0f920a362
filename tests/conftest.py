"""What all tests share: an ear for what is logged, and one PostgreSQL server for those who ask for it."""

from collections.abc import Iterator

import pytest

from tests.hearing import Ear, listening, told
from tests.postgres import Postgres, running


@pytest.fixture(autouse=True)
def ear() -> Iterator[Ear]:
    """Hear all logs: whatever a test does, no token, word, name, id, number or file name of a person is in them."""
    ear = Ear()
    with listening(ear) as worlds:
        yield ear
    assert told(ear.heard, worlds) == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own."""
    with running() as server:
        yield server
