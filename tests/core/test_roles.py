"""Who may do what: a table, and nobody outside it."""

import pytest

from bot.core.roles import RIGHTS, Right, may


@pytest.mark.parametrize(
    ("role", "right", "is_theirs"),
    [
        ("operator", "open", True),
        ("operator", "people", False),
        ("supervisor", "audit", True),
        ("admin", "open", False),
        ("admin", "queue", False),
        ("admin", "people", True),
        ("", "self", False),
        ("owner", "self", False),
    ],
)
def test_rights_are_those_of_the_table(role: str, right: Right, *, is_theirs: bool) -> None:
    """An admin looks after settings and never sees a case; an unknown role has no right at all."""
    assert may(role, right) is is_theirs


def test_supervisors_do_what_operators_do() -> None:
    """And more."""
    assert RIGHTS["operator"] < RIGHTS["supervisor"]
