"""A family's request to find somebody: what its own chat reads of it, and what only operators know.

The chat reads fixed sentences, and only what an operator chose to let it read: that somebody was found, or wants no
contact, is sealed in the case and nowhere else. Nothing here looks at the case of whoever is looked for, so what the
family reads, and when, is the same whether there is one or not.
"""

from datetime import timedelta

from bot.core import contact
from bot.core.casework import is_visible
from bot.core.desk import find, has
from bot.core.desk import tell as answer
from bot.core.effects import Screen, Send, SetTimer
from bot.core.events import Staged
from bot.core.flow import Line
from bot.core.state import SHOWN, Case, Search
from bot.core.turn import Turn

NEED = "missing_relative"
"""The need of the flow in which a family looks for somebody."""
NAME = "called"
"""The question that asks for the name of whoever is looked for."""
MOST = 5
"""Requests of one chat that it reads about; of older ones operators know."""
HEARS_AGAIN = timedelta(days=13)
"""A family hears at least every 14 days; the last of them is for waiting for its hours. Own figure."""


def begin(turn: Turn) -> None:
    """Begin to tell a family of its request once operators can see it."""
    case = turn.cases.get(turn.talk.case or "")
    if case is None or not is_visible(case) or NEED not in turn.talk.needs or turn.talk.search_of(case.id) is not None:
        return
    turn.change(searches=(*turn.talk.searches, Search(case=case.id, number=case.number))[-MOST:])
    _hears_again(turn, case)


def tell(turn: Turn) -> None:
    """Say where each request of this chat stands, the newest first; that there is none, if so."""
    for search in reversed(turn.talk.searches):
        turn.add(_line(turn, search))
        if search.case in turn.cases:
            _hears_again(turn, turn.cases[search.case])
    if not turn.talk.searches:
        turn.say("stands_none")


def tell_of(turn: Turn, case: Case) -> None:
    """Say where a request stands, if this case is one."""
    if (search := turn.talk.search_of(case.id)) is not None:
        turn.add(_line(turn, search))
        _hears_again(turn, case)


def hear(turn: Turn, case: Case) -> None:
    """Tell a family anew, if its rule allows that we write first; else at the next moment at which it does."""
    search = turn.talk.search_of(case.id)
    if search is None:
        return
    allowed = contact.allowance(turn.content, turn.talk, case, turn.now).allowed
    if allowed is not None and allowed > turn.now:
        turn.do(SetTimer(name="news", case=case.id, due=allowed, rev=0))
        return
    if allowed is not None:
        screen = Screen(step="stands.news", lines=(_line(turn, search),), bar=(("hide",),))
        turn.do(Send(screen=screen, case=case.id))
    _hears_again(turn, case)


def stage(turn: Turn, event: Staged) -> None:
    """Note where a request stands; what its family may read it hears as soon as its rule allows."""
    case = find(turn, event)
    if case is None or not has(turn, event, case):
        return
    search = turn.talk.search_of(case.id)
    if search is None:
        answer(turn, event, "no_search")
        return
    on = event.on.isoformat() if event.on is not None else None
    turn.seal({"kind": "stage", "operator": event.operator, "stage": event.stage, "on": on}, case=case)
    turn.put(case)
    if event.stage in SHOWN:
        shown = search.model_copy(update={"stage": event.stage, "on": event.on})
        turn.change(searches=tuple(shown if one is search else one for one in turn.talk.searches))
        hear(turn, case)
    answer(turn, event, "stage_noted")


def _line(turn: Turn, search: Search) -> Line:
    day = f"{search.on:%d.%m.%Y}" if search.on is not None else ""
    return turn.phrase(f"stands_{search.stage}", number=search.number, time=day)


def _hears_again(turn: Turn, case: Case) -> None:
    turn.do(SetTimer(name="news", case=case.id, due=turn.now + HEARS_AGAIN, rev=0))
