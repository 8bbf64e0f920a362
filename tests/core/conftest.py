"""The content that is served, for rules that must hold of it."""

import pytest

from bot.core.content import Content
from tests.core.talking import shipped_content


@pytest.fixture(scope="session")
def shipped() -> Content:
    """Give the content that is served."""
    return shipped_content()
