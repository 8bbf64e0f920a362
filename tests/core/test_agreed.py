"""The agreed word is known again however it is typed, and nothing kept of it tells it."""

import pytest

from bot.core.agreed import agree, fits


@pytest.mark.parametrize("typed", ["Red coconut", "red  COCONUT!", "redcoconut", "“Red Coconut”"])
def test_a_word_is_known_however_it_is_typed(typed: str) -> None:
    """Capitals, spaces and punctuation are the keyboard's."""
    assert agree("Red coconut", salt="a", message=None).is_said(typed)


@pytest.mark.parametrize("typed", ["ទឹកដោះគោក្រហម", "ទឹកដោះគោ ក្រហម", "ទឹកដោះគោ\u200bក្រហម"])
def test_khmer_is_known_however_it_is_spaced(typed: str) -> None:
    """Where Khmer is spaced, and whether it can be seen, is a matter of taste and of the keyboard."""
    assert agree("ទឹកដោះគោ\u200bក្រហម", salt="a", message=None).is_said(typed)


@pytest.mark.parametrize("typed", ["red", "coconut red", "red coconuts", "", "ទឹក"])
def test_another_word_is_not_it(typed: str) -> None:
    """Nothing near it counts."""
    assert not agree("Red coconut", salt="a", message=None).is_said(typed)


def test_what_is_kept_tells_neither_the_word_nor_who_has_the_same() -> None:
    """Two who chose the same word have nothing in common that is kept."""
    one, other = (agree("coconut", salt=salt, message=None) for salt in "ab")
    assert one.digest != other.digest
    assert "coconut" not in one.model_dump_json()


@pytest.mark.parametrize(
    ("text", "is_word"), [("ok", True), ("x", False), ("!!", False), ("abcde" * 8, True), ("abcde" * 8 + "f", False)]
)
def test_a_word_is_neither_a_letter_nor_a_story(text: str, is_word: bool) -> None:
    """Two to forty characters that can be told from others."""
    assert fits(text) == is_word
