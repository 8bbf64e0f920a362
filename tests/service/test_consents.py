"""A consent stands until something newer is said of the same organisation."""

from datetime import UTC, datetime

import pytest

from bot.service.casefile import Item, read_case
from bot.service.consents import standing
from tests.core.talking import shipped_content

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ((), False),
        (("asked",), False),
        (("asked", "yes"), True),
        (("asked", "no"), False),
        (("asked", "yes", "no"), False),
        (("asked", "yes", "later"), False),
        (("asked", "yes", "asked"), False),
        (("unasked",), True),
    ],
)
def test_the_newest_word_counts(answers: tuple[str, ...], *, stands: bool) -> None:
    """A yes, or the reason why nobody was asked; of another organisation it says nothing."""
    said = {"kind": "consent", "organisation": "licadho", "purpose": "home", "version": "00000000"}
    items = [
        Item(str(number), {**said, "answer": one}, AT, media=False, opened=True, blob=None, file=None)
        for number, one in enumerate(answers)
    ]
    file = read_case(shipped_content(), items, "en")

    assert (standing(file, "licadho") is not None) is stands
    assert standing(file, "adhoc") is None
