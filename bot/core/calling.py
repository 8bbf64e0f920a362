"""Calling people who have no chat: where a message would be sent, somebody is reminded to call, as the rule allows.

It is whoever has the case; with nobody, those on duty. Who may not be called hears it when they call again: until then
it waits in the case.
"""

from datetime import timedelta

from bot.core import contact
from bot.core.effects import CallOperators, ClearTimer, SetTimer, TellPrivately
from bot.core.state import Case
from bot.core.turn import Turn

CALL_AGAIN = timedelta(minutes=60)
"""Our own figure: so long after a reminder, or a call that nobody answered, comes the next, within the rule."""


def owe(turn: Turn, case: Case) -> None:
    """Have the person called about a case: now if their rule allows, else in their hours."""
    turn.change(to_call=(*_others(turn, case), case.id))
    remind(turn, case)


def remind(turn: Turn, case: Case) -> None:
    """Remind of a call that may be made now, and again until it was made; one that may not be made waits."""
    if case.id not in turn.talk.to_call:
        return
    if contact.allowance(turn.content, turn.talk, case, turn.now).allowed != turn.now:
        _wait(turn, case, timedelta())
        return
    line = turn.phrase("call_now", number=case.number)
    if case.assignee is not None:
        turn.do(TellPrivately(operator=case.assignee, case=case.id, line=line))
    else:
        turn.do(CallOperators(case=case.id, to="duty", line=line))
    _wait(turn, case, CALL_AGAIN)


def settle(turn: Turn, case: Case, *, reached: bool) -> None:
    """Note what came of a call: who was reached is owed none any more, who was not is called again later."""
    if reached:
        turn.change(to_call=_others(turn, case))
        turn.do(ClearTimer(name="call", case=case.id))
    else:
        turn.change(to_call=(*_others(turn, case), case.id))
        _wait(turn, case, CALL_AGAIN)


def _others(turn: Turn, case: Case) -> tuple[str, ...]:
    return tuple(one for one in turn.talk.to_call if one != case.id)


def _wait(turn: Turn, case: Case, span: timedelta) -> None:
    """Set the next reminder for the first moment that is allowed after so long; with none, there is no reminder."""
    zones = contact.zones_of(turn.content, turn.talk, case)
    due = contact.next_allowed(turn.talk.contact, zones, turn.now + span)
    if due is None:
        turn.do(ClearTimer(name="call", case=case.id))
    else:
        turn.do(SetTimer(name="call", case=case.id, due=due, rev=0))
