"""Checks that everything fits a small phone: buttons, names, messages, and what a button sends back.

Source of the limits of buttons: measured on a 360 dp phone at Telegram's button size; one column shows 22 Khmer
clusters, two show 10, three 6; the limits keep a margin for the option's number and its tick.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.content.draft import Draft, Spot
from bot.core.content import Content, Country, Fact
from bot.core.flow import Ask, Choice, Flow, Menu, Say, Words
from bot.core.khmer import clusters, fold
from bot.core.values import LANGUAGES, Language

MOST_CALLBACK = 40
"""Bytes of `flow.step` in a button's data, which Telegram limits to 64 with revision and choice."""
MOST_CHARACTERS = 700
"""Of one screen in one language: what a small phone shows without much scrolling."""
MOST_ARTICLE = 3000
"""Of an article: with the menu below it, it must stay under Telegram's 4,096."""

SHORT_LINES = 3
"""Of an article's short version, which is what is read on a phone."""


class Room(NamedTuple):
    """What fits: Khmer clusters and English letters."""

    km: int
    en: int


COLUMNS: Mapping[int, Room] = {1: Room(18, 30), 2: Room(8, 14), 3: Room(5, 9)}
ALONE = ("button_done", "button_start", "button_remove")
"""Standard buttons that have a row to themselves; the others stand in pairs."""
BOTH = Room(18, 24)
"""Of a button that may show both languages at once."""


_SAME: Mapping[str, str] = {"home": "start", "hide": "hide", "danger": "danger"}
"""Acts and flows that a command leads to as well."""


def check_lengths(content: Content, draft: Draft) -> None:
    """Note what is too long, and choices that cannot be told apart when they are typed."""
    for flow in content.flows.values():
        for step in flow.steps:
            if len(f"{flow.id}.{step.id}") > MOST_CALLBACK:
                what = f"`{flow.id}.{step.id}` is longer than {MOST_CALLBACK} letters"
                draft.fault(draft.spot(flow.id, step.id), what, "Shorten the id of the step or of the flow")
            if isinstance(step, Ask | Menu):
                _check_labels(content, draft, flow, step)
        _check_screens(content, draft, flow)
    _check_texts(content, draft)
    _check_shorts(content, draft)
    _check_buttons(content, draft)
    _check_tables(content, draft)


def _check_labels(content: Content, draft: Draft, flow: Flow, step: Ask | Menu) -> None:
    both = isinstance(step, Menu) and (step.bilingual or step.articles)
    if both and step.columns > 1:
        draft.fault(draft.spot(flow.id, step.id), "This menu has no room for columns", "Delete `columns:`")
    for choice in step.choices:
        room = BOTH if both else COLUMNS[step.columns]
        _fits(content, draft, choice.words, room=room, spot=draft.spot(flow.id, step.id, choice.id))
    if isinstance(step, Ask):
        _fits(content, draft, step.name, room=COLUMNS[1], spot=draft.spot(flow.id, step.id))
    own = [choice for choice in step.choices if choice.words.context == f"{flow.id}.{step.id}"]
    _check_distinct(content, draft, own, flow.id, step.id)
    for choice in own:
        same = {_SAME.get(step.then.get(choice.id, "")), _SAME.get(step.go.get(choice.id, ""))}
        _check_commands(content, draft, choice, same=same, spot=draft.spot(flow.id, step.id, choice.id))


def _fits(content: Content, draft: Draft, words: Words, *, room: Room, spot: Spot) -> None:
    khmer, english = content.text(words, "km"), words.english
    if clusters(khmer) > room.km:
        what = f"The Khmer of `{english[:40]}` has {clusters(khmer)} clusters; {room.km} fit this button"
        draft.fault(spot, what, "Shorten it in locales/km")
    if len(english) > room.en:
        draft.fault(spot, f"`{english[:60]}` has {len(english)} letters; {room.en} fit this button", "Shorten it")
    if "\n" in khmer + english or "\u200b" in khmer + english:
        draft.fault(spot, f"The button `{english[:40]}` has a line break or a zero-width space", "Delete it")


def _check_distinct(content: Content, draft: Draft, choices: list[Choice], *where: str) -> None:
    taken: dict[str, str] = {}
    for choice in choices:
        for form in _forms(content, choice):
            spot = draft.spot(*where, choice.id)
            first = taken.setdefault(form, choice.id)
            if first != choice.id:
                draft.fault(spot, f"When typed, `{choice.id}` reads the same as `{first}`", "Reword one of them")
            if form.isdecimal() and int(form) <= len(choices):
                draft.fault(spot, f"When typed, `{choice.id}` means the choice of that number", "Add a word to it")


def _check_commands(content: Content, draft: Draft, choice: Choice, *, same: set[str | None], spot: Spot) -> None:
    """Find labels that would be taken for a command, which comes first, unless the choice does the same."""
    forms = set(_forms(content, choice))
    for command in content.commands:
        if not forms.isdisjoint(command.forms) and command.id not in same:
            draft.fault(spot, f"When typed, `{choice.id}` means the command {command.id}", "Reword it")


def _forms(content: Content, choice: Choice) -> Iterator[str]:
    texts = (content.text(choice.words, "km"), choice.words.english, *choice.aliases)
    yield from {fold(text) for text in texts} - {""}


def _check_tables(content: Content, draft: Draft) -> None:
    rows: Mapping[str, Iterable[Country | Fact]] = {
        "countries": content.countries.values(),
        "facts": content.facts.values(),
    }
    for table, each in rows.items():
        choices = [Choice(id=row.id, words=row.words, aliases=row.aliases) for row in each]
        _check_distinct(content, draft, choices, table)
        for choice in choices:
            _check_commands(content, draft, choice, same=set(), spot=draft.spot(table, choice.id))


def _check_screens(content: Content, draft: Draft, flow: Flow) -> None:
    """Measure each wait with what is said above it: all that is always said, and the longest that is sometimes."""
    always: list[Words] = []
    sometimes: list[Words] = []
    for step in flow.steps:
        if isinstance(step, Say):
            (sometimes if step.when else always).append(step.text)
        elif isinstance(step, Ask | Menu):
            spot = draft.spot(flow.id, step.id)
            for language in LANGUAGES:
                length = sum(len(content.text(words, language)) for words in (*always, step.text))
                length += max((len(content.text(words, language)) for words in sometimes), default=0)
                _check_length(draft, length, language, most=MOST_CHARACTERS, spot=spot)
            always, sometimes = [], []


def _check_texts(content: Content, draft: Draft) -> None:
    texts = [(words, MOST_CHARACTERS, draft.spot("phrases", key)) for key, words in content.phrases.items()]
    texts += [(one.body, MOST_ARTICLE, draft.spot(f"guidance.{one.id}")) for one in content.articles.values()]
    texts += [(one.short, MOST_CHARACTERS, draft.spot(f"guidance.{one.id}")) for one in content.articles.values()]
    for words, most, spot in texts:
        for language in LANGUAGES:
            _check_length(draft, len(content.text(words, language)), language, most=most, spot=spot)


def _check_shorts(content: Content, draft: Draft) -> None:
    for article in content.articles.values():
        for language in LANGUAGES:
            lines = len(content.text(article.short, language).splitlines())
            if lines != SHORT_LINES:
                what = f"`short` has {lines} lines in `{language}`, not {SHORT_LINES}"
                draft.fault(draft.spot(f"guidance.{article.id}"), what, "Say in three lines what helps most")


def _check_length(draft: Draft, length: int, language: Language, *, most: int, spot: Spot) -> None:
    if length > most:
        what = f"There are {length} characters on one screen in `{language}`, at most {most}"
        draft.fault(spot, what, "Shorten it, or put a question in between")


def _check_buttons(content: Content, draft: Draft) -> None:
    for key, words in content.phrases.items():
        if key.startswith("button_"):
            room = COLUMNS[1] if key in ALONE else COLUMNS[2]
            _fits(content, draft, words, room=room, spot=draft.spot("phrases", key))
