"""Keeping without an answer of its own: what belongs to an earlier message, and what comes too fast.

Danger in it is answered all the same: the next screen is then the danger path (ARCHITECTURE, Flow language).
"""

from datetime import timedelta

from bot.core import walk
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.keeping import keep
from bot.core.screens import show
from bot.core.turn import Turn

A_MINUTE = timedelta(minutes=1)
MESSAGES_A_MINUTE = 60
"""Beyond so many a chat is stored and answered once a minute."""
CLIENT_LIMIT = 4000
"""Telegram clients split longer texts (4,096 UTF-16 units); what follows within five seconds is the rest."""
THE_REST = timedelta(seconds=5)
LIVE_STEP = timedelta(minutes=5)
"""A live location is kept once in so long."""


def keep_quietly(turn: Turn, event: Started | Said | Pressed | Sent | Located | Shared | Gestured) -> bool:
    """Keep an edited message, the rest of a long one, of an album or of a live location, and a flood. True if so."""
    match event:
        case Pressed() | Started() | Gestured():
            return False
        case Said(edited=True) | Sent(edited=True):
            add(turn, event)
            return True
        case Said():
            if _is_the_rest(turn, event):
                add(turn, event)
                return True
        case Sent(album=str(album)):
            if album in turn.talk.albums:
                add(turn, event)
                return True
            turn.change(albums=(*turn.talk.albums, album)[-5:])
        case Located(live=True):
            _moved(turn, event)
            return True
        case Located():
            turn.change(located=turn.now)
    return _too_fast(turn, event)


def add(turn: Turn, event: Said | Sent | Located | Shared) -> bool:
    """Keep something with the newest open case; if it tells of danger, show the danger path. True if it did."""
    case = turn.any_case()
    keep(turn, event, case)
    turn.lines.clear()
    if not turn.endangered:
        return False
    turn.adopt(case)
    walk.walk(turn, turn.talk.place)
    show(turn, edit=False)
    return True


def _is_the_rest(turn: Turn, event: Said) -> bool:
    """Say whether words follow so closely on a message of full length that they are its rest."""
    long_at = turn.talk.long_at
    turn.change(long_at=turn.now if len(event.text) >= CLIENT_LIMIT else None)
    return long_at is not None and turn.now - long_at < THE_REST


def _moved(turn: Turn, event: Located) -> None:
    """Keep a further point of a live location now and then; its first is an answer like any other."""
    last = turn.talk.located
    if last is None or turn.now - last >= LIVE_STEP:
        turn.change(located=turn.now)
        add(turn, event)


def _too_fast(turn: Turn, event: Said | Sent | Located | Shared) -> bool:
    talk = turn.talk
    if talk.minute is None or turn.now - talk.minute >= A_MINUTE:
        turn.change(minute=turn.now, in_minute=1)
        return False
    turn.change(in_minute=talk.in_minute + 1)
    if turn.talk.in_minute <= MESSAGES_A_MINUTE or turn.unlimited:
        return False
    is_answered = add(turn, event)
    if turn.talk.in_minute == MESSAGES_A_MINUTE + 1 and not is_answered:
        turn.say("once_a_minute")
        show(turn, edit=False)
    return True
