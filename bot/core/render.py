"""From a screen to the message a messenger shows: words in the person's language, numbered options, buttons.

Placeholders are filled by plain replacement of known names: a translator's text is never a format string that runs.
"""

import re
from collections.abc import Iterable, Mapping

from bot.core.content import Content
from bot.core.effects import Bar, Option, Screen
from bot.core.flow import Line, Words
from bot.core.values import LANGUAGES, Language, Value

HOLIDAYS_SHOWN = 8
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_DATA: dict[str, str] = {"hide": "!hide", "stop": "!stop"}
"""Buttons that act at any age and revision (ARCHITECTURE, Screen)."""


class Button(Value):
    """A button of a message: its label, and what comes back when it is pressed (at most 64 bytes)."""

    text: str
    data: str


class Message(Value):
    """What is sent: plain text, and rows of buttons."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()


def render(content: Content, screen: Screen, language: Language, *, trial: bool = False) -> Message:
    """Put a screen into words; `trial` adds the trial line except on plain screens."""
    languages: tuple[Language, ...] = LANGUAGES if screen.bilingual else (language,)
    parts = ["\n\n".join(_block(content, screen, one, trial=trial and not screen.plain)) for one in languages]
    return Message(text="\n\n".join(parts), rows=_rows(content, screen, languages))


def fill(text: str, params: Mapping[str, str]) -> str:
    """Fill `{name}` placeholders; one without a value is left out. Braces in values stay as they are."""
    return _PLACEHOLDER.sub(lambda found: params.get(found.group(1), ""), text)


def line_text(content: Content, line: Line, language: Language) -> str:
    """Give one line in a language."""
    return fill(content.text(line.words, language), line.params)


def both(content: Content, words: Words, params: Mapping[str, str] | None = None) -> str:
    """Give a sentence in both languages on one line, for operators."""
    texts = dict.fromkeys(fill(content.text(words, one), params or {}) for one in LANGUAGES)
    return " · ".join(texts)


def _block(content: Content, screen: Screen, language: Language, *, trial: bool) -> Iterable[str]:
    if trial:
        yield content.text(content.phrases["trial"], language)
    for line in screen.lines:
        yield line_text(content, line, language)
    if screen.calendar:
        yield "\n".join(_holidays(content, screen, language))


def _holidays(content: Content, screen: Screen, language: Language) -> list[str]:
    coming = [
        one
        for one in content.holidays
        if one.country in screen.calendar and language in one.names and screen.today and one.day >= screen.today
    ]
    coming.sort(key=lambda one: one.day)
    at = screen.page * HOLIDAYS_SHOWN % max(len(coming), 1) // HOLIDAYS_SHOWN * HOLIDAYS_SHOWN
    return [f"{one.days[language]}  {one.names[language]}" for one in coming[at : at + HOLIDAYS_SHOWN]]


def _rows(content: Content, screen: Screen, languages: tuple[Language, ...]) -> tuple[tuple[Button, ...], ...]:
    buttons = [
        Button(
            text=_label(content, option, 0 if screen.plain else number, languages),
            data=option.data or _data(screen, str(number - 1)),
        )
        for number, option in enumerate(screen.options, start=1)
    ]
    width = screen.columns
    rows = [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]
    bar = [tuple(_bar_button(content, screen, one, languages[0]) for one in row) for row in screen.bar]
    return (*rows, *bar)


def _label(content: Content, option: Option, number: int, languages: tuple[Language, ...]) -> str:
    words = " · ".join(dict.fromkeys(content.text(option.words, one) for one in languages))
    tick = "✓ " if option.picked else ""
    return f"{number}  {tick}{words}" if number else words


def _bar_button(content: Content, screen: Screen, name: Bar, language: Language) -> Button:
    label = content.text(content.phrases[f"button_{name}"], language)
    return Button(text=label, data=_DATA.get(name) or _data(screen, name))


def _data(screen: Screen, what: str) -> str:
    return f"{screen.rev}:{screen.step}:{what}"
