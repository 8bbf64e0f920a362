"""Decides: what one event changes in a person's session, and what shall be done about it.

`decide(content, session, event, now)` is pure: the same input gives the same output. Order of what is looked at when
a person acts: hide, stop and danger; being hidden; commands in words; then the wait the person is at.
"""

from datetime import datetime
from typing import assert_never

from bot.core import (
    answering,
    changing,
    clearing,
    consenting,
    guidance,
    hiding,
    operators,
    parting,
    proving,
    returning,
    searching,
    timing,
    triage,
    walk,
)
from bot.core.casework import is_visible
from bot.core.commands import recognise
from bot.core.content import CommandId, Content
from bot.core.desk import unseen
from bot.core.effects import Decision, Release, ReplyToCard, Toast
from bot.core.events import (
    Blocked,
    Event,
    Gestured,
    Located,
    Pressed,
    Returned,
    Said,
    Sent,
    Shared,
    Started,
    TakenDown,
    TimerFired,
    Unblocked,
    Undelivered,
    Unseen,
)
from bot.core.flow import Ask, Menu
from bot.core.keeping import keep
from bot.core.khmer import is_blank
from bot.core.matching import is_label
from bot.core.outlook import outlook
from bot.core.quiet import add, keep_quietly
from bot.core.screens import buttons, labels, show
from bot.core.state import Session
from bot.core.turn import Turn
from bot.core.values import is_flagged

PersonEvent = Started | Said | Pressed | Sent | Located | Shared | Gestured
MachineEvent = Blocked | Unblocked | TimerFired | Undelivered | Returned | Unseen
FIRST: tuple[CommandId, ...] = ("hide", "stop", "danger")
"""Commands that go before everything else, recognised when a row is inserted."""
_PRESSED: tuple[CommandId, ...] = ("done", "back", "skip", "person", "language", "km", "en", "remove")
_BUTTONS: dict[str, CommandId] = {one: one for one in _PRESSED}


def decide(content: Content, session: Session, event: Event, now: datetime) -> Decision:
    """Decide one event; `now` is an aware UTC instant. Raises nothing a person can cause."""
    turn = Turn(content, session, now)
    if isinstance(event, PersonEvent):
        _person(turn, event)
    elif isinstance(event, MachineEvent):
        _machine(turn, event)
    elif isinstance(event, TakenDown):
        _taken_down(turn, event)
    else:
        operators.act(turn, event)
    return turn.decision()


def crashed(content: Content, session: Session, now: datetime) -> Decision:
    """Fail towards a human: the person gets a kind line, unless the chat is hidden, and an operator a case."""
    turn = Turn(content, session, now)
    turn.raise_flags(("asked_for_person",), because="crash")
    case = turn.intake_case()
    turn.wrote_again(case)
    if turn.talk.mode == "open" and not turn.overtaken:
        turn.say("crash")
        show(turn, edit=False)
    return turn.decision()


def _taken_down(turn: Turn, event: TakenDown) -> None:
    """Let somebody who called or came answer, by the operator who takes it down now.

    From an older page only danger and stop still act; words of it are kept, but are no answer to the present question.
    """
    taker, told, command = turn.talk.taker, event.told, command_of(turn.content, event)
    if taker is None or taker.operator != event.operator or command == "hide":
        return
    if event.rev == turn.talk.rev:
        turn.change(picked=turn.talk.picked if event.ticked is None else event.ticked)
        _person(turn, told)
    elif isinstance(told, Said):
        add(turn, told)
    elif command is not None:
        _person(turn, told)


def _machine(turn: Turn, event: MachineEvent) -> None:
    match event:
        case TimerFired():
            timing.fire(turn, event)
        case Blocked():
            _cannot_reach(turn)
        case Unblocked():
            turn.change(blocked=False)
        case Undelivered():
            _undelivered(turn, event)
        case Returned():
            returning.returned(turn, event)
        case Unseen():
            unseen(turn, event)
        case _:
            assert_never(event)


def _undelivered(turn: Turn, event: Undelivered) -> None:
    if event.reason != "refused":
        _cannot_reach(turn)
    if event.case in turn.cases:
        turn.do(ReplyToCard(case=event.case, line=turn.phrase("reply_undelivered")))


def _cannot_reach(turn: Turn) -> None:
    """Note that the person cannot be written to, and tell it once on the cards of their cases, which stand."""
    if not turn.talk.blocked:
        for case in turn.own:
            if is_visible(case) and (is_flagged(case.urgency) or case.state == "taken"):
                turn.do(ReplyToCard(case=case.id, line=turn.phrase("delivery_failed", number=case.number)))
    turn.change(blocked=True)


def _person(turn: Turn, event: PersonEvent) -> None:
    proving.come_back(turn)
    turn.change(last_act=turn.now, blocked=False, shown_again=False)
    parting.put_off(turn)
    turn.wrote = isinstance(event, Said | Sent | Located | Shared)
    command = command_of(turn.content, event)
    if turn.talk.by_hand and isinstance(event, Said):
        command = None  # words of a caller are an answer; for all else the operator has buttons
    if command is not None and command not in FIRST and _names_a_choice(turn, event):
        command = None
    _dispatch(turn, event, command)
    searching.begin(turn)
    clearing.clear(turn, event)
    proving.settle(turn)
    if turn.talk.mode == "open" and not turn.overtaken and not isinstance(event, Started | Gestured):
        turn.do(Release(replies=turn.talk.word is None or turn.talk.word.waits is None))


def _dispatch(turn: Turn, event: PersonEvent, command: CommandId | None) -> None:
    if command == "hide":
        hiding.hide(turn)
    elif command == "danger":
        _danger(turn)
    elif command == "stop" and turn.talk.mode == "open":
        _stop(turn)
    elif turn.overtaken:
        hiding.keep_silently(turn, event)
    elif isinstance(event, Started) or command == "start":
        _start(turn)
    elif turn.talk.mode == "hidden":
        _behind(turn, event)
    elif (command is None and proving.hear(turn, event)) or keep_quietly(turn, event):
        return
    elif command is not None:
        _command(turn, command, edit=isinstance(event, Pressed) and event.live)
    else:
        _at_wait(turn, event)


def command_of(content: Content, event: Event) -> CommandId | None:
    """Give the command that a press or a whole typed message is, legal at every wait; None if it is none."""
    if isinstance(event, Pressed):
        first: dict[str, CommandId] = {"!hide": "hide", "!stop": "stop", "!danger": "danger"}
        return first.get(event.data)
    if isinstance(event, Said) and not event.edited:
        return recognise(content, event.text)
    if isinstance(event, TakenDown) and isinstance(event.told, Pressed):
        return command_of(content, event.told)
    return None


def _names_a_choice(turn: Turn, event: Event) -> bool:
    """Say whether typed words are exactly a choice of the present question: then they answer it and command nothing."""
    step = walk.step_at(turn.content, turn.talk)
    if not isinstance(event, Said) or step is None or turn.talk.mode == "hidden":
        return False
    return is_label(event.text, labels(turn, step))


def _danger(turn: Turn) -> None:
    """Take up the danger path from anywhere, hidden or not; operators who have a card already are told anew."""
    if turn.talk.mode == "hidden":
        hiding.reopen(turn)
    walk.leave(turn)
    walk.interrupt(turn)
    walk.enter(turn, "danger")
    case = turn.any_case()
    turn.wrote_again(case)
    turn.add(outlook(turn, case))
    show(turn, edit=False)


def _stop(turn: Turn) -> None:
    """End the flow: ask whether to keep or delete, if there is anything."""
    if turn.talk.case in turn.cases:
        turn.change(agenda=(), trail=())
        walk.enter(turn, "stop")
        show(turn, edit=False)
    else:
        turn.forget_intake()
        answering.rest(turn, "stopped", edit=False)


def _start(turn: Turn) -> None:
    """Show the first page; in a hidden chat whose person chose a picture, the calendar."""
    if turn.talk.mode == "hidden" and turn.talk.picture is not None:
        hiding.show_calendar(turn, page=0, edit=False)
    else:
        _open(turn, edit=False)


def _behind(turn: Turn, event: PersonEvent) -> None:
    """Take what comes into a hidden chat."""
    if not isinstance(event, Pressed):
        hiding.keep_silently(turn, event)
    elif hiding.opens(turn, event):
        _open(turn, edit=event.live)


def _open(turn: Turn, *, edit: bool) -> None:
    if turn.talk.mode == "hidden":
        hiding.reopen(turn)
    answering.home(turn, edit=edit)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────


def _command(turn: Turn, command: CommandId, *, edit: bool) -> None:
    step = walk.step_at(turn.content, turn.talk)
    match command:
        case "back":
            walk.back(turn)
            show(turn, edit=edit)
        case "skip":
            answering.skip(turn, step, edit=edit)
        case "language" | "km" | "en":
            other = "en" if turn.talk.speaks == "km" else "km"
            turn.change(language=other if command == "language" else command)
            show(turn, edit=edit)
        case "person":
            _call_person(turn)
            show(turn, edit=edit)
        case "done":
            answering.done(turn, step, edit=edit)
        case "remove":
            clearing.clear_papers(turn)
            show(turn, edit=edit)
        case "help":
            _help(turn, edit=edit)
        case "delete":
            turn.change(agenda=(), trail=())
            walk.enter(turn, "stop")
            show(turn, edit=edit)
        case "stands":
            searching.tell(turn)
            show(turn, edit=edit)
        case _:
            show(turn, edit=edit)


def _call_person(turn: Turn) -> None:
    """Tell operators that somebody wants to talk: by the card, or below a card that is there already."""
    case = turn.any_case()
    if is_flagged(case.urgency) and is_visible(case):
        turn.do(ReplyToCard(case=case.id, line=turn.phrase("asked_for_person")))
    with turn.about(case):
        turn.raise_flags(("asked_for_person",), because="person")
    turn.say("person_called")


def _help(turn: Turn, *, edit: bool) -> None:
    """Explain how to go on; outside a flow, the word for help leads to the first question (ARCHITECTURE, Urgency)."""
    turn.say("help_line")
    turn.raise_flags(("asked_for_help",), because="words")
    if _is_resting(turn):
        walk.enter(turn, "help")
    show(turn, edit=edit)


# ── at a wait ────────────────────────────────────────────────────────────────────────────────────────────────


def _at_wait(turn: Turn, event: PersonEvent) -> None:
    step = walk.step_at(turn.content, turn.talk)
    match event:
        case Pressed():
            _press(turn, event)
        case Gestured():
            turn.say("unreadable")
            show(turn, edit=False)
        case Said() if changing.is_listing(turn) and (question := changing.typed_question(turn, event.text)):
            changing.ask_anew(turn, question, edit=False)
        case Said() if _is_resting(turn):
            _said_at_rest(turn, event)
        case Said() if step is not None:
            answering.hear(turn, step, event)
        case Sent() | Located() | Shared() if isinstance(step, Ask):
            answering.tell(turn, step, event)
        case Said() | Sent() | Located() | Shared():
            _join(turn, event)
        case Started():
            _start(turn)


def _is_resting(turn: Turn) -> bool:
    return turn.talk.place is None or turn.talk.place.flow in walk.RESTS


def _said_at_rest(turn: Turn, event: Said) -> None:
    """Take words outside a question: a typed choice, a word searched for in guidance, else something to keep."""
    step = walk.step_at(turn.content, turn.talk)
    if is_blank(event.text):
        turn.say("no_words")
        show(turn, edit=False)
        return
    if isinstance(step, Menu):
        chosen = answering.typed_choice(turn, step, event.text)
        if chosen is None and step.articles and not triage.read(turn.content, event.text).indicators:
            found = guidance.search(turn.content, event.text, limit=1)
            chosen = found[0][0] if found else None
        if chosen is not None:
            answering.choose(turn, step, chosen, edit=False)
            return
    _join(turn, event)


def _join(turn: Turn, event: Said | Sent | Located | Shared) -> None:
    """Add what comes outside a question to the newest open case, unasked; with none, it is the first of a new draft."""
    known = turn.case
    case = turn.any_case()
    keep(turn, event, case)
    turn.wrote_again(case)
    if turn.endangered:
        turn.adopt(case)
        walk.walk(turn, None)
    elif known is not None:
        turn.say("added")
        searching.tell_of(turn, case)
    elif not isinstance(event, Sent):
        turn.say("kept_words")
    show(turn, edit=False)


def _press(turn: Turn, event: Pressed) -> None:
    """Act on a button of the present screen; any other shows the present screen again (ARCHITECTURE, Screen)."""
    if event.data.startswith(consenting.MARK):
        consenting.answered(turn, event)
        return
    screen, options = buttons(turn.content, turn.talk)
    rev, _, rest = event.data.partition(":")
    step_name, _, what = rest.rpartition(":")
    if rev != str(turn.talk.rev) or step_name != screen:
        turn.do(Toast(line=turn.phrase("expired_button")))
        show(turn, edit=event.live)
    elif what.isdecimal() and int(what) < len(options):
        _press_option(turn, options[int(what)], edit=event.live)
    elif what[:1] in ("+", "-") and what[1:].isdecimal() and int(what[1:]) < len(options):
        answering.pick(turn, options[int(what[1:])], picked=what[0] == "+", edit=event.live)
    elif what in _BUTTONS:
        _command(turn, _BUTTONS[what], edit=event.live)
    else:
        turn.do(Toast(line=turn.phrase("expired_button")))
        show(turn, edit=event.live)


def _press_option(turn: Turn, choice: str, *, edit: bool) -> None:
    if changing.is_listing(turn):
        changing.ask_anew(turn, choice, edit=edit)
        return
    step = walk.step_at(turn.content, turn.talk) or walk.step_at(
        turn.content, turn.talk.model_copy(update={"place": walk.start(turn.content)})
    )
    if step is not None:
        answering.choose(turn, step, choice, edit=edit)
