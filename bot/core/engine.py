"""Decides: what one event changes in a person's session, and what shall be done about it.

`decide(content, session, event, now)` is pure: the same input gives the same output. Order of what is looked at when
a person acts: hide, stop and danger; being hidden; commands in words; then the wait the person is at.
"""

from datetime import datetime, timedelta
from typing import assert_never

from bot.core import answering, desk, guidance, hiding, timing, triage, walk
from bot.core.casework import is_visible
from bot.core.commands import CommandId, recognise
from bot.core.content import Content
from bot.core.effects import Decision, Release, ReplyToCard, Toast
from bot.core.events import (
    Blocked,
    Desk,
    Event,
    Gestured,
    Located,
    Opened,
    Pressed,
    Replied,
    Said,
    Sent,
    Shared,
    Started,
    TimerFired,
    Unblocked,
    Undelivered,
)
from bot.core.flow import Ask, Menu
from bot.core.keeping import keep
from bot.core.khmer import fold, is_blank
from bot.core.screens import CHANGE, answered_asks, present, show
from bot.core.state import Place, Session
from bot.core.turn import Turn
from bot.core.values import is_flagged

PersonEvent = Started | Said | Pressed | Sent | Located | Shared | Gestured
FIRST: tuple[CommandId, ...] = ("hide", "stop", "danger")
"""Commands that go before everything else, recognised when a row is inserted."""
A_MINUTE = timedelta(minutes=1)
MESSAGES_A_MINUTE = 60
"""Beyond so many a chat is stored and answered once a minute (DESIGN §6)."""
CLIENT_LIMIT = 4000
"""Telegram clients split longer texts (4,096 UTF-16 units); what follows within five seconds is the rest."""
_BUTTONS: dict[str, CommandId] = {
    "done": "done",
    "back": "back",
    "skip": "skip",
    "person": "person",
    "language": "language",
    "km": "km",
    "en": "en",
}
LIVE_STEP = timedelta(minutes=5)
"""A live location is kept once in so long (safety.md §4, 36)."""


def decide(content: Content, session: Session, event: Event, now: datetime) -> Decision:
    """Decide one event; `now` is an aware UTC instant. Raises nothing a person can cause."""
    turn = Turn(content, session, now)
    match event:
        case Started() | Said() | Pressed() | Sent() | Located() | Shared() | Gestured():
            _person(turn, event)
        case Desk():
            desk.act(turn, event)
        case Replied():
            desk.reply(turn, event)
        case Opened():
            desk.opened(turn, event)
        case TimerFired():
            timing.fire(turn, event)
        case Blocked():
            turn.change(blocked=True)
        case Unblocked():
            turn.change(blocked=False)
        case Undelivered():
            _undelivered(turn, event)
        case _:
            assert_never(event)
    return turn.decision()


def crashed(content: Content, session: Session, now: datetime) -> Decision:
    """Fail towards a human: the person gets a kind line, and an operator a case."""
    turn = Turn(content, session, now)
    turn.raise_flags(("asked_for_person",), because="crash")
    case = turn.intake_case()
    turn.wrote_again(case)
    turn.say("crash")
    show(turn, edit=False)
    return turn.decision()


def _undelivered(turn: Turn, event: Undelivered) -> None:
    if event.reason == "blocked":
        turn.change(blocked=True)
    if event.case in turn.cases:
        turn.do(ReplyToCard(case=event.case, line=turn.phrase("reply_undelivered")))


def _person(turn: Turn, event: PersonEvent) -> None:
    turn.change(last_act=turn.now, blocked=False)
    command = command_of(turn.content, event)
    if command not in FIRST and _names_a_choice(turn, event):
        command = None
    _dispatch(turn, event, command)
    if turn.talk.mode == "open" and not isinstance(event, Started | Gestured):
        turn.do(Release())


def _dispatch(turn: Turn, event: PersonEvent, command: CommandId | None) -> None:
    if command in FIRST and command is not None:
        _first(turn, command)
    elif isinstance(event, Started) or command == "start":
        _start(turn)
    elif turn.talk.mode == "hidden":
        hiding.keep_silently(turn, event)
    elif _keep_quietly(turn, event):
        turn.lines.clear()
    elif command is not None:
        _command(turn, command, edit=_live(event))
    else:
        _at_wait(turn, event)


def command_of(content: Content, event: Event) -> CommandId | None:
    """Give the command that a press or a whole typed message is, legal at every wait; None if it is none."""
    if isinstance(event, Pressed):
        first: dict[str, CommandId] = {"!hide": "hide", "!stop": "stop", "!danger": "danger"}
        return first.get(event.data)
    if isinstance(event, Said) and not event.edited:
        return recognise(content, event.text)
    return None


def _names_a_choice(turn: Turn, event: Event) -> bool:
    """Say whether typed words are exactly a choice of the present question: then they answer it and command nothing."""
    step = walk.step_at(turn.content, turn.talk)
    if not isinstance(event, Said) or step is None:
        return False
    folded = fold(event.text)
    return any(folded == fold(form) for _, forms in answering.labels(turn, step) for form in forms)


def _live(event: Event) -> bool:
    return isinstance(event, Pressed) and event.live


def _first(turn: Turn, command: CommandId) -> None:
    """Hide, stop or danger: they act at any age and revision, hidden or not; the pressed message may be an old one."""
    if command == "hide":
        hiding.hide(turn)
        return
    if turn.talk.mode == "hidden":
        hiding.reopen(turn)
        hiding.tell_undeleted(turn)
    if command == "danger":
        walk.leave(turn)
        here = turn.talk.place
        if here is not None and here.flow not in ("start", "end", "stop", "guidance", "danger", "change"):
            turn.change(agenda=(here, *turn.talk.agenda))
        walk.enter(turn, "danger")
        show(turn, edit=False)
    else:
        _stop(turn)


def _stop(turn: Turn) -> None:
    if turn.talk.case in turn.cases:
        turn.change(agenda=(), trail=())
        walk.enter(turn, "stop")
        show(turn, edit=False)
    else:
        turn.forget_intake()
        answering.rest(turn, "stopped", edit=False)


def _start(turn: Turn) -> None:
    hidden = turn.talk.mode == "hidden"
    if hidden:
        hiding.reopen(turn)
    hiding.tell_undeleted(turn)
    answering.home(turn, edit=False)


# ── kept, but not answered one by one ────────────────────────────────────────────────────────────────────────


def _keep_quietly(turn: Turn, event: PersonEvent) -> bool:
    """Keep what belongs to an earlier message, or what comes too fast, without a screen for each. True if it was."""
    match event:
        case Pressed() | Started() | Gestured():
            return False
        case Said(edited=True) | Sent(edited=True):
            _add(turn, event)
            return True
        case Said() if turn.talk.long_at is not None and turn.now - turn.talk.long_at < timedelta(seconds=5):
            turn.change(long_at=turn.now if len(event.text) >= CLIENT_LIMIT else None)
            _add(turn, event)
            return True
        case Said():
            turn.change(long_at=turn.now if len(event.text) >= CLIENT_LIMIT else None)
        case Sent(album=str(album)) if album in turn.talk.albums:
            _add(turn, event)
            return True
        case Sent(album=str(album)):
            turn.change(albums=(*turn.talk.albums, album)[-5:])
        case Located(live=True) if turn.talk.located is not None:
            if turn.now - turn.talk.located >= LIVE_STEP:
                turn.change(located=turn.now)
                _add(turn, event)
            return True
        case Located(live=True):
            turn.change(located=turn.now)
    return _too_fast(turn, event)


def _add(turn: Turn, event: Said | Sent | Located | Shared) -> None:
    case = turn.any_case()
    keep(turn, event, case)
    turn.endangered = False


def _too_fast(turn: Turn, event: Said | Sent | Located | Shared) -> bool:
    talk = turn.talk
    if talk.minute is None or turn.now - talk.minute >= A_MINUTE:
        turn.change(minute=turn.now, in_minute=1)
        return False
    turn.change(in_minute=talk.in_minute + 1)
    if turn.talk.in_minute <= MESSAGES_A_MINUTE or turn.unlimited:
        return False
    _add(turn, event)
    if turn.talk.in_minute == MESSAGES_A_MINUTE + 1:
        turn.lines.clear()
        turn.say("once_a_minute")
        show(turn, edit=False)
    return True


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
        case "help":
            _help(turn, edit=edit)
        case _:
            show(turn, edit=edit)


def _call_person(turn: Turn) -> None:
    """Tell operators that somebody wants to talk: by the card, or below a card that is there already."""
    case = turn.case
    if case is not None and is_flagged(case.urgency) and is_visible(case):
        turn.do(ReplyToCard(case=case.id, line=turn.phrase("asked_for_person")))
    turn.raise_flags(("asked_for_person",), because="person")
    turn.say("person_called")


def _help(turn: Turn, *, edit: bool) -> None:
    """Explain how to go on; outside a flow, the word for help leads to the first question (domain.md §2, Urgency)."""
    turn.say("help_line")
    turn.raise_flags(("asked_for_help",), because="words")
    if turn.talk.place is None or turn.talk.place.flow in ("start", "end"):
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
    return turn.talk.place is None or turn.talk.place.flow in ("start", "end", "guidance")


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
    case = known or turn.intake_case()
    keep(turn, event, case)
    turn.wrote_again(case)
    if turn.endangered:
        walk.walk(turn, None)
    elif known is None:
        turn.say("kept_words")
    else:
        turn.say("added")
    show(turn, edit=False)


def _press(turn: Turn, event: Pressed) -> None:
    """Act on a button of the present screen; any other shows the present screen again (DESIGN §3, Screen)."""
    screen = present(turn.content, turn.talk)
    rev, _, rest = event.data.partition(":")
    step_name, _, what = rest.rpartition(":")
    if rev != str(turn.talk.rev) or step_name != screen.step:
        turn.do(Toast(line=turn.phrase("expired_button")))
        show(turn, edit=event.live)
    elif what.isdecimal() and int(what) < len(screen.options):
        _press_option(turn, screen.options[int(what)].id, edit=event.live)
    elif what[:1] in ("+", "-") and what[1:].isdecimal() and int(what[1:]) < len(screen.options):
        answering.pick(turn, screen.options[int(what[1:])].id, picked=what[0] == "+", edit=event.live)
    elif what in _BUTTONS:
        _command(turn, _BUTTONS[what], edit=event.live)
    else:
        turn.do(Toast(line=turn.phrase("expired_button")))
        show(turn, edit=event.live)


def _press_option(turn: Turn, choice: str, *, edit: bool) -> None:
    if turn.talk.place is not None and f"{turn.talk.place.flow}.{turn.talk.place.step}" == CHANGE:
        _change(turn, choice, edit=edit)
        return
    step = walk.step_at(turn.content, turn.talk) or walk.step_at(
        turn.content, turn.talk.model_copy(update={"place": walk.start(turn.content)})
    )
    if step is not None:
        answering.choose(turn, step, choice, edit=edit)


def _change(turn: Turn, question: str, *, edit: bool) -> None:
    """Ask one answered question anew, then come back to where the person was."""
    flow = next((flow for flow, ask in answered_asks(turn.content, turn.talk) if ask.id == question), None)
    if flow is not None:
        walk.leave(turn)
        end = Place(flow="end", step=turn.content.flows["end"].steps[0].id)
        turn.change(place=Place(flow=flow, step=question), agenda=(end, *turn.talk.agenda))
    show(turn, edit=edit)
