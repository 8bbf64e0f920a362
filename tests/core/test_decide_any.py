"""Whatever people, operators and clocks do, in whatever order: promises that hold after every single event."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.casework import TO_DECIDE, is_visible
from bot.core.duty import Watch
from bot.core.effects import CallOperators, Hide, Page, PostCard, Seal, Send, SetTimer, Show, Shred
from bot.core.events import (
    Attachment,
    Blocked,
    CardWanted,
    Desk,
    Event,
    Gestured,
    HandedOver,
    Identified,
    Judged,
    Located,
    Noted,
    Opened,
    Postponed,
    Pressed,
    Reached,
    Replied,
    Returned,
    Said,
    Sent,
    Shared,
    Started,
    Suspected,
    TimerFired,
    Undelivered,
    Unseen,
)
from bot.core.screens import present
from bot.core.state import Session
from bot.core.values import URGENCIES, is_flagged, more_urgent
from tests.core.talking import Talk, shipped_content

OWN_WORDS = ("zqxv own words", "zqxv they lock me in", "zqxv ខ្ញុំចង់ស្លាប់", "zqxv 3 of us")
"""No command and no choice: what is written like this must be sealed, whatever is being asked."""
TYPED = ("1", "២", "3", "help", "ឈប់", "hide", "back", "skip", "done", "ភាសា", "person", "danger", "", "yes", "TH")
STALE = ("", "1:start.menu:0", "9999:help.safe:1", "::", "0:no.such:0", "!hide", "!stop", "!danger", "x" * 64)
BARS = ("done", "back", "skip", "person", "language", "km", "en", "hide", "stop", "danger")
ACTS = ("take", "give_back", "resolve", "urgency", "take", "take_over", "keep", "seen", "let_go", "erase")
KINDS = ("voice", "photo", "video", "document")


def _press(talk: Talk, pick: int) -> Event:
    options = [option.id for option in talk.screen.options] if talk.screen else []
    names = [*options, *BARS, *options]
    return Pressed(data=talk.data(names[pick % len(names)])) if talk.screen else Started()


def _case(talk: Talk, pick: int) -> str:
    return talk.cases[pick % len(talk.cases)].id if talk.cases else "none"


def _desk(talk: Talk, pick: int) -> Event:
    fields = {"act": ACTS[pick % 8], "urgency": URGENCIES[pick // 8 % 4], "reason": "heard", "outcome": "helped"}
    return Desk.model_validate({**fields, **_who(talk, pick)})


def _who(talk: Talk, pick: int) -> dict[str, object]:
    return {"case": _case(talk, pick), "operator": 501 + pick % 2, "name": "A"}


def _found(talk: Talk, pick: int) -> Event:
    who, day = _who(talk, pick), talk.now.date()
    events: tuple[Event, ...] = (
        HandedOver.model_validate({**who, "to": 501 + pick % 3, "to_name": "B", "note": "call at noon"}),
        Postponed.model_validate({**who, "due": talk.now + timedelta(seconds=pick - 100)}),
        Noted.model_validate({**who, "text": "noted"}),
        Judged.model_validate({**who, "indicator": "confinement", "agrees": pick % 2 == 0, "reason": "heard"}),
        Suspected.model_validate({**who, "holds": pick % 2 == 0, "reason": "heard"}),
        Identified.model_validate({**who, "by": "a ministry", "on": day}),
        Reached.model_validate({**who, "milestone": "located", "on": day}),
    )
    return events[pick // 2 % len(events)]


def _sent(talk: Talk, pick: int) -> Event:
    attachment = Attachment.model_validate({"file": "F", "kind": KINDS[pick % 4]})
    caption = OWN_WORDS[pick % 4] if pick % 3 else ""
    return Sent(attachment=attachment, caption=caption, album="A" if pick % 5 == 0 else None, edited=pick % 11 == 0)


def _timer(talk: Talk, pick: int) -> Event:
    names = ("untaken", "silent", "unkept", "again", "remind", "late", "duty", "leave", "word")
    fields = {"name": names[pick % 9], "case": _case(talk, pick), "rev": pick % 4, "due": talk.now}
    return TimerFired.model_validate(fields)


HAPPENINGS: tuple[Callable[[Talk, int], Event], ...] = (
    _press,
    _press,
    _press,
    _press,
    lambda _, pick: Said(text=OWN_WORDS[pick % 4], edited=pick % 7 == 0),
    lambda _, pick: Said(text=TYPED[pick % len(TYPED)]),
    _sent,
    lambda _, pick: Located(latitude=1.0, longitude=2.0, live=pick % 3 == 0),
    lambda _, pick: Pressed(data=STALE[pick % len(STALE)], live=pick % 2 == 0),
    lambda _, pick: Started(payload="x" * (pick % 3)),
    _desk,
    _desk,
    _found,
    _timer,
    lambda talk, pick: Opened(case=_case(talk, pick), record="R"),
    lambda talk, pick: Replied(case=_case(talk, pick), operator=501, name="A", row="0:0"),
    lambda _, pick: Gestured() if pick % 2 else Shared(number="1"),
    lambda talk, pick: Blocked() if pick % 2 else Undelivered(row="0:0", case=_case(talk, pick), reason="gone"),
    lambda talk, pick: CardWanted(case=_case(talk, pick), asked=pick % 2 == 0),
    lambda talk, pick: Unseen(case=_case(talk, pick)) if pick % 4 == 0 else Returned(back=talk.now),
)
PERSONAL = (Said, Sent, Located, Shared, Pressed, Started, Gestured)
WATCHES: tuple[Callable[[datetime], Watch], ...] = (
    lambda now: Watch(),
    lambda now: Watch(on=(501,), begins=now + timedelta(hours=7), clock="07:30"),
    lambda now: Watch(begins=now + timedelta(hours=3), clock="07:30"),
)
"""Nobody listed; somebody there; somebody later."""
WAITS = (0, 1, 3, 3, 3, 70, 400, 4000, 90_000)
WHICH = st.integers(0, len(HAPPENINGS) - 1)
EVENTS = st.lists(st.tuples(WHICH, st.integers(0, 9999), st.sampled_from(WAITS)), max_size=45)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=EVENTS)
def test_promises_hold_after_every_event(events: list[tuple[int, int, int]]) -> None:
    """No order of events breaks a promise: see the checks below, one promise each."""
    talk = Talk(shipped_content())
    for which, pick, seconds in events:
        event = HAPPENINGS[which](talk, pick)
        before = talk.session
        talk.watch = WATCHES[(which + pick) % 3](talk.now)
        talk.take(event, seconds=seconds)
        for check in CHECKS:
            check(talk, event, before)


def _check_words(talk: Talk, event: Event, before: Session) -> None:
    """What a person wrote in their own words, and every file, is sealed exactly once; but for the agreed word."""
    sealed = [one.body.get("text") or one.body.get("caption") for one in talk.of(Seal)]
    match event:
        case Said(text=text) if talk.talk.word is not None and talk.talk.word.is_said(text):
            assert text not in sealed
        case Said(text=text) if text in OWN_WORDS:
            assert sealed.count(text) == 1
        case Sent():
            assert len([one for one in talk.of(Seal) if one.attachment is not None]) == 1


def _check_hidden(talk: Talk, event: Event, before: Session) -> None:
    """A hidden chat shows nothing of the helpline, and the helpline does not write into it."""
    if talk.talk.mode == "hidden":
        assert not talk.of(Send) and all(one.screen.plain for one in talk.of(Show))
        assert all(one.screen is None or one.screen.plain for one in talk.of(Hide))


def _check_urgency(talk: Talk, event: Event, before: Session) -> None:
    """Only an operator makes a case less urgent."""
    if isinstance(event, Desk):
        return
    known = {case.id: case.urgency for case in before.cases}
    for case in talk.cases:
        assert more_urgent(known.get(case.id, "P4"), case.urgency) == case.urgency


def _check_cards(talk: Talk, event: Event, before: Session) -> None:
    """A case that becomes urgent by what a person does is carded with that very event, once, and visible."""
    known = {case.id: case.urgency for case in before.cases}
    carded = [one.case for one in talk.of(PostCard)]
    for case in talk.cases:
        if isinstance(event, PERSONAL) and is_flagged(case.urgency) and not is_flagged(known.get(case.id, "P4")):
            assert carded.count(case.id) == 1 and case.state != "draft"


def _check_danger(talk: Talk, event: Event, before: Session) -> None:
    """Once a case is P1 the next screen is the danger path, or its end if nothing is left to ask."""
    known = {case.id: case.urgency for case in before.cases}
    is_new = any(case.urgency == "P1" and known.get(case.id) != "P1" for case in talk.cases)
    if isinstance(event, PERSONAL) and is_new and talk.talk.mode == "open":
        assert talk.of(Show) and talk.talk.place is not None
        assert talk.talk.place.flow in {"danger", "contact", "end"}


def _check_cases(talk: Talk, event: Event, before: Session) -> None:
    """A case is gone only if operators finished it or let it go, if two erased it, or as a draft that was shredded."""
    shredded = {one.case for one in talk.of(Shred)}
    gone = [case for case in before.cases if case.id not in {one.id for one in talk.cases}]
    for case in gone:
        is_finished = isinstance(event, Desk) and event.act == "resolve" and case.state == "taken"
        is_let_go = isinstance(event, Desk) and event.act == "let_go" and case.mark in TO_DECIDE
        is_erased = isinstance(event, Desk) and event.act == "erase"
        assert (
            is_finished
            or (is_let_go and case.state == "taken")
            or is_erased
            or (case.id in shredded and case.state == "draft")
        )


def _check_queue(talk: Talk, event: Event, before: Session) -> None:
    """Nothing but finishing takes a case out of the queue; somebody has it or all do, and all are called for a P1."""
    now = {case.id: case for case in talk.cases}
    finished = event.case if isinstance(event, Desk) and event.act in ("resolve", "let_go", "erase") else None
    for case in before.cases:
        if is_visible(case) and case.id != finished:
            assert case.id in now and is_visible(now[case.id])
    for case in talk.cases:
        assert (case.state == "taken") == (case.assignee is not None)
        if case.state == "new" and case.urgency == "P1":
            assert ("untaken", case.id) in talk.timers


def _check_screens(talk: Talk, event: Event, before: Session) -> None:
    """One event brings at most one screen, and the person is always somewhere that can be shown."""
    assert len(talk.of(Show)) + len(talk.of(Hide)) <= 1
    assert present(talk.content, talk.talk).bar


def _check_ladders(talk: Talk, event: Event, before: Session) -> None:
    """An untaken P1 has its ladder; nobody is woken for anything else, nor paged for what somebody has seen."""
    waiting = {case.id: case for case in talk.cases if case.state == "new" and case.urgency == "P1"}
    climbing = {case for name, case in talk.timers if name == "untaken"}
    assert waiting.keys() <= climbing
    for called in talk.of(CallOperators):
        undecided = isinstance(event, TimerFired) and event.name == "unkept" and called.to == "supervisors"
        assert called.case in waiting or isinstance(event, Unseen) or undecided
    for paged in talk.of(Page):
        assert waiting[paged.case].seen_by is None


def _check_promises(talk: Talk, event: Event, before: Session) -> None:
    """Who is told when somebody begins is put before them then; who is told of somebody on duty is told of one."""
    shown = [line for one in talk.of(Show) + talk.of(Send) for line in one.screen.lines]
    said = {line.words.context.removeprefix("phrases.") for line in shown}
    promised = bool(said & {"next_at", "next_at_home"})
    assert not promised or talk.watch.begins in {one.due for one in talk.of(SetTimer) if one.name == "duty"}
    assert "next_now" not in said or talk.watch.on
    assert not (promised and talk.watch.on)


CHECKS = (
    _check_words,
    _check_hidden,
    _check_urgency,
    _check_cards,
    _check_danger,
    _check_cases,
    _check_queue,
    _check_screens,
    _check_ladders,
    _check_promises,
)


AT_THE_DESK = st.lists(st.tuples(st.sampled_from((_desk, _found, _timer, _press)), st.integers(0, 9999)), max_size=25)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=AT_THE_DESK)
def test_no_act_at_the_desk_loses_a_case(events: list[tuple[Callable[[Talk, int], Event], int]]) -> None:
    """From a danger press on, whatever operators, timers and buttons do: the case is reachable until it is finished."""
    talk = Talk(shipped_content())
    talk.take(Started())
    talk.press("danger")
    for happens, pick in events:
        event = happens(talk, pick)
        before = talk.session
        talk.take(event)
        _check_queue(talk, event, before)
        _check_cases(talk, event, before)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS)
def test_deciding_twice_decides_the_same(events: list[tuple[int, int, int]]) -> None:
    """The same events at the same times give the same session and effects: nothing is read but what is given."""
    one, other = Talk(shipped_content()), Talk(shipped_content())
    for which, pick, seconds in events:
        first = one.take(HAPPENINGS[which](one, pick), seconds=seconds)
        assert other.take(HAPPENINGS[which](other, pick), seconds=seconds) == first
