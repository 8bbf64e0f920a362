"""What the long suite shares: the content, and patience."""

import faulthandler
from datetime import UTC, datetime

import pytest

from bot.content.apart import Reading
from bot.core.content import Content
from bot.settings import ROOT


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """Let a test take minutes without having its stack shown for that."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return Reading(ROOT, today=datetime.now(UTC).date()).result()
