"""Loads the whole content, or says all that is wrong with it."""

from datetime import date
from pathlib import Path

from bot.content.catalogues import read_catalogue, rewordings, translations
from bot.content.checks import check_content
from bot.content.draft import Draft
from bot.content.public_holidays import gather_holidays
from bot.content.reading import read_content
from bot.content.sentences import check_words
from bot.core.content import Content
from bot.core.errors import AuthorError


def load(root: Path, *, today: date) -> Content:
    """Load and check the content of `root`, the folder that holds flows/ and locales/.

    Holidays are those of this year and the next. Raises: AuthorError, one line for each fault: file, line, what
    is wrong and how to mend it. What refers to a file that cannot be read is checked once the file can be.
    """
    draft = Draft()
    english, khmer = read_catalogue(root, "en", draft), read_catalogue(root, "km", draft)
    draft.rewordings = rewordings(english)
    content = read_content(root, draft)
    draft.refuse()
    words = check_words(draft, english=translations(english), khmer=translations(khmer))
    content = content.model_copy(update={"words": words})
    check_content(content, draft)
    draft.refuse()
    holidays = gather_holidays(content.countries.values(), content.calendar, years=(today.year, today.year + 1))
    return content.model_copy(update={"holidays": holidays})


def find_content(root: Path) -> Path:
    """Find the content of the folder `root` or of the nearest folder above it; give the folder that holds flows/.

    Raises: AuthorError if there is none.
    """
    for folder in (root, *root.resolve().parents):
        if (folder / "flows").is_dir() and (folder / "locales").is_dir():
            return folder
    raise AuthorError(f"{root}: no folders flows/ and locales/ here or above. Run it in the helpline's folder.")
