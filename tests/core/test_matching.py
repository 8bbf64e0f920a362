"""A typed answer counts like a press, and a guess never turns a meaning round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.matching import Option, match, match_many

COUNTRIES: list[Option] = [
    ("TH", ["ថៃ", "Thailand", "ប្រទេសថៃ", "ស្រុកសៀម"]),
    ("MY", ["ម៉ាឡេស៊ី", "Malaysia", "ម៉ាឡេ"]),
    ("SA", ["អារ៉ាប៊ីសាអូឌីត", "Saudi Arabia"]),
    ("PH", ["ហ្វ៊ីលីពីន", "Philippines"]),
    ("at_sea", ["⛵ នៅលើសមុទ្រ", "⛵ At sea"]),
    ("unknown", ["មិនដឹង", "I do not know"]),
]
YES_NO: list[Option] = [("yes", ["បាទ/ចាស", "Yes", "បាទ", "ចាស"]), ("no", ["ទេ", "No", "អត់ទេ"])]
CONSENT: list[Option] = [("agree", ["យល់ព្រម", "I agree"]), ("refuse", ["មិនយល់ព្រម", "I don't agree"])]
FACTS: list[Option] = [
    ("held", ["1 ខ្ញុំចេញមិនបាន", "1. I cannot leave"]),
    ("papers", ["2 គេយកលិខិតឆ្លងដែន", "2. They keep my papers, or passport"]),
    ("unpaid", ["3 មិនបានប្រាក់ខែ", "3. I am not paid"]),
    ("home", ["4 ខ្ញុំចង់ទៅផ្ទះ", "4. I want to go home"]),
]


@pytest.mark.parametrize(
    "typed",
    [
        "2",
        "២",
        "๒",
        "２",
        "2.",
        "២.",
        "2)",
        "(2)",
        "#2",
        " 2 ",
        "02",
        "②",
        "2\ufe0f\u20e3",
        "no. 2",
        "លេខ ២",
        "ជម្រើសទី២",
        "option 2",
    ],
)
def test_a_number_names_the_option_in_its_place(typed: str) -> None:
    """People type the number they see, in the digits of their keyboard."""
    assert match(typed, COUNTRIES) == "MY"


@pytest.mark.parametrize(
    "typed", ["0", "7", "99", "100", "1.5", "1 2", "12:00", "1-2", "", " ", "\u200b", "🙂", "?", "\ud800"]
)
def test_a_number_outside_the_list_names_nothing(typed: str) -> None:
    """What is not on the list is asked again."""
    assert match(typed, COUNTRIES) is None


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("ថៃ", "TH"),
        ("THAILAND", "TH"),
        ("thailand!!", "TH"),
        ("ប្រទេស ថៃ", "TH"),
        ("ប្រទេស\u200bថៃ", "TH"),
        ("ស្រុក សៀម។", "TH"),
        ("ម៉ាឡេស៊ី", "MY"),
        ("ម៉ាឡេសុី", "MY"),  # u typed for the shifter
        ("saudiarabia", "SA"),
        ("at sea", "at_sea"),
        ("⛵", None),
        ("នៅលើសមុទ្រ", "at_sea"),
        ("i dont know", None),
        ("I DO NOT KNOW", "unknown"),
        ("មិន ដឹង", "unknown"),
        ("2 Malaysia", "MY"),
        ("២. ម៉ាឡេស៊ី", "MY"),
        ("2. Malaysai", "MY"),
        ("1. Malaysia", None),  # number and words disagree
    ],
)
def test_a_label_in_any_language_names_its_option(typed: str, country: str | None) -> None:
    """Spaces, case, emoji, word breaks and slips of the keyboard do not matter."""
    assert match(typed, COUNTRIES) == country


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("Thialand", "TH"),
        ("Tailand", "TH"),
        ("Malasia", "MY"),
        ("Malaysya", "MY"),
        ("Phillipines", "PH"),
        ("Soudi Arabia", "SA"),
        ("ហ្វីលីពីន", "PH"),
        ("អារ៉ាប៊ីសាអ៊ូឌីត", "SA"),
        ("ម៉ាលេស៊ី", "MY"),
        ("Mali", None),
        ("Poland", None),
        ("Holland", None),
        ("I do know", None),
        ("ដឹង", None),
        ("Thai", None),  # no prefixes: half a word is half a meaning
    ],
)
def test_a_small_misspelling_still_names_its_option(typed: str, country: str | None) -> None:
    """One letter wrong, missing, doubled or swapped, two in a long label; anything more is asked again."""
    assert match(typed, COUNTRIES) == country


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("I am paid", "I am not paid"),
        ("I am not paid", "I am paid"),
        ("I am nt paid", "I am paid"),
        ("I can leave", "I can't leave"),
        ("I can't leave", "I can leave"),
        ("I want to live", "I want to leave"),
        ("she keeps it", "he keeps it"),
        ("my mother", "my brother"),
        ("North Korea", "South Korea"),
        ("under 16", "under 18"),
        ("unsafe", "safe"),
        ("save", "safe"),
        ("Iran", "Iraq"),
        ("មិនយល់ព្រម", "យល់ព្រម"),
        ("ខ្ញុំមិនចង់ទៅផ្ទះ", "ខ្ញុំចង់ទៅផ្ទះ"),
        ("ខ្ញុំមនចង់ទៅផ្ទះ", "ខ្ញុំចង់ទៅផ្ទះ"),  # the negation itself misspelt
        ("ខ្ញុំចង់នៅផ្ទះ", "ខ្ញុំចង់ទៅផ្ទះ"),  # stay, go
        ("គ្មានលិខិត", "មានលិខិត"),
        ("ស្លាប់", "ស្តាប់"),  # died, listen
        ("សម្លាប់", "ស្តាប់"),
        ("បន្ទាន់", "បន្ទាប់"),  # urgent, next
        ("បាទ", "ទេ"),
    ],
)
def test_another_meaning_is_never_taken_for_a_misspelling(typed: str, label: str) -> None:
    """Even if nothing else is offered, the opposite of a label is not the label."""
    assert match(typed, [("label", [label]), ("other", ["រំលង", "Skip"])]) is None


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("yes", "yes"), ("បាទ", "yes"), ("ចាស", "yes"), ("ទេ", "no"), ("yee", None), ("na", None), ("បា", None)],
)
def test_short_labels_are_never_guessed(typed: str, answer: str | None) -> None:
    """Three letters hold no room for a slip: yes and no must be typed as they are, or pressed."""
    assert match(typed, YES_NO) == answer


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("យល់ព្រម", "agree"),
        ("មិនយល់ព្រម", "refuse"),
        ("i dont agree", "refuse"),
        ("I don’t agree", "refuse"),
        ("i agre", "agree"),
        ("I do agree", None),
    ],
)
def test_consent_is_what_was_said(typed: str, answer: str | None) -> None:
    """A yes is never read out of a no, nor a no out of a yes."""
    assert match(typed, CONSENT) == answer


def test_two_options_equally_near_are_no_answer() -> None:
    """A tie is asked again."""
    assert match("Austrlia", [("AU", ["Australia"]), ("AT", ["Austria"])]) is None


def test_the_same_label_twice_is_no_answer() -> None:
    """If two options could be meant, neither is taken."""
    assert match("Other", [("a", ["Other"]), ("b", ["other"])]) is None


def test_a_label_that_is_a_number_goes_before_the_place_in_the_list() -> None:
    """What the screen shows counts first."""
    assert match("2", [("two", ["2"]), ("one", ["1"])]) == "two"


@pytest.mark.parametrize(
    ("typed", "facts"),
    [
        ("1 3", ("held", "unpaid")),
        ("3 1", ("held", "unpaid")),
        ("1,3", ("held", "unpaid")),
        ("1, 3.", ("held", "unpaid")),
        ("1.3", ("held", "unpaid")),
        ("1. 3.", ("held", "unpaid")),
        ("1/3", ("held", "unpaid")),
        ("1+3", ("held", "unpaid")),
        ("1&3", ("held", "unpaid")),
        ("1\n3", ("held", "unpaid")),
        ("១ ៣", ("held", "unpaid")),
        ("១,៣", ("held", "unpaid")),
        ("1 និង 3", ("held", "unpaid")),
        ("១និង៣", ("held", "unpaid")),
        ("1 and 3", ("held", "unpaid")),
        ("1and3", ("held", "unpaid")),
        ("1\ufe0f\u20e33\ufe0f\u20e3", ("held", "unpaid")),
        ("1 1", ("held",)),
        ("4", ("home",)),
        ("I am not paid", ("unpaid",)),
        ("i am not payd", ("unpaid",)),
        ("They keep my papers, or passport", ("papers",)),
        ("I cannot leave, I am not paid", ("held", "unpaid")),
        ("I cannot leave and 3", ("held", "unpaid")),
        ("ខ្ញុំចេញមិនបាន និងមិនបានប្រាក់ខែ", ("held", "unpaid")),
        ("1 2 3 4", ("held", "papers", "unpaid", "home")),
        ("", ()),
        ("?", ()),
        ("1 9", ()),
        ("1, something else", ()),
        ("1-3", ()),  # one and three, or one to three?
        ("13", ()),
        ("1 " * 2_000, ("held",)),
        (" ".join(map(str, range(99))), ()),
    ],
)
def test_several_options_are_named_at_once(typed: str, facts: tuple[str, ...]) -> None:
    """Numbers and labels, however they are joined; all of it is understood, or it is asked again."""
    assert match_many(typed, FACTS) == facts


@settings(deadline=None)
@given(st.text(st.characters(codec=None, categories=None), max_size=40) | st.text("123១៣ .,និងandថៃមិន្ី", max_size=20))
def test_any_text_can_be_matched(text: str) -> None:
    """No text makes matching fail, and only offered ids come out."""
    for options in (COUNTRIES, YES_NO, FACTS, []):
        ids = [option_id for option_id, _ in options]

        assert match(text, options) in [None, *ids]
        assert set(match_many(text, options)) <= set(ids)


@settings(deadline=None)
@given(st.sampled_from([(option_id, label) for option_id, labels in COUNTRIES + FACTS for label in labels]))
def test_every_label_names_its_own_option(named: tuple[str, str]) -> None:
    """Typing exactly what the button says is pressing the button."""
    assert match(named[1], COUNTRIES + FACTS) == named[0]
