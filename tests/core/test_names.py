"""Names are recognised however they are spelt, in Khmer and in Latin letters; only ever as a suggestion."""

import pytest

from bot.core.names import speaks_of, variants


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is Sok Dara and I work on a boat", "Sok Dara"),
        ("MY NAME IS SOKDARA", "sok dara"),
        ("my name is Sok Dara", "Sok Darra"),
        ("ខ្ញុំឈ្មោះ សុខ ដារ៉ា", "សុខ ដារ៉ា"),
        ("ខ្ញុំឈ្មោះសុខដារ៉ាធ្វើការនៅទីនេះ", "សុខ ដារ៉ា"),
        ("ខ្ញុំឈ្មោះ សុខ ដារ៉ា", "Sok Dara"),
        ("I am Dara Sok", "សុខ ដារ៉ា"),
        ("ខ្ញុំឈ្មោះ សំណាង ចាន់", "Chan Samnang"),
        ("call me Srey Pov, I am here", "ស្រី ពៅ"),
        ("this is Keo Sophal", "កែវ សុផល"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(text: str, name: str) -> None:
    """Khmer and Latin letters, spaces left out, family name first or last, a letter more or less."""
    assert speaks_of(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("they took my passport and I cannot leave", "Sok Dara"),
        ("ខ្ញុំចង់ទៅផ្ទះវិញ ហើយគេមិនបើកប្រាក់ខែ", "សុខ ដារ៉ា"),
        ("my name is Chan Samnang", "Sok Dara"),
        ("I sit in the dark", "Da"),
        ("", "Sok Dara"),
    ],
)
def test_what_is_no_such_name_is_not_taken_for_one(text: str, name: str) -> None:
    """Other names, ordinary sentences, and names too short to mean anything."""
    assert not speaks_of(text, name)


def test_an_answer_may_hold_several_names() -> None:
    """What they are called beside what their papers say."""
    assert variants("Sok Dara, called Rith") == ["Sok Dara", "Rith"]
    assert variants("សុខ ដារ៉ា ហៅ រិទ្ធ") == ["សុខ ដារ៉ា", "រិទ្ធ"]
    assert variants(" , ") == []
