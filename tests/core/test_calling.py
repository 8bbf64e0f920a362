"""People who call or come: whatever is pressed and said, nothing is sent, and nobody is told to call too early."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import contact
from bot.core.effects import CallOperators, Deliver, Effect, Hide, Send, Show, TellPrivately
from bot.core.events import Called, Desk, Pressed, Received, Replied, Returned, Said, TakenDown
from bot.core.screens import buttons
from bot.core.state import Taker
from bot.core.values import Language
from tests.core.talking import Talk, shipped_content

TAKER, OTHER = 501, 502
WORDS = ("012 345 678", "they beat me", "លាក់", "hide", "stop", "3", "   ", "ថៃ")
WHATS = ("press", "press", "press", "say", "danger", "done", "back", "skip", "again", "desk", "reply", "called", "wait")
EVENTS = st.lists(st.tuples(st.sampled_from(WHATS), st.integers(0, 9999)), max_size=50)


def call(language: Language = "en") -> Talk:
    """Give a person who just called."""
    talk = Talk(shipped_content().aloud, language=language)
    talk.take(Received(operator=TAKER, way="call"))
    return talk


def tell(talk: Talk, told: Said | Pressed, *, by: int = TAKER, rev: int | None = None) -> None:
    """Let the operator who takes it down note an answer."""
    talk.take(TakenDown(operator=by, rev=talk.talk.rev if rev is None else rev, told=told))


def press(talk: Talk, *choices: str) -> None:
    """Press buttons of the present screen, one after the other."""
    for choice in choices:
        tell(talk, Pressed(data=talk.data(choice), live=False))


def _calls(talk: Talk, effects: list[Effect]) -> list[TellPrivately | CallOperators]:
    line = talk.content.phrases["call_now"]
    told = [one for one in effects if isinstance(one, TellPrivately | CallOperators)]
    return [one for one in told if one.line is not None and one.line.words == line]


def _happen(talk: Talk, what: str, pick: int) -> None:
    screen, options = buttons(talk.content, talk.talk)
    case = talk.cases[-1].id if talk.cases else "none"
    who = {"case": case, "operator": TAKER, "name": "A"}
    here = f"{talk.talk.rev}:{screen}:"
    match what:
        case "press" if options:
            tell(talk, Pressed(data=f"{here}{pick % len(options)}", live=False))
        case "say":
            tell(talk, Said(text=WORDS[pick % len(WORDS)]), rev=talk.talk.rev - pick % 2)
        case "danger" if pick % 4 == 0:
            tell(talk, Pressed(data="!danger", live=False))
        case "done" | "back" | "skip":
            tell(talk, Pressed(data=f"{here}{what}", live=False))
        case "again":
            talk.take(Received(operator=TAKER, way="walk_in", case=case))
        case "desk":
            act = ("take", "give_back", "seen")[pick % 3]
            talk.take(Desk.model_validate({**who, "act": act}))
        case "reply":
            talk.take(Replied.model_validate({**who, "text": "x"}))
        case "called":
            talk.take(Called.model_validate({**who, "reached": pick % 2 == 0}))
        case _:
            talk.take(Returned(back=talk.now))


@settings(max_examples=60, deadline=None)
@given(events=EVENTS)
def test_nothing_is_sent_and_nobody_is_told_to_call_against_the_rule(events: list[tuple[str, int]]) -> None:
    """Through every order of acts: no message, no hiding, one screen to read, and calls only when they are allowed."""
    talk = call()
    for what, pick in events:
        effects: list[Effect] = []
        if what == "wait":
            due = min((one.due for one in talk.timers.values()), default=talk.now)
            effects += talk.wait(seconds=max((due - talk.now).total_seconds(), 0))
        else:
            _happen(talk, what, pick)
            effects += talk.decision.effects
        assert not [one for one in effects if isinstance(one, Send | Deliver | Hide)]
        assert talk.talk.mode == "open" and talk.talk.taker is not None
        assert not [one for one in effects if isinstance(one, Show) and one.initiative]
        for called in _calls(talk, effects):
            zones = contact.zones_of(talk.content, talk.talk, next(one for one in talk.cases if one.id == called.case))
            assert contact.may_write(talk.talk.contact, zones, talk.now)


def test_a_colleague_can_note_nothing_in_what_another_takes_down() -> None:
    """Who takes it down is asked where it is decided."""
    talk = call()
    before = talk.session
    tell(talk, Said(text="forged"), by=OTHER)

    assert talk.decision.effects == () and talk.session.conversation == before.conversation


def test_danger_from_a_page_grown_old_still_acts() -> None:
    """Like the button of an old message: it must never be too late for it."""
    talk = call()
    old = talk.talk.rev
    tell(talk, Said(text="012 345 678"))
    tell(talk, Pressed(data="!danger", live=False), rev=old)

    assert talk.cases[-1].urgency == "P1"


def test_a_person_who_writes_to_us_cannot_be_received_by_hand() -> None:
    """Their chat stays theirs, whatever an operator sends."""
    talk = Talk(shipped_content())
    talk.take(Said(text="hello"))
    before = talk.session.conversation
    talk.take(Received(operator=TAKER, way="call", case=talk.cases[-1].id))

    assert talk.session.conversation == before and talk.decision.effects == ()


def test_a_call_that_breaks_off_is_taken_up_where_it_was() -> None:
    """Another operator, who is called next, goes on with the open question; the first one's page is over."""
    talk = call()
    tell(talk, Said(text="012 345 678"))
    asked = talk.talk.place
    talk.take(Received(operator=OTHER, way="call", case=talk.cases[-1].id))

    assert talk.talk.place == asked and talk.talk.taker == Taker(operator=OTHER, way="call")
