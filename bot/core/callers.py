"""People who call or come: an operator takes down what they say, through the very flows of a chat."""

from bot.core import calling
from bot.core.desk import find
from bot.core.events import Called, Received
from bot.core.screens import show
from bot.core.state import Case, Taker
from bot.core.turn import Turn
from bot.core.walk import enter, is_on_the_way, start


def receive(turn: Turn, event: Received) -> None:
    """Begin by how to call back, or let the person of a case go on: to add, never to be read to.

    A person who writes to us in a chat is not received here: their chat is theirs.
    """
    if not turn.talk.by_hand and turn.talk.last_act is not None:
        return
    turn.change(taker=Taker(operator=event.operator, way=event.way), last_act=turn.now)
    case = turn.cases.get(event.case)
    if case is not None:
        _go_on(turn, case)
    else:
        turn.close_intake()
        turn.change(agenda=(start(turn.content),), trail=())
        enter(turn, "call_back")
    show(turn, edit=False)


def _go_on(turn: Turn, case: Case) -> None:
    """Let who came before add to their case; questions that are still open are gone on with."""
    if turn.talk.case != case.id or not is_on_the_way(turn.talk.place):
        turn.close_intake()
        turn.adopt(case)
        turn.change(place=start(turn.content))
    turn.seal_taker(case)
    turn.wrote_again(case)


def called(turn: Turn, event: Called) -> None:
    """Note that an operator called the person of a case, and what came of it."""
    case = find(turn, event)
    if case is None or not turn.talk.by_hand:
        return
    act = "reached" if event.reached else "not_reached"
    turn.seal({"kind": "desk", "act": act, "operator": event.operator}, case=case)
    turn.put(case)
    calling.settle(turn, case, reached=event.reached)
