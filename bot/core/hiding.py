"""Hide: the chat shows nothing of the helpline, and nothing that was begun is lost.

From the innocent screen only danger, a voice note and start reopen help; who has chosen a picture presses that in place
of start. All else is kept, read for danger and left unanswered, because somebody else may hold the phone.
"""

from bot.core.effects import Forget, Hide, Screen, Show
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.keeping import keep
from bot.core.khmer import is_blank
from bot.core.screens import HOLIDAYS, innocent, pictures, show
from bot.core.turn import Turn
from bot.core.walk import start


def hide(turn: Turn, *, neutral: bool = False) -> None:
    """Hide the chat; `neutral`: with one neutral line instead of the holidays. Draft, cases and place stay."""
    turn.change(mode="hidden", rev=turn.talk.rev + 1, picked=(), page=0, papers=False)
    screen = innocent(turn)
    if neutral:
        screen = Screen(step="hidden.neutral", lines=(turn.phrase("neutral"),), plain=True)
    turn.do(Hide(screen=screen))


def show_calendar(turn: Turn, *, page: int, edit: bool) -> None:
    """Show the innocent screen in a chat that is hidden already."""
    turn.change(rev=turn.talk.rev + 1, page=page)
    turn.do(Show(screen=innocent(turn), edit=edit))


def opens(turn: Turn, event: Pressed) -> bool:
    """Say whether a press on the calendar opens help; any other picture only turns the page.

    The chosen one counts only before any other was pressed: who tries them all sees pages of a calendar. Start shows
    the first page again.
    """
    _, _, rest = event.data.partition(":")
    step, _, number = rest.rpartition(":")
    choices = [one.id for one in pictures(turn.content)]
    if step != HOLIDAYS or not number.isdecimal() or int(number) >= len(choices):
        return False
    if turn.talk.page == 0 and choices[int(number)] == turn.talk.picture:
        return True
    show_calendar(turn, page=turn.talk.page + 1, edit=event.live)
    return False


def reopen(turn: Turn) -> None:
    """Come back from hiding; how to clear by hand what could not be deleted is told now, not on the innocent screen."""
    turn.change(mode="open")
    answers = {key: value for key, value in turn.talk.answers.items() if key != "safe"}
    turn.change(answers=answers)
    if turn.talk.undeleted:
        turn.change(undeleted=False)
        turn.say("undeleted")
        turn.do(Forget())


def keep_silently(turn: Turn, event: Said | Sent | Located | Shared | Pressed | Gestured | Started) -> None:
    """Keep what comes while hidden, unanswered; a voice note reopens help, unless hiding overtook it."""
    match event:
        case Sent() if event.attachment.kind == "voice" and not turn.overtaken:
            reopen(turn)
            keep(turn, event, turn.any_case())
            turn.wrote_again(turn.any_case())
            turn.change(place=start(turn.content))
            show(turn, edit=False)
        case Said() if is_blank(event.text):
            return
        case Said() | Sent() | Located() | Shared():
            case = turn.any_case()
            keep(turn, event, case)
            turn.wrote_again(case)
            turn.endangered = False
            turn.lines.clear()
        case _:
            return
