"""The checklists of a case: whom to phone and what never to promise, for the P1 rules that its reasons match."""

from collections.abc import Iterable, Iterator

from bot.core import triage
from bot.core.content import Checklist, Contact, Content
from bot.core.flow import Words
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


def advice(content: Content, case: Case, reasons: Iterable[str]) -> str:
    """Write the checklists of a case, first in Khmer and then in English, with the numbers that may be shown."""
    lists = checklists(content, reasons)[:MOST_LISTS]
    contacts = [one for one in content.directory if one.country == case.country and one.is_shown][:MOST_CONTACTS]
    return "\n\n".join("\n".join(_lines(content, lists, contacts, language)) for language in LANGUAGES)


def _lines(
    content: Content, lists: Iterable[Checklist], contacts: Iterable[Contact], language: Language
) -> Iterator[str]:
    def text(words: Words) -> str:
        return content.text(words, language)

    for one in lists:
        yield text(one.title)
        yield f"{text(content.phrases['checklist_phone'])}:"
        yield from (f"{number}. {text(words)}" for number, words in enumerate(one.phone, start=1))
        yield f"{text(content.phrases['checklist_never'])}:"
        yield from (f"✗ {text(words)}" for words in one.never)
    for contact in contacts:
        called = "" if contact.status == "dialled" else f" ({text(content.phrases['not_called_yet'])})"
        yield f"☎ {text(contact.name)}: {contact.number}{called}"
