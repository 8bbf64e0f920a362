"""What `words update` tells: the catalogues that changed, and how many sentences wait for a translator."""

from collections.abc import Iterator
from pathlib import Path

from bot.content.catalogues import path_of, read_catalogue, translations
from bot.content.draft import Draft
from bot.content.words import update_catalogues


def update_words(root: Path) -> Iterator[str]:
    """Update the catalogues and give a line for each thing worth knowing. Raises: AuthorError."""
    changed = update_catalogues(root)
    yield from (f"changed: {path.relative_to(root)}" for path in changed)
    if not changed:
        yield "Nothing has changed."
    waiting = sum(not message.string for message in translations(read_catalogue(root, "km", Draft())).values())
    if waiting:
        yield f"{path_of('km')}: {waiting} sentences have no Khmer yet."
