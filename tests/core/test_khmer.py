"""Khmer text comes to one form, whatever keyboard it was typed on."""

import re
from random import Random
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.khmer import ascii_digits, canonical, clean, clusters, fold, is_blank

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
KHMER_SIGNS = "កងញដតនបមយរលសហអឱឲ្្្ាិីុូេោំះ៉៊់៌៍័៝\u17b4\u200b\u200c\u200d\ufeffៗ។ 1១.'"
KHMER_TEXT = st.text(KHMER_SIGNS, max_size=30)

SLIPS = [
    ("ស្រ្តី", "ស្ត្រី"),  # subscript ro is stored last
    ("សង្រ្គោះ", "សង្គ្រោះ"),
    ("បុ៉ន្តែ", "ប៉ុន្តែ"),  # the shifter comes before the vowel
    ("សេ៊រី", "ស៊េរី"),
    ("ខ្ញំុ", "ខ្ញុំ"),
    ("នំា", "នាំ"),
    ("ចេីង", "ចើង"),  # a split vowel typed as its two halves
    ("ចីេង", "ចើង"),
    ("កេាន", "កោន"),
    ("សេ្មរ", "ស្មេរ"),  # the vowel typed before the subscript
    ("ក្្រាម", "ក្រាម"),
    ("ងាា", "ងា"),  # a sign typed twice
    ("ក្រ្រុម", "ក្រុម"),
    ("ម៉ាឡេសុី", "ម៉ាឡេស៊ី"),  # u typed for the shifter
    ("អីុតាលី", "អ៊ីតាលី"),
    ("សុើប", "ស៊ើប"),
    ("ញុាំ", "ញ៉ាំ"),
    ("មុឺន", "ម៉ឺន"),
    ("ស៊ុី", "ស៊ី"),  # both typed
    ("ក\u200bាត់", "កាត់"),  # torn apart by a word break
    ("ក្\u200bរុម", "ក្រុម"),
    ("ក\u200b្រុម", "ក្រុម"),
    ("ខ្\u200cញុំ", "ខ្ញុំ"),
    ("ខ្ញ\u200dុំ", "ខ្ញុំ"),
    ("\ufeffខ្ញុំ", "ខ្ញុំ"),
    ("ក\u17b4រ", "ករ"),
    ("ក\u17b5ារ", "ការ"),
    ("\u17a3ន", "អន"),
    ("\u17a4ន", "អាន"),
    ("ពណ៌", "ពណ៌"),
    ("ធម៌", "ធម៌"),
]


@pytest.mark.parametrize(("typed", "meant"), SLIPS)
def test_a_typing_slip_is_mended(typed: str, meant: str) -> None:
    """Two people who see the same word on their screens have typed the same word for us."""
    assert canonical(typed) == meant


@pytest.mark.parametrize(("typed", "meant"), [row for row in SLIPS if row[0] != row[1]])
def test_unicode_normalisation_would_not_have_been_enough(typed: str, meant: str) -> None:
    """The reason why this module exists: NFC leaves every one of these slips as it is."""
    assert normalize("NFC", typed) != meant


@pytest.mark.parametrize(
    "text",
    [
        "ស្ត្រី ប៉ុន្តែ ខ្ញុំ ម៉ាឡេស៊ី ព័ត៌មាន សម្រាប់ អន្តោប្រវេសន៍ ប័ណ្ណពណ៌ស៊ីជម្ពូ",
        "+855 12 345 678",
        "០១២ ៣៤៥ ៦៧៨",
        "https://example.org/?q=a__b&x=1//ក",
        "មួយ\nពីរ\r\n\tបី",
        "!!! ??  ។ ៕ ៖ ៗ  ...",
        "កូរ៉េ\u200bខាង\u200bត្បូង",  # a word break is good Khmer
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 ok",
        "ឲ្យ ឱ្យ អោយ",
        "ស្ដី ស្តី",
        "Café naïve \u202eabc\u202c",
        "ក្",  # a subscript sign with nothing under it
        "\ud800 \0",
        "",
    ],
)
def test_good_text_and_foreign_text_is_left_alone(text: str) -> None:
    """Mending Khmer never costs a phone number, a link, a line end or a word break."""
    assert canonical(text) == text


WORDS = "ស្ត្រី ប៉ុន្តែ ខ្ញុំ នាំ ម៉ាឡេស៊ី សង្គ្រោះ ស្ម៉ៅ ព័ត៌មាន ញ៉ាំ ស៊ើប ភក្ត្រ ប្រុស ទៀត គ្រឿង ចៅហ្វ៊ាយ"


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_shuffled_signs_come_back_to_one_form(random: Random) -> None:
    """Whatever order the signs of a letter were typed in, the word is the same word."""
    signs = re.compile("((?:្(?!រ).)?)((?:្រ|[\u17b6-\u17d1])+)")

    def shuffle(match: re.Match[str]) -> str:
        units = re.findall("្.|[\u17b6-\u17d1]", match[0])
        random.shuffle(units)
        return "".join(units)

    assert canonical(signs.sub(shuffle, WORDS)) == WORDS


@settings(deadline=None)
@given(KHMER_TEXT)
def test_canonical_of_khmer_is_stable(text: str) -> None:
    """Text that was mended once needs no mending."""
    assert canonical(canonical(text)) == canonical(text)


@settings(deadline=None)
@given(KHMER_TEXT)
def test_fold_of_khmer_is_stable(text: str) -> None:
    """Folded text may be folded again without harm."""
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_can_be_read(text: str) -> None:
    """No text whatever, surrogates included, makes reading fail, and each form is stable."""
    assert canonical(canonical(text)) == canonical(text)
    assert fold(fold(text)) == fold(text)
    assert 0 <= clusters(text) <= len(text) + text.count("\u17a4")
    assert len(ascii_digits(text)) == len(text)
    assert not is_blank(text) or not fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HELP", "help"),
        ("Ｈｅｌｐ　ｍｅ", "help me"),
        ("Café Đà Nẵng", "cafe da nang"),
        ("STRASSE", "straße"),
        ("helpppp", "help"),
        ("don’t", "dont"),
        ("no  pay\n\nat all", "no pay at all"),
        ("help!!!", "help"),
        ("(help) / 'me'", "help me"),
        ("១២៣ ๔๕ ٦٧ ８９", "123 45 67 89"),
        ("៣,០០០", "3,000"),
        ("012-345-678", "012 345 678"),
        ("0000", "0000"),
        ("①", "1"),
        ("1\ufe0f\u20e3", "1"),
        ("ឲ្យ", "អោយ"),
        ("ឱ្យ", "អោយ"),
        ("មិនអោ្យចេញ", "មិនឱ្យចេញ"),
        ("ប្ដី", "ប្តី"),
        ("ប៊ិច", "ប៉ិច"),
        ("ប្រាក់\u200bខែ", "ប្រាក់ខែ"),
        ("ខ្ញុំ\u2060ឈឺ", "ខ្ញុំឈឺ"),
        ("យូរៗ", "យូរ"),
        ("យូរ ៗ", "យូរ"),
        ("ជួយខ្ញុំ។", "ជួយខ្ញុំ"),
        ("ជួយ៖ ខ្ញុំ៕", "ជួយ ខ្ញុំ"),
        ("ចាសសសសស", "ចាស"),
        ("ជួយ🆘🙏🏽", "ជួយ"),
        ("\u202eជួយ\u202c", "ជួយ"),
        ("ជួ\0យ", "ជួយ"),
    ],
)
def test_two_ways_of_writing_fold_to_one(one: str, other: str) -> None:
    """What counts as the same word for a person counts as the same word for us."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ទឹកកក", "ទឹក"),  # ice, the drug too, is not water
        ("000", "0"),
        ("12.5", "12 5"),
        ("12.5", "125"),
        ("14:05", "14 05"),
        ("មាន", "មិន"),
        ("កា", "ក"),
        ("នាំ", "នា"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    """Folding never makes two meanings one."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("ខ្ញុំ", 1),
        ("ស្ត្រី", 1),
        ("ប្រាក់ខែ", 3),
        ("1 ប្រាក់ខែ", 5),
        ("ប្រាក់\u200bខែ", 3),
        ("help", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("🆘", 1),
        ("🙏🏽", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1),
        ("🇰🇭", 1),
        ("ក" + "ា" * 200, 1),
        ("\u200b\u200d\ufeff", 0),
        ("ឱ្យ", 1),
    ],
)
def test_clusters_are_what_a_reader_counts(text: str, count: int) -> None:
    """A label is measured in signs on the screen, not in code points."""
    assert clusters(text) == count


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\u200b", "\u200b \ufeff", "\u2800", "\u3164", "\u00ad", "\0", "\u17b4"]
)
def test_text_that_shows_nothing_is_blank(text: str) -> None:
    """An answer nobody can see is asked again."""
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "។", "🙂", "\u200bក", "ា", "0", "\ud800", "?"])
def test_text_that_shows_something_is_not_blank(text: str) -> None:
    """Anything a person could see counts as an answer."""
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("ក\0ខ", "កខ"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
        ("  ស្រ្តី\u200b\r\n\u202e ", "  ស្រ្តី\u200b\r\n\u202e "),
    ],
)
def test_what_is_stored_is_what_was_written(raw: str, kept: str) -> None:
    """Only what no database can carry is replaced; slips, spaces and word breaks stay the person's own."""
    assert clean(raw) == kept


@settings(deadline=None)
@given(ANY_TEXT)
def test_clean_text_can_always_be_stored(text: str) -> None:
    """Whatever arrives can be encoded and holds no NUL, and cleaning it twice changes nothing."""
    kept = clean(text)

    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert clean(kept) == kept


def test_digits_of_other_scripts_become_ascii_in_place() -> None:
    """The text keeps its length, so a place in one is a place in the other."""
    assert ascii_digits("ក១២៣ ๔ ٥ ６ 7 ½ ①") == "ក123 4 5 6 7 ½ ①"
