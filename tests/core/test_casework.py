"""The states of a case: the table is the whole truth, and no case closes by itself."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.core.casework import TRANSITIONS, CaseAct, after, is_visible
from bot.core.state import Case, CaseState

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATES: tuple[CaseState, ...] = get_args(CaseState)
ACTS: tuple[CaseAct, ...] = get_args(CaseAct)
POSSIBLE = {
    ("draft", "send"): "new",
    ("draft", "lapse"): "new",
    ("new", "take"): "taken",
    ("taken", "give_back"): "new",
    ("taken", "lose"): "new",
    ("taken", "hand_over"): "taken",
    ("taken", "resolve"): "closed",
    ("new", "erase"): "closed",
    ("taken", "erase"): "closed",
}
"""Everything that may happen to a case, written out a second time."""


def _case(state: CaseState) -> Case:
    return Case(id="c", number="AAAA0000", state=state, created=NOW, updated=NOW)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", STATES)
def test_each_act_leads_where_the_table_says_and_nowhere_else(state: CaseState, act: CaseAct) -> None:
    """Each act in each state gives the state of the table, or is not possible."""
    assert after(_case(state), act) == POSSIBLE.get((state, act))


def test_only_an_operator_closes_a_case() -> None:
    """The one way to closed is an operator's, from a case they have taken."""
    assert [key for key, state in TRANSITIONS.items() if state == "closed"] == [
        ("taken", "resolve"),
        ("new", "erase"),
        ("taken", "erase"),
    ]


def test_nothing_happens_to_a_closed_case() -> None:
    """A closed case stays closed."""
    assert not [key for key in TRANSITIONS if key[0] == "closed"]


@pytest.mark.parametrize("state", STATES)
def test_operators_see_what_was_sent_and_is_open(state: CaseState) -> None:
    """A draft is nobody's to see; a closed case is no longer in the queue."""
    assert is_visible(_case(state)) == (state in {"new", "taken"})
