"""The send policy: what each failure means for a message, and that nothing is tried for ever or given up too soon."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.sending import GIVE_UP_AFTER_SECONDS, IDEMPOTENT, Failure, Plan, RowKind, pause, plan

FAILURES: tuple[Failure, ...] = get_args(Failure)
KINDS: tuple[RowKind, ...] = get_args(RowKind)
DAY = GIVE_UP_AFTER_SECONDS


@pytest.mark.parametrize(
    ("failure", "after", "expected"),
    [
        ("nothing", 0, Plan(do="done")),
        ("blocked", 0, Plan(do="undeliverable", reason="blocked")),
        ("gone", 0, Plan(do="undeliverable", reason="gone")),
        ("malformed", 0, Plan(do="undeliverable", reason="refused")),
        ("revoked", 0, Plan(do="stop", seconds=60)),
        ("moved", 0, Plan(do="again", seconds=0)),
        ("wait", 7, Plan(do="again", seconds=7)),
        ("wait", 0, Plan(do="again", seconds=1)),
        ("wait", 86_400, Plan(do="again", seconds=3600)),
        ("busy", 0, Plan(do="again", seconds=8)),
        ("unsent", 0, Plan(do="again", seconds=8)),
        ("unknown", 0, Plan(do="again", seconds=8, repeated=True)),
    ],
)
def test_each_failure_has_one_meaning(failure: Failure, after: float, expected: Plan) -> None:
    """A screen that failed three times is done, tried again, given up or stops all sending, as the table says."""
    assert plan(failure, kind="screen", tries=3, age_seconds=60, after=after) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_have_arrived_is_repeated_and_known_as_such(kind: RowKind) -> None:
    """After an unknown outcome a message goes again; what can be done twice unseen is not counted as repeated."""
    made = plan("unknown", kind=kind, tries=0, age_seconds=1)
    assert (made.do, made.repeated) == ("again", kind not in IDEMPOTENT)


def test_what_can_be_done_twice_is_deleting_and_editing() -> None:
    """Whatever a person reads is never taken for something that may be repeated unseen."""
    assert set(IDEMPOTENT) == {"wipe", "delete", "card_buttons"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("failure", ["busy", "unsent", "unknown"])
def test_after_a_day_it_is_given_up_and_said(failure: Failure, kind: RowKind) -> None:
    """A messenger that cannot be reached is tried for 24 hours, then whoever waits is told."""
    assert plan(failure, kind=kind, tries=99, age_seconds=DAY).do == "again"
    assert plan(failure, kind=kind, tries=99, age_seconds=DAY + 1) == Plan(do="undeliverable", reason="gone")


@pytest.mark.parametrize("age", [0, DAY * 30])
@pytest.mark.parametrize("kind", KINDS)
def test_being_told_to_wait_is_never_a_reason_to_give_up(kind: RowKind, age: int) -> None:
    """Telegram's "too many requests" postpones a message, however old it is; it is never dropped."""
    assert plan("wait", kind=kind, tries=999, age_seconds=age, after=5) == Plan(do="again", seconds=5)


def test_pauses_double_up_to_a_minute() -> None:
    """1, 2, 4 ... seconds, at most 60, however often it was tried."""
    assert [pause(tries) for tries in (0, 1, 2, 3, 4, 5, 6, 7, 5000)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("kind", "hides"), [("wipe", False), ("delete", False), ("screen", True)])
def test_what_somebody_hiding_waits_for_is_tried_again_much_sooner(kind: RowKind, *, hides: bool) -> None:
    """The deletions, and the innocent screen: below it may lie what nobody knows of, found when it arrives."""
    pauses = [plan("busy", kind=kind, tries=tries, age_seconds=1, hides=hides).seconds for tries in range(9)]
    assert pauses == [0.25, 0.25, 0.25, 0.25, 0.25, 0.5, 1, 2, 4]


@given(
    failure=st.sampled_from(FAILURES),
    kind=st.sampled_from(KINDS),
    tries=st.integers(0, 10_000),
    age=st.floats(0, 1e9),
    after=st.floats(0, 1e9),
)
def test_every_failure_has_a_plan(failure: Failure, kind: RowKind, tries: int, age: float, after: float) -> None:
    """Whatever fails, there is one thing to do, within an hour, and a reason whenever somebody has to be told."""
    made = plan(failure, kind=kind, tries=tries, age_seconds=age, after=after)
    assert 0 <= made.seconds <= 3600
    assert (made.reason is not None) == (made.do == "undeliverable")
    assert not made.repeated or made.do == "again"
