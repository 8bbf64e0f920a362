"""Hide: the chat shows nothing of the helpline, and nothing that was begun is lost.

From the innocent screen only start, danger and a voice note reopen help; all else is kept, read for danger and left
unanswered, because somebody else may hold the phone.
"""

from bot.core.effects import Forget, Hide, Screen
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.keeping import keep
from bot.core.khmer import is_blank
from bot.core.screens import innocent, show
from bot.core.turn import Turn
from bot.core.walk import start


def hide(turn: Turn, *, neutral: bool = False) -> None:
    """Hide the chat; `neutral`: with one neutral line instead of the holidays. Draft, cases and place stay."""
    screen = innocent(turn)
    if neutral:
        screen = Screen(step="hidden.neutral", lines=(turn.phrase("neutral"),), plain=True)
    turn.change(mode="hidden", rev=turn.talk.rev + 1, picked=())
    turn.do(Hide(screen=screen))


def reopen(turn: Turn) -> None:
    """Come back from hiding; what could not be deleted is told now, not on the innocent screen."""
    turn.change(mode="open")
    answers = {key: value for key, value in turn.talk.answers.items() if key != "safe"}
    turn.change(answers=answers)


def tell_undeleted(turn: Turn) -> None:
    """Tell once how to clear by hand what could not be deleted."""
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
            tell_undeleted(turn)
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
