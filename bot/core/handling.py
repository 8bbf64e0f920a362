"""Who has a case: taking it over, handing it to a colleague, being reminded of it, and losing it by doing nothing.

At every moment a case is in the queue for all, or one operator has it; colleagues are told by its number only.
"""

from datetime import timedelta

from bot.core.casework import after
from bot.core.desk import change, find, forget_reminders, tell, watch
from bot.core.effects import ReplyToCard, SetTimer, TellPrivately, UpdateCard
from bot.core.events import HandedOver, Postponed
from bot.core.state import Case
from bot.core.turn import Turn

LOST_AFTER = timedelta(minutes=60)
"""Our own figure: who was told of a case and does nothing for so long is taken to be away; it is for all again."""


def hand_over(turn: Turn, event: HandedOver) -> None:
    """Give a case to a named colleague, who is told privately; the note is for whoever opens the case.

    A P1 must not lie with somebody who does not know of it: it is lost to them like one they were reminded of.
    """
    case = find(turn, event)
    if case is None:
        return
    if case.assignee != event.operator or event.to == event.operator:
        tell(turn, event, "not_yours")
        return
    forget_reminders(turn, case)
    case = change(turn, event, case, state=after(case, "hand_over"), assignee=event.to)
    if case.urgency == "P1":
        turn.do(SetTimer(name="late", case=case.id, due=turn.now + LOST_AFTER, rev=0))
    tell(turn, event, "handed_over", name=event.to_name, number=case.number)
    line = turn.phrase("handed_to_you", name=event.name, number=case.number)
    turn.do(TellPrivately(operator=event.to, case=case.id, line=line))


def postpone(turn: Turn, event: Postponed) -> None:
    """Set the reminder of who has a case, in place of any earlier one."""
    case = find(turn, event)
    if case is None:
        return
    if case.assignee != event.operator:
        tell(turn, event, "not_yours")
        return
    due = max(event.due, turn.now)
    turn.do(SetTimer(name="remind", case=case.id, due=due, rev=0))
    turn.seal({"kind": "desk", "act": "remind", "operator": event.operator, "due": due.isoformat()}, case=case)
    tell(turn, event, "reminder_set", number=case.number)


def remind(turn: Turn, case: Case) -> None:
    """Remind whoever has the case, and begin to wait for them to do something."""
    if case.assignee is None:
        return
    minutes = str(int(LOST_AFTER.total_seconds()) // 60)
    line = turn.phrase("reminder", number=case.number, minutes=minutes)
    turn.do(TellPrivately(operator=case.assignee, case=case.id, line=line))
    turn.do(SetTimer(name="late", case=case.id, due=turn.now + LOST_AFTER, rev=0))


def lose(turn: Turn, case: Case) -> None:
    """Put a case that nobody looked at again back before all, marked late; what else marks it is more important."""
    mark = case.mark or "late"
    case = turn.put(case, state=after(case, "lose"), assignee=None, mark=mark, rev=case.rev + 1)
    turn.do(UpdateCard(case=case.id))
    turn.do(ReplyToCard(case=case.id, line=turn.phrase("late_mark")))
    watch(turn, case)
