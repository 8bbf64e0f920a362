"""What all tests share: an ear for what is logged, a place for what was measured, and one PostgreSQL server."""

from collections.abc import Callable, Iterator

import pytest

from tests.hearing import Ear, listening, told
from tests.postgres import Postgres, running

Report = Callable[[str], None]
_TOLD = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def ear() -> Iterator[Ear]:
    """Hear all logs: whatever a test does, no token, word, name, id, number or file name of a person is in them."""
    ear = Ear()
    with listening(ear) as worlds:
        yield ear
    assert told(ear.heard, worlds) == []


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Give a way to tell what was measured: seconds, milliseconds, counts. It is printed when all is over."""
    return request.config.stash.setdefault(_TOLD, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for line in terminalreporter.config.stash.get(_TOLD, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own."""
    with running() as server:
        yield server
