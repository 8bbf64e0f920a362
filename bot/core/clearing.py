"""When what lies in a chat is taken away: little is to be found on a phone that somebody else picks up."""

from datetime import timedelta

from bot.core.effects import Clear
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.keeping import is_paper
from bot.core.turn import Turn

SOON = timedelta(seconds=10)
"""After this long a person's own message goes: they have seen that it was sent, and what was answered."""
A_DAY = timedelta(hours=23)
"""After this long everything else goes: it could be read, and 24 hours are promised."""


def clear(turn: Turn, event: Started | Said | Pressed | Sent | Located | Shared | Gestured) -> None:
    """Let what was sent disappear from the chat, once the person was told so.

    Not what somebody else may watch disappear, nor a place that is still being shared, nor what may be their only copy.
    """
    is_live = isinstance(event, Located) and (event.live or event.sharing)
    may_go = turn.talk.going and turn.talk.mode == "open" and not turn.overtaken
    if may_go and not is_live and not is_paper(event) and not isinstance(event, Pressed):
        turn.do(Clear())


def clear_papers(turn: Turn) -> None:
    """Let pictures go, too: the person has another copy."""
    turn.change(papers=False)
    turn.do(Clear(papers=True))
    turn.say("removed")
