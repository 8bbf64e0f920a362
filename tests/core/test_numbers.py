"""Numbers are read as people type them, and never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.numbers import LARGEST_NUMBER, Phone, parse_number, parse_phone

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
NUMBER_LIKE = st.text("0123១៣៤๕,.:/-+%½① kមួយពីររយពាន់ខែand", max_size=25)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("១២", 12),
        ("๑๒", 12),
        ("１２", 12),
        ("1\ufe0f\u20e3", 1),
        ("③", 3),
        ("0", 0),
        ("០៣", 3),
        ("  3. ", 3),
        ("(3)", 3),
        ("~3", 3),
        ("3+", 3),
        ("៣ខែ", 3),
        ("3 months", 3),
        ("3months", 3),
        ("៣ ខែហើយ មិនបានលុយ", 3),
        ("ប្រហែល ៥ ខែ", 5),
        ("ខ្ញុំ៣នាក់", 3),
        ("ទី២", 2),
        ("3.0", 3),
        ("១២,០០០", 12_000),
        ("១២០០០", 12_000),
        ("12 000", 12_000),
        ("1 200 000", 1_200_000),
        ("3.000$", 3_000),
        ("៣,០០០ដុល្លារ", 3_000),
        ("3，000", 3_000),
        ("1.000.000", 1_000_000),
        ("1,234.00", 1_234),
        ("1.234,00", 1_234),
        ("RM500", 500),
        ("S$500", 500),
        ("5k", 5_000),
        ("5 thousand", 5_000),
        ("2.5 million", 2_500_000),
        ("៥ពាន់", 5_000),
        ("៥ពាន់បាត", 5_000),
        ("៥ពាន់ក្នុងមួយខែ", 5_000),
        ("៣ម៉ឺន៥ពាន់", 35_000),
        ("3 ពាន់ 5 រយ", 3_500),
        ("៣ពាន់ប្រាំរយ", 3_500),
        ("មួយ", 1),
        ("ពីរ", 2),
        ("បី", 3),
        ("បួន", 4),
        ("ប្រាំ", 5),
        ("ប្រាំមួយ", 6),
        ("ប្រាំពីរ", 7),
        ("ប្រាំពិល", 7),
        ("ប្រាំបី", 8),
        ("ប្រាំបួន", 9),
        ("ដប់", 10),
        ("ដប់ប្រាំមួយ", 16),
        ("ម្ភៃប្រាំ", 25),
        ("បី ខែ", 3),
        ("បី\u200bខែ", 3),
        ("ប្រាំមួយខែហើយ", 6),
        ("ប្រហែលបីខែ", 3),
        ("ដប់ពីរនាក់", 12),
        ("ខ្ញុំមិនបានប្រាក់ខែបីខែហើយ", 3),
        ("បីរយដុល្លារ", 300),
        ("មួយម៉ឺនពីរពាន់", 12_000),
        ("ពីរសែនប្រាំម៉ឺន", 250_000),
        ("មួយលាន", 1_000_000),
        ("two", 2),
        ("Ten months", 10),
        ("twenty-five", 25),
        ("one hundred and five", 105),
        ("three hundred thousand", 300_000),
        ("muoy", 1),
        ("3 (three)", 3),
        ("៣ខែ (បីខែ)", 3),
        ("999,999,999", LARGEST_NUMBER),
    ],
)
def test_a_number_is_read_as_it_was_meant(typed: str, number: int) -> None:
    """Any script, any thousands mark, among words or in words: one number is that number."""
    assert parse_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200b",
        "many",
        "គ្មាន",
        "2 3",
        "2-3",
        "3 500",  # three months and 500 dollars?
        "3 months 2 days",
        "៣ខែ ២ថ្ងៃ",
        "two or three",
        "ពីរ ឬ បី",
        "បី បួន",
        "10 5",
        "two five",
        "3.5",
        "3½",
        "½",
        "2ខែកន្លះ",
        "half a month",
        ".5",
        "-3",
        "50%",
        "៥០％",
        "1/2",
        "14:05",
        "៧/៣/២០២៥",
        "1.2.2025",
        "1.2345",  # what a library made of "1.234,5"
        "១.២៣៤,៥",
        "1,23,456",
        "1,234,00",
        "0.500",
        "A12",
        "012",
        "012345678",
        "012 345 678",
        "+855 12 345 678",
        "1000000000",
        "1,000,000,000",
        "9" * 5_000,
        "million million",
        "ពិល",  # a torch; seven only in ប្រាំពិល
        "ជាមួយ",  # with
        "ខ្ញុំរស់នៅជាមួយគ្នា",
        "ក្នុងមួយខែ",  # per month
        "ប្រាំង",  # dry season
        "3 រយៈពេល 2",
        "no one paid me",
        "k",
    ],
)
def test_what_can_be_read_in_two_ways_is_no_number(typed: str) -> None:
    """Asking again costs a minute; a wrong number of months or baht stays in the case."""
    assert parse_number(typed) is None


def test_a_scale_word_inside_another_word_does_not_count() -> None:
    """រយៈ (span) begins like រយ (hundred)."""
    assert parse_number("៣ រយៈពេលយូរ") == 3


@settings(deadline=None)
@given(ANY_TEXT | NUMBER_LIKE)
def test_any_text_can_be_asked_for_a_number(text: str) -> None:
    """No text makes reading fail, and what is read is within bounds."""
    number = parse_number(text)

    assert number is None or 0 <= number <= LARGEST_NUMBER


@settings(deadline=None)
@given(st.integers(0, LARGEST_NUMBER))
def test_grouping_never_changes_a_number(number: int) -> None:
    """Whatever mark stands between the thousands, and in whatever digits, the number is the same."""
    khmer = str(number).translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))

    assert {parse_number(text) for text in (f"{number}", f"{number:,}", f"{number:_}".replace("_", "."), khmer)} == {
        number
    }


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("012 345 678", "KH", "+85512345678"),
        ("០១២ ៣៤៥ ៦៧៨", "kh", "+85512345678"),
        ("0 12 345 678", "KH", "+85512345678"),
        ("12 345 678", "KH", "+85512345678"),
        ("012\u2011345\u2011678", "KH", "+85512345678"),
        ("012.345.678", "KH", "+85512345678"),
        ("លេខខ្ញុំ 012345678។", "KH", "+85512345678"),
        ("my number is 012 345 678 please", "KH", "+85512345678"),
        ("012345678 / +85512345678", "KH", "+85512345678"),
        ("1\n012345678", "KH", "+85512345678"),
        ("+855 12 345 678", None, "+85512345678"),
        ("+855 12 345 678", "TH", "+85512345678"),
        ("(+855) 12-345-678", None, "+85512345678"),
        ("+855 (0)12 345 678", None, "+85512345678"),
        ("＋８５５　１２　３４５　６７８", None, "+85512345678"),
        ("\u202a+855 12 345 678\u202c", None, "+85512345678"),
        ("tel:+85512345678", None, "+85512345678"),
        ("00855 12 345 678", None, "+85512345678"),
        ("00855 12 345 678", "TH", "+85512345678"),
        ("001 855 12 345 678", "TH", "+85512345678"),
        ("00700 855 12 345 678", "KR", "+85512345678"),
        ("855 12 345 678", None, "+85512345678"),
        ("85512345678", "TH", "+85512345678"),
        ("081-234-5678", "TH", "+66812345678"),
        ("๐๘๑ ๒๓๔ ๕๖๗๘", "TH", "+66812345678"),
        ("+66 81 234 5678", "KH", "+66812345678"),
        ("016-123 4567", "MY", "+60161234567"),
        ("010-1234-5678", "KR", "+821012345678"),
    ],
)
def test_a_telephone_number_is_read_as_it_is_dialled(typed: str, country: str | None, e164: str) -> None:
    """Local or international, in any script and spacing; what the person wrote is kept beside it."""
    assert parse_phone(typed, country=country) == Phone(e164=e164, original=typed)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("", "KH"),
        ("hello", "KH"),
        ("+", None),
        ("012 345 678", None),  # local to where?
        ("012 345 678", "at_sea"),
        ("117", "KH"),  # a short number belongs to the directory, not to a person
        ("0000000000", "KH"),
        ("+85512", "KH"),
        ("2019-2020", "KH"),
        ("1,200,000", "KH"),
        ("50000 500", "TH"),
        ("012345678, 098765432", "KH"),
        ("012345678 098765432", "KH"),
        ("1" * 4_000, "KH"),
        ("\ud800", None),
    ],
)
def test_what_is_no_telephone_number_is_not_made_one(typed: str, country: str | None) -> None:
    """A year, an amount or two numbers are not one telephone number."""
    assert parse_phone(typed, country=country) is None


@settings(deadline=None)
@given(ANY_TEXT | st.text("+0123456789០៥() -./", max_size=25), st.sampled_from(["KH", "TH", "", "XX", None]))
def test_any_text_can_be_asked_for_a_telephone_number(text: str, country: str | None) -> None:
    """No text makes reading fail, and what is read can be dialled."""
    phone = parse_phone(text, country=country)

    assert phone is None or (phone.e164[0] == "+" and phone.e164[1:].isdecimal() and phone.original == text)
