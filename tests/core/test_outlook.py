"""What a person is told of who comes next is true, and is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.duty import Watch, watch
from bot.core.effects import CallOperators, Send, SetTimer, Show
from bot.core.engine import decide
from bot.core.events import Pressed, TimerFired
from bot.core.flow import Line
from bot.core.outlook import outlook
from bot.core.roster import Duty, Roster, Span
from bot.core.state import Case, Conversation, Session, Spare
from bot.core.turn import Turn
from bot.sandbox.stories import HOME
from tests.core.talking import NOON, shipped_content

BEGINS = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
WATCHES = st.one_of(
    st.just(Watch()),
    st.just(Watch(on=(501,))),
    st.just(Watch(begins=BEGINS, clock="07:30")),
    st.just(Watch(on=(501,), begins=BEGINS, clock="07:30")),
)
COUNTRIES = st.sampled_from([None, *shipped_content().countries])


def case(**fields: object) -> Case:
    """An untaken P1."""
    given_fields = {"id": "c", "number": "N", "state": "new", "urgency": "P1", "created": NOON, "updated": NOON}
    return Case.model_validate({**given_fields, **fields})


def session(on: Watch, *cases: Case, talk: Conversation | None = None) -> Session:
    """What is known of a person."""
    return Session(conversation=talk or Conversation(), cases=cases, spare=Spare(id="s", number="S"), watch=on)


def said(on: Watch, one: Case) -> Line | None:
    """Give what is said of a case."""
    return outlook(Turn(shipped_content(), session(on, one), NOON), one)


@pytest.mark.parametrize(
    ("country", "key", "time"),
    [
        ("TH", "next_at", "07:30"),
        ("KR", "next_at", "09:30"),
        ("SA", "next_at", "03:30"),
        ("MY", "next_at", "08:30"),
        ("ID", "next_at_home", "07:30"),
        (None, "next_at_home", "07:30"),
    ],
)
def test_the_hour_is_told_by_the_clock_where_the_person_is(country: str | None, key: str, time: str) -> None:
    """If the country has one clock; else by the clock in Cambodia, and said so."""
    line = said(Watch(begins=BEGINS, clock="07:30"), case(country=country))

    assert line == Line(words=shipped_content().phrases[key], params={"time": time})


def test_saying_who_begins_sets_the_timer_for_it() -> None:
    """Also when nobody was listed as the case became urgent: what is said later is kept as well."""
    turn = Turn(shipped_content(), session(Watch(begins=BEGINS, clock="07:30"), case()), NOON)
    outlook(turn, case())

    assert turn.effects == [SetTimer(name="duty", case="c", due=BEGINS, rev=0)]


@pytest.mark.parametrize("fields", [{"state": "taken"}, {"state": "closed"}, {"urgency": "P2"}])
def test_nothing_is_promised_of_what_wakes_nobody(fields: dict[str, str]) -> None:
    """Only an untaken P1 goes to those on duty."""
    assert said(Watch(on=(501,), begins=BEGINS, clock="07:30"), case(**fields)) is None


@given(on=WATCHES, country=COUNTRIES)
def test_no_promise_is_made_that_is_not_kept(on: Watch, country: str | None) -> None:
    """Who is told of somebody on duty was put before them; who is told of a beginning has a timer for it."""
    talk = Conversation(answers={"country": country} if country else {})
    done = decide(shipped_content(), session(on, talk=talk), Pressed(data="!danger"), NOON)
    keys = {line.words.context for one in done.effects if isinstance(one, Show) for line in one.screen.lines}
    timers = {one.due for one in done.effects if isinstance(one, SetTimer) and one.name == "duty"}

    assert ("phrases.next_now" in keys) == bool(on.on)
    assert bool(keys & {"phrases.next_at", "phrases.next_at_home"}) == (not on.on and on.begins is not None)
    assert timers == ({on.begins} if on.begins else set())
    assert [one.to for one in done.effects if isinstance(one, CallOperators)] == ["duty"]


@given(begins=st.integers(0, 95), country=COUNTRIES, now=st.integers(0, 7 * 96))
def test_whoever_was_announced_is_shown_the_case(begins: int, country: str | None, now: int) -> None:
    """At the instant that was told, the timer finds them on duty and puts the case before them."""
    hour = Span(begins=begins * 15, ends=begins * 15 + 60)
    roster = Roster(duties=tuple(Duty(operator=501, day=day, spans=(hour,)) for day in ("mon", "thu")))
    seen = watch(roster, HOME, NOON + timedelta(minutes=15 * now))
    if seen.begins is not None:
        event = TimerFired(name="duty", case="c", rev=0, due=seen.begins)
        later = session(watch(roster, HOME, seen.begins), case(country=country))
        done = decide(shipped_content(), later, event, seen.begins)
        assert [one.to for one in done.effects if isinstance(one, CallOperators)] == ["duty"]


def test_a_beginning_that_was_struck_off_the_roster_wakes_nobody() -> None:
    """The timer asks the roster again: at night nobody is called because somebody was listed once."""
    event = TimerFired(name="duty", case="c", rev=0, due=BEGINS)
    done = decide(shipped_content(), session(Watch(), case()), event, BEGINS)

    assert not [one for one in done.effects if isinstance(one, CallOperators | Send)]
