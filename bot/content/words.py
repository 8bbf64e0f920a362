"""Brings the catalogues up to date with the flows: what is new is added empty, what is translated is kept."""

from pathlib import Path

from babel.messages.catalog import Catalog

from bot.content.catalogues import TEMPLATE, new_catalogue, path_of, po_bytes, read_catalogue, template_of
from bot.content.draft import Draft
from bot.content.reading import read_content
from bot.core.values import LANGUAGES


def update_catalogues(root: Path) -> tuple[Path, ...]:
    """Write messages.pot and add its new sentences to every language's catalogue; give the files that changed.

    A translation is kept as long as its English stands in the same place; otherwise it stays below, marked
    obsolete, and nothing is guessed. Raises: AuthorError if flows or catalogues cannot be read.
    """
    template = _template(root)
    changed = {root / TEMPLATE: po_bytes(template)}
    for language in LANGUAGES:
        draft = Draft()
        there = (root / path_of(language)).is_file()
        catalogue = read_catalogue(root, language, draft) if there else new_catalogue(language)
        draft.refuse()
        _bring_back(catalogue)
        catalogue.update(template, no_fuzzy_matching=True)
        changed[root / path_of(language)] = po_bytes(catalogue)
    return tuple(path for path, data in changed.items() if _write(path, data))


def is_template_current(root: Path) -> bool:
    """Say whether messages.pot holds just the sentences of the flows, as `update_catalogues` would write it."""
    path = root / TEMPLATE
    return path.is_file() and path.read_bytes() == po_bytes(_template(root))


def _bring_back(catalogue: Catalog) -> None:
    """Count what was out of use as in use: updating puts aside again what the flows still do not say."""
    for message in list(catalogue.obsolete.values()):
        current = catalogue.get(message.id, message.context)
        if current is None:
            catalogue[message.id] = message
        elif not current.string:
            current.string = message.string
    catalogue.obsolete.clear()


def _template(root: Path) -> Catalog:
    draft = Draft()
    read_content(root, draft)
    draft.refuse()
    return template_of(draft.messages)


def _write(path: Path, data: bytes) -> bool:
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True
