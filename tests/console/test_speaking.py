"""What pages say: people's words made visible, and words for every mark of a case."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.console.speaking import Speech, visible
from bot.core.content import Content
from bot.core.state import Case, Mark
from tests.whole.conftest import content

__all__ = ["content"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨202E⟩b"),
        ("a\x07b\x7fc", "a␇b⟨007F⟩c"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("ស\u200bួស្តី", "ស\u200bួស្តី"),
    ],
)
def test_signs_that_act_on_the_page_are_shown_as_signs(text: str, shown: str) -> None:
    """Line ends and Khmer's hints for breaking stay what they are."""
    assert visible(text) == shown


@pytest.mark.parametrize("heap", ["\u0301" * 200, "ា" * 200, "្ក" * 200, "្" * 200, "្ក\u0301" * 200])
def test_a_heap_of_marks_is_cut(heap: str) -> None:
    """It would cover the lines above and below; that something was left out is said."""
    shown = visible(f"ក{heap} end")

    assert len(shown) < 30 and "⟨…⟩" in shown and shown.endswith(" end")


def test_words_are_never_cut() -> None:
    """The most that a Khmer letter carries: two letters below it, a vowel, a sign."""
    words = "ស្ត្រី លក្ស្មី ក្សត្រិយ៍ សង្គ្រោះ ខ្ញុំ Việt Nam ที่นี่ น้ำ မြို့"

    assert visible(words) == words


@pytest.mark.parametrize("mark", get_args(Mark))
def test_every_mark_of_a_case_can_be_said(mark: Mark, content: Content) -> None:
    """A list with a marked case on it must not fail for want of words."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    case = Case(id="c", number="N", created=now, updated=now, mark=mark)

    assert bool(Speech(content, "en", now).mark(case)) == bool(mark)
