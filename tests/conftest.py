"""What tests of several rooms share: one PostgreSQL server, started with the first test that asks for it."""

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own."""
    with running() as server:
        yield server
