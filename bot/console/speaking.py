"""Puts pages into words: the templates, and what they may ask for in the reader's language.

Templates escape everything; nothing that a person sent is ever marked as safe. Characters that would rewrite the page
they are read on are shown as signs.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import category

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.console.static_files import StaticFiles
from bot.core.content import Content
from bot.core.flow import Words
from bot.core.render import fill
from bot.core.state import Case
from bot.core.values import LANGUAGES, Language
from bot.service.cards import HOME, SIGNS

TEMPLATES = Path(__file__).parent / "templates"
LATE = {"P1": timedelta(minutes=5), "P2": timedelta(hours=24), "P3": timedelta(days=7), "P4": timedelta(days=30)}
"""An untaken case is late after so long. P1: the first rung of its ladder; the others say "today", "this week"."""
MOST_MARKS = 7
"""On one letter, a letter below it counted as one: no word of Khmer, Thai, Lao, Burmese or Vietnamese has more."""
_MARK = "".join(sorted(one for one in map(chr, range(0x300, 0xFE30)) if category(one) in ("Mn", "Me", "Mc")))
_HEAP = re.compile(f"((?:\u17d2[\u1780-\u17b3]|[{_MARK}]){{{MOST_MARKS}}})(?:\u17d2[\u1780-\u17b3]|[{_MARK}])+")
_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


class Speech:
    """What a template may say, in one language, at one moment."""

    def __init__(self, content: Content, language: Language, now: datetime) -> None:
        self.content = content
        self.language: Language = language
        self.now = now
        self._said: dict[tuple[str, str], str] = {}

    def __call__(self, key: str, **params: object) -> str:
        """Give a sentence of the console."""
        if params:
            return self._say(self.content.console[key], params)
        return self._once("say", key, lambda: self._say(self.content.console[key], {}))

    def _once(self, what: str, key: str, say: Callable[[], str]) -> str:
        """Remember what a page says again and again: a list says most of it in every row."""
        if (what, key) not in self._said:
            self._said[what, key] = say()
        return self._said[what, key]

    def phrase(self, key: str, **params: object) -> str:
        """Give a sentence that operators know from the group."""
        return self._say(self.content.phrases[key], params)

    def words(self, words: Words) -> str:
        """Give any sentence of the content."""
        return self.content.text(words, self.language)

    def _say(self, words: Words, params: Mapping[str, object]) -> str:
        return fill(self.content.text(words, self.language), {key: str(value) for key, value in params.items()})

    def duration(self, since: datetime) -> str:
        """Say how long it is since an instant, coarsely."""
        minutes = max(int((self.now - since).total_seconds() // 60), 0)
        if minutes < 120:
            key, count = "minutes", minutes
        else:
            key, count = ("hours", minutes // 60) if minutes < 48 * 60 else ("days", minutes // 1440)
        return self._once(key, str(count), lambda: self(key, count=count))

    def moment(self, at: datetime) -> str:
        """Give an instant as the clocks in Cambodia show it."""
        return f"{at.astimezone(HOME):%d.%m.%Y %H:%M}"

    def clock(self, at: datetime | str) -> str:
        """Give the hour of an instant in Cambodia; the day only if it is another. As text it is an ISO instant."""
        local = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(HOME)
        today = local.date() == self.now.astimezone(HOME).date()
        return f"{local:%H:%M}" if today else f"{local:%d.%m. %H:%M}"

    def place(self, country: str | None) -> str:
        """Name a country."""
        row = self.content.countries.get(country or "")
        return self._once("place", row.id, lambda: self.words(row.words)) if row else self("unknown")

    def times(self, country: str | None) -> str:
        """Give the time in a country, in all its zones; "" if it has none."""
        zones = self.content.zones(country)
        times = (f"{self.now.astimezone(zone):%H:%M}" for zone in zones)
        return self._once("times", country or "", lambda: " / ".join(dict.fromkeys(times)))

    def person(self, names: Mapping[int, str], operator: int) -> str:
        """Name an operator, made visible; who is not listed any more, by their id."""
        return self._once("person", str(operator), lambda: visible(names.get(operator, operator)))

    def mark(self, case: Case) -> str:
        """Say what a case is marked with; "" if it is not."""
        return self.phrase(f"{case.mark}_mark") if case.mark else ""

    def is_late(self, case: Case) -> bool:
        """Say whether nobody has taken a case for longer than its urgency allows."""
        return case.state == "new" and self.now - case.created >= LATE[case.urgency]

    def other(self) -> Language:
        """Give the other language."""
        return next(one for one in LANGUAGES if one != self.language)


def visible(text: object) -> str:
    """Show control and direction characters as signs; line ends stay, and so do Khmer's zero-width spaces.

    Of a heap of marks on one letter the first few are shown: the others would cover the lines above and below.
    """
    return _HEAP.sub(r"\1⟨…⟩", "".join(_sign(one) for one in str(text)))


def _sign(one: str) -> str:
    code = ord(one)
    if one in ("\n", "\t"):
        return one
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F or 0x80 <= code < 0xA0 or code in _DIRECTIONS or 0xD800 <= code < 0xE000:
        return f"⟨{code:04X}⟩"
    return one


class Speaker:
    """Make pages."""

    def __init__(self, *, content: Callable[[], Content], now: Callable[[], datetime], files: StaticFiles) -> None:
        """Use these."""
        self._content = content
        self._now = now
        self._pages = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._pages.filters["visible"] = visible
        self._pages.globals.update(static=files.addresses, signs=SIGNS, utc=UTC)

    @property
    def content(self) -> Content:
        """Give the content that is served now."""
        return self._content()

    def speech(self, language: Language, *, aloud: bool = False) -> Speech:
        """Give what may be said now; `aloud`: of and to somebody who calls or comes."""
        content = self._content()
        return Speech(content.aloud if aloud else content, language, self._now())

    def text(self, template: str, language: Language, **values: Any) -> str:
        """Make a page, or a part of one, as text; a value `t` stands in the place of what is said as a rule."""
        said = {"t": self.speech(language), **values}
        return self._pages.get_template(template).render(said)

    def page(self, template: str, language: Language, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Make a page."""
        return HTMLResponse(self.text(template, language, **values), status)


def language_of(request: Request, *, known: Language | None = None) -> Language:
    """Give the language of somebody who is not logged in: as they chose, else `known`, else as their browser says."""
    chosen = request.query_params.get("language")
    for one in LANGUAGES:
        if chosen == one:
            return one
    return known or ("en" if request.headers.get("accept-language", "").lower().startswith("en") else "km")
