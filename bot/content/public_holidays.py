"""Gathers the public holidays of Cambodia and the host countries: what the phone shows after it was hidden."""

from collections.abc import Iterable, Iterator
from datetime import date

import holidays
from babel.dates import format_date

from bot.content.draft import Draft, nearest
from bot.content.strict_yaml import Node
from bot.content.table_files import named_rows
from bot.core.content import Country, Holiday
from bot.core.screens import HOST
from bot.core.values import LANGUAGES, Language

HOME = "KH"
_PATTERN = "EEEE d MMMM y"


def build_calendar(node: Node | None, draft: Draft) -> tuple[str, ...]:
    """Build the list of countries whose holidays the innocent screen shows: codes, and the country a person named."""
    known = (HOST, *holidays.list_supported_countries(include_aliases=False))
    codes = []
    for ident, fields in named_rows(node, "calendar", "calendar", draft):
        if ident not in known:
            fields.fault("id", f"No holidays of `{ident}` are known", nearest(ident, known))
        codes.append(ident)
        fields.close()
    if node is not None and not codes:
        draft.fault(node.spot, "The calendar of the innocent screen is empty", "Name a country: - id: KH")
    return tuple(codes)


def gather_holidays(
    countries: Iterable[Country], calendar: Iterable[str], *, years: Iterable[int]
) -> tuple[Holiday, ...]:
    """Give the holidays of those years: of the calendar's countries, then of the others in table order, each by day.

    Names are in the languages the `holidays` package has: Khmer for Cambodia, English for all others it knows.
    Days are written in every language.
    """
    codes = dict.fromkeys([HOME, *calendar, *(country.iso for country in countries if country.iso)])
    return tuple(holiday for code in codes for holiday in _of_country(code, tuple(years)))


def _of_country(code: str, years: tuple[int, ...]) -> Iterator[Holiday]:
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known:
        return
    tables = {
        language: holidays.country_holidays(code, years=years, language=name)
        for language in LANGUAGES
        if (name := _package_language(code, language)) is not None
    }
    for day in sorted({day for table in tables.values() for day in table}):
        names = {language: str(table[day]) for language, table in tables.items() if day in table}
        yield Holiday(day=day, country=code, names=names, days={one: _written(day, one) for one in LANGUAGES})


def _package_language(code: str, language: Language) -> str | None:
    """Find what the package calls a language for a country; None if it lacks it."""
    entity = getattr(holidays, code)
    names: tuple[str, ...] = entity.supported_languages or (entity.default_language or "en",)
    wanted = ("en_US", "en") if language == "en" else (language,)
    return next((name for want in wanted for name in names if name == want or name.startswith(f"{want}_")), None)


def _written(day: date, language: Language) -> str:
    return format_date(day, _PATTERN, locale=language)
