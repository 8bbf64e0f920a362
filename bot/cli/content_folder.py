"""Where the content is, and how it is loaded: the same for every command."""

from datetime import UTC, datetime
from pathlib import Path

from bot.content.loading import find_content, load
from bot.core.content import Content


def content_root() -> Path:
    """Give the folder of the content that this program serves, from wherever it is called.

    Raises: AuthorError if there is none.
    """
    return find_content(Path(__file__).parent)


def load_content(root: Path) -> Content:
    """Load the content as of today. Raises: AuthorError, one line for each fault."""
    return load(root, today=datetime.now(UTC).date())
