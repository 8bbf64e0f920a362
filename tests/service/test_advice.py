"""The checklists of a case: those of its P1 rules, and only numbers that may be shown."""

from datetime import UTC, datetime

import pytest

from bot.core.content import Contact, Content
from bot.core.flow import Words
from bot.core.state import Case
from bot.core.values import LANGUAGES
from bot.service.advice import advice, checklists
from tests.core.talking import shipped_content

NOW = datetime(2026, 3, 2, tzinfo=UTC)
THAI = Case(id="c", number="AAAA0000", country="TH", created=NOW, updated=NOW)
NAME = Words(context="tables.directory", english="An invented line")


def _with(**fields: object) -> Content:
    """Give the shipped content with one invented contact."""
    contact = {"id": "line", "country": "TH", "name": NAME, "number": "+6600000", "source": "invented", **fields}
    shipped = shipped_content()
    words = {**shipped.words, (NAME.context, NAME.english): "ខ្សែបង្កើត"}
    return shipped.model_copy(update={"directory": (Contact.model_validate(contact),), "words": words})


def test_the_lists_are_those_of_the_rules_that_match() -> None:
    """In the order of the rules; once the reasons are sealed, the general one."""
    content = shipped_content()
    assert [one.id for one in checklists(content, ("suicidal", "confinement"))] == ["cannot_leave", "wants_to_die"]
    assert [one.id for one in checklists(content, ("minor", "threats"))] == ["minor_exploited"]
    assert [one.id for one in checklists(content, ())] == ["danger_now"]


def test_advice_is_in_both_languages_and_fits_one_message() -> None:
    """However many rules match, the message stays under Telegram's 4,096 characters."""
    content = shipped_content()
    text = advice(content, THAI, reasons=tuple(content.indicators))
    titles = [content.checklists[one].title for one in ("danger_now", "cannot_leave")]
    assert all(content.text(title, language) in text for title in titles for language in LANGUAGES)
    assert max(len(advice(content, THAI, reasons=(one,))) for one in content.indicators) < 4096 > len(text)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"status": "dialled"}, "An invented line: +6600000"),
        ({"status": "published", "emergency": True}, "An invented line: +6600000 (not called by us yet)"),
        ({"status": "published"}, ""),
        ({"status": "reported", "emergency": True}, ""),
        ({"status": "wrong"}, ""),
        ({"status": "dialled", "country": "MY"}, ""),
    ],
)
def test_a_number_is_shown_only_as_the_directory_allows(fields: dict[str, object], shown: str) -> None:
    """Dialled ones, and national emergency numbers once published, of the case's own country."""
    text = advice(_with(**fields), THAI, reasons=())
    assert shown in text
    assert ("+6600000" in text) == bool(shown)
