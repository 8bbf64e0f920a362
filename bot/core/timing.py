"""What the helpline does by itself when time has passed: the ladder of an untaken P1, silent drafts, unkept cases."""

from datetime import timedelta
from typing import Literal

from bot.core import calling, contact, handling, outlook, parting, proving, returning, searching
from bot.core.casework import TO_DECIDE, after, is_visible
from bot.core.effects import CallOperators, Page, ReplyToCard, Screen, Send, SetTimer, TellPrivately
from bot.core.events import TimerFired
from bot.core.flow import Line
from bot.core.state import Case
from bot.core.turn import RUNGS, SILENCE, UNKEPT, Turn

Called = Literal["supervisors", "operators", "escalation"]
REPEAT = timedelta(minutes=60)
"""After the last rung the escalation chat is called again so often, until somebody takes the case."""


def fire(turn: Turn, event: TimerFired) -> None:
    """Act on a timer that came due, unless what it waited for has happened."""
    case = turn.cases.get(event.case)
    if event.name == "again":
        returning.in_hours(turn, event)
    elif event.name == "leave":
        parting.leave(turn)
    elif case is not None:
        _of_case(turn, event, case)


def _of_case(turn: Turn, event: TimerFired, case: Case) -> None:
    match event.name:
        case "untaken" if case.state == "new" and case.urgency == "P1":
            _untaken(turn, event, case)
        case "duty" if case.state == "new" and case.urgency == "P1":
            _begins_duty(turn, case)
        case "silent":
            _silent(turn, case)
        case "unkept" if case.mark in TO_DECIDE and is_visible(case):
            _undecided(turn, case)
        case "news" if is_visible(case):
            searching.hear(turn, case)
        case "remind" | "late" if case.state == "taken":
            (handling.remind if event.name == "remind" else handling.lose)(turn, case)
        case "call" if is_visible(case):
            calling.remind(turn, case)
        case "word":
            proving.in_hours(turn, case)
        case _:
            return


def _undecided(turn: Turn, case: Case) -> None:
    """Ask again what shall become of a case whose person asked for it to go: all, whoever has it, and supervisors."""
    line = turn.phrase(f"{case.mark}_mark")
    turn.do(ReplyToCard(case=case.id, line=line))
    if case.assignee is not None:
        turn.do(TellPrivately(operator=case.assignee, case=case.id, line=line))
    turn.do(CallOperators(case=case.id, to="supervisors", line=line))
    turn.do(SetTimer(name="unkept", case=case.id, due=turn.now + UNKEPT, rev=0))


def _untaken(turn: Turn, event: TimerFired, case: Case) -> None:
    """Climb the ladder; rungs that came due while the machine was away fire as one, the highest.

    The first is for a case that nobody said they had seen, and so is the channel outside Telegram at every rung.
    """
    rung = min(event.rev, len(RUNGS) - 1)
    waited = timedelta(minutes=RUNGS[rung]) + max(turn.now - event.due, timedelta())
    while rung + 1 < len(RUNGS) and waited >= timedelta(minutes=RUNGS[rung + 1]):
        rung += 1
    last = rung == len(RUNGS) - 1
    if rung > 0 or case.seen_by is None:
        to: Called = "escalation" if last else "operators" if rung else "supervisors"
        turn.do(CallOperators(case=case.id, to=to, line=_still_untaken(turn, case)))
    if case.seen_by is None:
        turn.do(Page(case=case.id))
    turn.await_duty(case)
    if last:
        if event.rev < len(RUNGS):
            _own_up(turn, case)
        turn.do(SetTimer(name="untaken", case=case.id, due=turn.now + REPEAT, rev=len(RUNGS)))
        return
    due = turn.now - waited + timedelta(minutes=RUNGS[rung + 1])
    turn.do(SetTimer(name="untaken", case=case.id, due=max(due, turn.now), rev=rung + 1))


def _still_untaken(turn: Turn, case: Case) -> Line:
    return turn.phrase("untaken_still", number=case.number, minutes=str(case.minutes_at(turn.now)))


def _begins_duty(turn: Turn, case: Case) -> None:
    """Show whoever is on duty from now on what nobody has taken: the person may have been told that we do."""
    if turn.watch.on:
        turn.do(CallOperators(case=case.id, to="duty", line=_still_untaken(turn, case)))
    turn.await_duty(case)


def _own_up(turn: Turn, case: Case) -> None:
    """Tell the person honestly that nobody has come: now if their rule allows, else first thing in the next answer.

    Who is called is told both ways: whoever calls says it, and it is read aloud if they call first.
    """
    if case.id in turn.talk.left:
        return
    if turn.talk.by_hand:
        calling.owe(turn, case)
    elif contact.allowance(turn.content, turn.talk, case, turn.now).allowed == turn.now:
        lines = (turn.phrase("nobody_yet"), outlook.beginning(turn, case))
        screen = Screen(step="nobody.yet", lines=tuple(line for line in lines if line), bar=(("hide",),))
        turn.do(Send(screen=screen, case=case.id))
        return
    if "nobody_yet" not in turn.talk.owes:
        turn.change(owes=(*turn.talk.owes, "nobody_yet"))


def _silent(turn: Turn, case: Case) -> None:
    """End an intake that fell silent: a draft that names a need becomes unfinished, one that names none is shredded."""
    last = turn.talk.last_act
    if last is not None and turn.now - last < SILENCE:
        turn.do(SetTimer(name="silent", case=case.id, due=last + SILENCE, rev=0))
        return
    mine = turn.talk.case == case.id
    if case.state != "draft":
        if mine:
            turn.close_intake()
    elif mine and not _says_something(turn):
        turn.shred(case)
    else:
        turn.put(case, state=after(case, "lapse"), mark="unfinished")
        if mine:
            searching.begin(turn)
            turn.close_intake()


def _says_something(turn: Turn) -> bool:
    """Say whether a human should see a draft: it names a need, or holds words that we said we had kept."""
    talk = turn.talk
    return bool(talk.needs or talk.answers.get("facts") or talk.told or talk.reasons or talk.wrote)
