"""Checks every sentence a person may read, in each language: complete, harmless, and only what can be shown.

A translator's text is data: the same placeholders as in English, nothing that formats, no tags, no character that
cannot be seen or looks like another, no word of the helpline's own trade, and no number that is not the directory's.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from babel.messages.catalog import Message

from bot.content.catalogues import path_of
from bot.content.draft import Draft, Key, Spot
from bot.content.strict_yaml import unicode_name
from bot.core.khmer import canonical, fold
from bot.core.values import Language

PLACEHOLDERS = frozenset({"number", "urgency", "country", "time", "age", "count", "name", "total", "minutes", "reason"})
"""What the program can fill in, and only in phrases: flows, tables and articles are shown as they are."""

LATIN_IN_KHMER = frozenset({"telegram", "english", "start"})
"""Latin words a Khmer sentence may hold: names that readers know in Latin letters, and what they must type."""

MOST_CHARACTERS = 4096
"""No message of Telegram's is longer; what fits a screen is a good deal less (see lengths)."""

Fault = tuple[str, str]
"""What is wrong with a sentence, and how to mend it."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PERCENT = re.compile(r"%[(A-Za-z]|%%")
_PLAIN = re.compile("[\n -~\u1780-\u17a2\u17a5-\u17b3\u17b6-\u17dd\u17e0-\u17e9\u200b]*")
_KHMER = re.compile("[\u1780-\u17dd]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_LONG_NUMBER = re.compile(r"\d(?:[ ().+\-\u2010-\u2015\u00a0\u200b]{0,3}\d){5,}")
_GROUPED = re.compile(r"\d{1,3}(?:[,.]\d{3})+(?!\d)")
_SHORT_NUMBER = re.compile(r"\d{3,5}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FORBIDDEN_ENGLISH = re.compile(r"\b(report|abus|victim|case|submi)\w*", re.IGNORECASE)
_FORBIDDEN_KHMER = ("ជនរងគ្រោះ", "ខុសច្បាប់", "ហេតុអ្វី", "យួន")
_OPERATORS = tuple(
    f"tables.{name}"
    for name in ("indicators", "outcomes", "reasons", "dangers", "milestones", "checklists", "directory")
)


def check_words(draft: Draft, *, english: Mapping[Key, Message], khmer: Mapping[Key, Message]) -> Mapping[Key, str]:
    """Check all sentences of a draft in both languages and give the Khmer of each, by its shown English."""
    words = {}
    for (context, shown), msgid in draft.msgids.items():
        key = context, msgid
        spot = draft.messages[key][0]
        _check_english(draft, key, shown, message=english.get(key), spot=spot)
        words[context, shown] = _check_khmer(draft, key, message=khmer.get(key), spot=spot)
    return words


def _check_english(draft: Draft, key: Key, shown: str, *, message: Message | None, spot: Spot) -> None:
    context, msgid = key
    if message is not None and message.string:
        spot = Spot(path_of("en"), message.lineno or 1)
        _check_against(draft, msgid, shown, message=message, spot=spot)
    for what, mend in faults_of(shown, context, "en"):
        draft.fault(spot, what, mend)


def _check_khmer(draft: Draft, key: Key, *, message: Message | None, spot: Spot) -> str:
    context, msgid = key
    if message is None:
        draft.fault(spot, f"`{context}` has no Khmer: {msgid[:50]!r}", "Run ./helpline words update and translate it")
        return ""
    spot = Spot(path_of("km"), message.lineno or 1)
    text = message.string if isinstance(message.string, str) else ""
    if not text:
        draft.fault(spot, f"`{context}` has no Khmer: {msgid[:50]!r}", "Translate it")
        return ""
    _check_against(draft, msgid, text, message=message, spot=spot)
    for what, mend in faults_of(text, context, "km"):
        draft.fault(spot, what, mend)
    return text


def _check_against(draft: Draft, msgid: str, text: str, *, message: Message, spot: Spot) -> None:
    if message.fuzzy:
        draft.fault(spot, "The sentence is marked fuzzy: nobody has confirmed it", "Read it, then delete `#, fuzzy`")
    wanted, found = set(_PLACEHOLDER.findall(msgid)), set(_PLACEHOLDER.findall(text))
    for name in sorted(wanted - found):
        draft.fault(spot, f"The placeholder {{{name}}} is missing", "Copy it from the English")
    for name in sorted(found - wanted):
        draft.fault(spot, f"The placeholder {{{name}}} is not in the English", "Delete it, or copy the right one")
    if text != text.strip():
        draft.fault(spot, "The sentence begins or ends with a space or an empty line", "Delete it")


def faults_of(text: str, context: str, language: Language) -> Iterator[Fault]:
    """Say what is wrong with one sentence by itself."""
    if len(text) > MOST_CHARACTERS:
        yield f"There are {len(text)} characters, at most {MOST_CHARACTERS}", "Shorten it"
        return
    checks: tuple[Callable[[str], Iterator[Fault]], ...] = (_formatting, _characters, _numbers)
    for check in checks:
        yield from check(text)
    yield from _placeholders(text, context)
    yield from _forbidden(text, context, language)
    yield from _khmer(text) if language == "km" else _english(text)


def _formatting(text: str) -> Iterator[Fault]:
    bare = _PLACEHOLDER.sub("", text)
    if "{" in bare or "}" in bare:
        yield "A placeholder is not a plain name in braces", "Write it as in {number}, nothing else inside"
    if _PERCENT.search(bare):
        yield "There is a % placeholder", "Placeholders are written {number}; write percent as a word"
    if "<" in bare or ">" in bare:
        yield "There is a tag, or one of < and >", "Words are plain text: delete it"


def _placeholders(text: str, context: str) -> Iterator[Fault]:
    for name in sorted(set(_PLACEHOLDER.findall(text))):
        if name not in PLACEHOLDERS:
            yield f"Nothing fills the placeholder {{{name}}}", "Use one of: " + ", ".join(sorted(PLACEHOLDERS))
        elif not context.startswith(("phrases.", "console.")):
            yield f"Nothing fills the placeholder {{{name}}} here", "Only phrases.yaml has placeholders: delete it"


def _characters(text: str) -> Iterator[Fault]:
    if _PLAIN.fullmatch(text):
        return
    for char in sorted(set(_PLAIN.sub("", text))):
        category = unicodedata.category(char)
        name = unicodedata.name(char, "")
        if category[0] == "C" or category == "Zs" or char in "\u17a3\u17a4\u17b4\u17b5":
            yield f"There is a character nobody can see, {unicode_name(char)}", "Delete it, or type a space"
        elif category[0] in "LM" and not name.startswith(("LATIN ", "VARIATION SELECTOR")):
            yield f"There is a letter of another script, {unicode_name(char)}", "Type it anew"
        elif category == "Nd":
            yield f"There is a digit of another script, {unicode_name(char)}", "Write 0 to 9"


def _numbers(text: str) -> Iterator[Fault]:
    digits = "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)
    mend = "Numbers to call come from flows/tables/directory.yaml only: delete it"
    if _LONG_NUMBER.search(digits):
        yield "There is what looks like a phone number", mend
        return
    for number in _SHORT_NUMBER.findall(_GROUPED.sub("", digits)):
        if not _YEAR.fullmatch(number):
            yield f"There is a number that may be a short code, {number}", mend


def _khmer(text: str) -> Iterator[Fault]:
    for word in text.split():
        if canonical(word) != word:
            yield f"Letters are typed in an unusual order in `{word[:30]}`", f"Write `{canonical(word)[:30]}`"
    for word in sorted(set(_LATIN.findall(_PLACEHOLDER.sub("", text)))):
        if word.lower() not in LATIN_IN_KHMER:
            yield f"The Khmer has the Latin word `{word}`", "Write it in Khmer"


def _english(text: str) -> Iterator[Fault]:
    if _KHMER.search(text) and _LATIN.search(_PLACEHOLDER.sub("", text)):
        yield "The English has Khmer letters", "Write one language in one sentence"


def _forbidden(text: str, context: str, language: Language) -> Iterator[Fault]:
    """Refuse words that frighten, accuse or belong to an office.

    Source: the wording rules of the first release (see CONTRIBUTING, Words).
    """
    if context in _OPERATORS or context.startswith("console."):
        return
    if language == "en":
        found = [match.group() for match in _FORBIDDEN_ENGLISH.finditer(text)]
    else:
        folded = fold(text)
        found = [word for word in _FORBIDDEN_KHMER if fold(word) in folded]
    for word in dict.fromkeys(found):
        yield f"There is the word `{word}`, which people are not asked with", "Say what happened in everyday words"
