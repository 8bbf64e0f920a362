"""What follows when the helpline was away: presses made meanwhile are lost (Telegram drops them after 150 seconds)."""

from bot.core import contact
from bot.core.effects import SetTimer
from bot.core.events import Returned, TimerFired
from bot.core.screens import show
from bot.core.turn import Turn


def returned(turn: Turn, event: Returned) -> None:
    """Show the pending screen again, once: now if it still answers an act or the rule allows it, else in their hours.

    Who may not be written to sees it with their next act anyway.
    """
    talk = turn.talk
    acted_since = talk.last_act is not None and talk.last_act >= event.back
    if acted_since or talk.shown_again or not _waits(turn):
        return
    may = contact.allowance(turn.content, talk, turn.case, turn.now)
    if may.due == turn.now:
        _show_again(turn, initiative=may.until is None)
    elif may.due is not None:
        turn.do(SetTimer(name="again", case="", due=may.due, rev=talk.rev))


def in_hours(turn: Turn, event: TimerFired) -> None:
    """Show the pending screen in the hours of its person, unless they have gone on."""
    if event.rev != turn.talk.rev or turn.talk.shown_again or not _waits(turn):
        return
    if contact.allowance(turn.content, turn.talk, turn.case, turn.now).allowed == turn.now:
        _show_again(turn, initiative=True)


def _waits(turn: Turn) -> bool:
    """Say whether the person is at a question, and in a chat that shows it."""
    place, talk = turn.talk.place, turn.talk
    is_shown = talk.mode == "open" and not talk.blocked and not talk.by_hand
    return is_shown and place is not None and place.flow != "end"


def _show_again(turn: Turn, *, initiative: bool) -> None:
    turn.change(shown_again=True)
    turn.say("away_again")
    show(turn, edit=False, initiative=initiative)
