"""What the long suite shares: the content, and a place for what was measured, printed when all is over."""

import faulthandler
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.content.apart import Reading
from bot.core.content import Content
from bot.settings import ROOT

Report = Callable[[str], None]
_TOLD = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """Let a test take minutes without having its stack shown for that."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return Reading(ROOT, today=datetime.now(UTC).date()).result()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Give a way to tell what was measured: seconds, milliseconds, counts. Nothing is held against it."""
    return request.config.stash.setdefault(_TOLD, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for told in terminalreporter.config.stash.get(_TOLD, []):
        terminalreporter.write_line(told)
