"""Public holidays: what the phone shows after hiding is true and complete."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.content.public_holidays import gather_holidays
from bot.core.content import Country, Holiday
from bot.core.flow import Words


def gather(*codes: str) -> tuple[Holiday, ...]:
    """Give the holidays of 2026 for countries with these codes."""
    rows = [Country(id=code, words=Words(context="", english=code), iso=code) for code in codes]
    return gather_holidays(rows, (), years=(2026,))


def test_cambodias_holidays_are_in_both_languages() -> None:
    """Cambodia's holidays are there for everyone, named and dated in Khmer and English."""
    day = next(one for one in gather() if one.day == date(2026, 11, 9))

    assert day.country == "KH"
    assert day.names == {"km": "ពិធីបុណ្យឯករាជ្យជាតិ", "en": "National Independence Day"}
    assert day.days == {"km": "ច័ន្ទ 9 វិច្ឆិកា 2026", "en": "Monday 9 November 2026"}


def test_host_countries_are_named_in_english_only() -> None:
    """The package has no Khmer for the host countries, and nothing is made up for it."""
    thai = [one for one in gather("TH") if one.country == "TH"]

    assert thai
    assert all(set(one.names) == {"en"} and set(one.days) == {"km", "en"} for one in thai)


def test_a_country_of_many_languages_gives_its_english() -> None:
    """Whatever variety of English the package uses for a country is found."""
    countries = {"TH", "MY", "SG", "VN", "ID", "CN", "KR", "JP", "HK", "SA", "LA", "MM", "PH", "AE", "TW"}

    assert {one.country for one in gather(*countries) if "en" in one.names} == countries | {"KH"}


def test_a_place_without_holidays_adds_none() -> None:
    """At sea and unknown have no code, and a code the package lacks is left out."""
    sea = Country(id="sea", words=Words(context="", english="At sea"), zones=(ZoneInfo("UTC"),))

    assert {one.country for one in gather_holidays([sea], (), years=(2026,))} == {"KH"}
    assert {one.country for one in gather("TA")} == {"KH"}


def test_holidays_come_in_order_of_days() -> None:
    """Each country's holidays run through the years asked for, in order."""
    days = [one.day for one in gather_holidays([], (), years=(2026, 2027))]

    assert days == sorted(days)
    assert {day.year for day in days} == {2026, 2027}
