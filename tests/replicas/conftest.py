"""A server, the content and a folder for several processes."""

import faulthandler
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.content.loading import load
from bot.core.content import Content
from bot.settings import ROOT
from tests.postgres import Postgres, running


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """Let a test take minutes without having its stack shown for that."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that waits for its disk, as one in earnest."""
    with running(careless=False) as server:
        yield server


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return load(ROOT, today=datetime.now(UTC).date())
