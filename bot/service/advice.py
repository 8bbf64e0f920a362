"""The checklists of a case: whom to phone and what never to promise, for the P1 rules that its reasons match."""

from collections.abc import Iterable, Iterator

from bot.core import triage
from bot.core.content import Checklist, Contact, Content
from bot.core.state import Case
from bot.core.values import LANGUAGES, Language

MOST_LISTS = 2
"""Two in both languages, with contacts, stay under Telegram's 4,096 characters."""
MOST_CONTACTS = 3


def checklists(content: Content, reasons: Iterable[str]) -> tuple[Checklist, ...]:
    """Give the checklists for these reasons, in the order of the rules; the first of the table if none matches.

    Once an intake is over its reasons are sealed, so the bot knows no kind any more; who opens the case does.
    """
    rules = triage.matching(content, reasons)
    found = tuple(content.checklists[rule.id] for rule in rules if rule.id in content.checklists)
    return found or tuple(content.checklists.values())[:1]


def advice(content: Content, case: Case, *, reasons: Iterable[str]) -> str:
    """Write the checklists of a case, first in Khmer and then in English, with the numbers that may be shown."""
    lists = checklists(content, reasons)[:MOST_LISTS]
    contacts = [one for one in content.directory if one.country == case.country and one.is_shown][:MOST_CONTACTS]
    parts = ((*_advised(content, lists, language), *_numbers(content, contacts, language)) for language in LANGUAGES)
    return "\n\n".join("\n".join(lines) for lines in parts)


def _advised(content: Content, lists: Iterable[Checklist], language: Language) -> Iterator[str]:
    phone, never = (content.text(content.phrases[f"checklist_{one}"], language) for one in ("phone", "never"))
    for one in lists:
        yield content.text(one.title, language)
        yield f"{phone}:"
        yield from (f"{number}. {content.text(words, language)}" for number, words in enumerate(one.phone, start=1))
        yield f"{never}:"
        yield from (f"✗ {content.text(words, language)}" for words in one.never)


def _numbers(content: Content, contacts: Iterable[Contact], language: Language) -> Iterator[str]:
    """Give the numbers; one that nobody of ours has dialled yet says so."""
    for one in contacts:
        not_yet = content.text(content.phrases["not_called_yet"], language)
        called = "" if one.status == "dialled" else f" ({not_yet})"
        yield f"☎ {content.text(one.name, language)}: {one.number}{called}"
