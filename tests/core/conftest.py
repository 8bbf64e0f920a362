"""The content that is served, for rules that must hold of it."""

from datetime import date

import pytest

from bot.cli.content_folder import content_root
from bot.content.loading import load
from bot.core.content import Content


@pytest.fixture(scope="session")
def shipped() -> Content:
    """Give the content that is served."""
    return load(content_root(), today=date(2026, 11, 22))
