"""Operators' acts on a case, decided in the lane of its person: one door, one order, one history.

What operators find out is in `findings`, handing over and reminders in `handling`.
"""

from collections.abc import Callable, Mapping

from bot.core import calling, contact, proving, triage
from bot.core.casework import TO_DECIDE, CaseAct, after, is_visible
from bot.core.effects import (
    CallOperators,
    ClearTimer,
    Count,
    Deliver,
    PostCard,
    PutOnRecord,
    ReplyToCard,
    TellOperator,
    TellPrivately,
    UpdateCard,
)
from bot.core.events import CardWanted, Desk, HandedOver, Opened, OperatorAct, Replied, Unseen
from bot.core.render import both
from bot.core.state import Case
from bot.core.turn import Turn
from bot.core.values import TimerName, to_minute

_OVER: tuple[TimerName, ...] = ("silent", "unkept", "news", "call")
"""Timers that end with their case."""


def act(turn: Turn, event: Desk) -> None:
    """Take, give back, take over, change the urgency, keep or resolve; who comes second is told and changes nothing."""
    if event.act == "erase":
        _erase(turn, event)
        return
    case = find(turn, event)
    if case is None:
        return
    _ACTS[event.act](turn, event, case)


def find(turn: Turn, event: OperatorAct) -> Case | None:
    """Give the case an operator acts on, if it can be acted on: who had to look at it again has done so by this."""
    case = turn.cases.get(event.case)
    if case is None or not is_visible(case):
        tell(turn, event, "closed")
        return None
    if case.assignee == event.operator:
        turn.do(ClearTimer(name="late", case=case.id))
    return case


def _see(turn: Turn, event: Desk, case: Case) -> None:
    """Note that an operator has seen an untaken P1: nobody has to be woken for it after five minutes."""
    if case.state != "new":
        tell(turn, event, "already_taken")
    elif case.urgency == "P1" and case.seen_by is None:
        change(turn, event, case, seen_by=event.operator)
        tell(turn, event, "seen_by", name=event.name)


def _unsee(turn: Turn, event: Desk, case: Case) -> None:
    """Count an untaken P1 as unseen again, because whoever had seen it is not one of us any more: its ladder begins."""
    if case.state == "new" and case.seen_by == event.operator:
        watch(turn, change(turn, event, case, seen_by=None))


def _take(turn: Turn, event: Desk, case: Case) -> None:
    if case.state != "new":
        tell(turn, event, "already_taken")
        return
    mark = "" if case.mark == "late" else case.mark
    change(turn, event, case, state=after(case, "take"), assignee=event.operator, mark=mark)
    turn.let_rest(case)
    turn.change(owes=tuple(one for one in turn.talk.owes if one != "nobody_yet"))
    tell(turn, event, "taken_by", name=event.name)


def _take_over(turn: Turn, event: Desk, case: Case) -> None:
    """Take a case from whoever has it, who is told; what nobody has is simply taken."""
    if case.state == "new" or case.assignee == event.operator:
        _take(turn, event, case)
        return
    before = case.assignee
    forget_reminders(turn, case)
    change(turn, event, case, state=after(case, "hand_over"), assignee=event.operator)
    tell(turn, event, "taken_by", name=event.name)
    if before is not None:
        line = turn.phrase("taken_over", name=event.name, number=case.number)
        turn.do(TellPrivately(operator=before, case=case.id, line=line))


def _give_back(turn: Turn, event: Desk, case: Case) -> None:
    if not has(turn, event, case):
        return
    forget_reminders(turn, case)
    case = change(turn, event, case, state=after(case, "give_back"), assignee=None)
    watch(turn, case)


def has(turn: Turn, event: OperatorAct, case: Case) -> bool:
    """Say whether who acts has the case; else they are told."""
    if case.assignee == event.operator:
        return True
    tell(turn, event, "not_yours")
    return False


def _set_urgency(turn: Turn, event: Desk, case: Case) -> None:
    if event.urgency is None or event.urgency == case.urgency:
        return
    case = change(turn, event, case, urgency=event.urgency)
    turn.do(ReplyToCard(case=case.id, line=turn.phrase("raised", urgency=case.urgency)))
    if case.state == "new":
        watch(turn, case)


def watch(turn: Turn, case: Case) -> None:
    """Start the ladder for an untaken P1, or stop it for anything less."""
    if case.urgency == "P1":
        turn.wake(case)
    else:
        turn.let_rest(case)


def _keep(turn: Turn, event: Desk, case: Case) -> None:
    """Decide that a case stays though its person, or somebody with their phone, asked for it to go."""
    if case.mark not in TO_DECIDE or not has(turn, event, case):
        return
    change(turn, event, case, mark="")
    turn.do(ClearTimer(name="unkept", case=case.id))
    tell(turn, event, "kept_mark")


def _let_go(turn: Turn, event: Desk, case: Case) -> None:
    """Destroy a case, as its person asked: closed with its mark still on it, it goes within the hour (retention)."""
    if case.mark not in TO_DECIDE or not has(turn, event, case):
        return
    _close(turn, event.model_copy(update={"outcome": "withdrawn"}), case)
    tell(turn, event, "let_go_mark")


def _erase(turn: Turn, event: Desk) -> None:
    """Close what is to be erased, whoever has it, and let nothing of it stay in the conversation."""
    case = turn.cases.get(event.case)
    if case is not None:
        gone = event.model_copy(update={"outcome": "withdrawn"})
        _close(turn, gone, turn.put(case, mark=case.mark if case.mark in TO_DECIDE else "withdrawn"), by="erase")
    _forget_asked(turn, event.case)


def _forget_asked(turn: Turn, case: str) -> None:
    """Keep nothing of a case that is destroyed where its chat is."""
    turn.change(
        searches=tuple(one for one in turn.talk.searches if one.case != case),
        asked=tuple(one for one in turn.talk.asked if one.case != case),
    )


def _resolve(turn: Turn, event: Desk, case: Case) -> None:
    if not has(turn, event, case):
        return
    if _is_awaited(turn, case):
        tell(turn, event, "family_first")
        return
    _close(turn, event, case)


def _close(turn: Turn, event: Desk, case: Case, *, by: CaseAct = "resolve") -> None:
    change(turn, event, case, state=after(case, by), closed=to_minute(turn.now))
    if case.mark in TO_DECIDE:
        _forget_asked(turn, case.id)
    forget_reminders(turn, case)
    turn.let_rest(case)
    for name in _OVER:
        turn.do(ClearTimer(name=name, case=case.id))
    turn.do(Count(name="closed", labels={"outcome": event.outcome or "", "country": case.country or "unknown"}))
    if turn.talk.case == case.id:
        turn.forget_intake()


def _is_awaited(turn: Turn, case: Case) -> bool:
    """Say whether a family still waits: it is told by a person what came of it, never by our falling silent."""
    search = turn.talk.search_of(case.id)
    return search is not None and search.stage != "call_us" and case.mark not in TO_DECIDE


def forget_reminders(turn: Turn, case: Case) -> None:
    """End the reminders of who had the case until now."""
    turn.do(ClearTimer(name="remind", case=case.id))
    turn.do(ClearTimer(name="late", case=case.id))


def change(turn: Turn, event: Desk | HandedOver, case: Case, **fields: object) -> Case:
    """Change a case by an operator's act and keep who did what, sealed; the card's buttons follow."""
    what = "hand_over" if isinstance(event, HandedOver) else event.act
    body = event.model_dump(mode="json", exclude={"type", "case", "name", "to_name"}, exclude_none=True)
    turn.seal({"kind": "desk", **body, "act": what}, case=case)
    moved = turn.put(case, rev=case.rev + 1, **fields)
    turn.do(UpdateCard(case=case.id))
    return moved


def tell(turn: Turn, event: OperatorAct, key: str, **params: str) -> None:
    """Answer an operator's act with a sentence."""
    turn.do(TellOperator(operator=event.operator, line=turn.phrase(key, **params), case=event.case))


def reply(turn: Turn, event: Replied) -> None:
    """Let a confirmed reply go: now if it answers, else when the contact rule allows, else when the person writes.

    To save a life it goes now, with a reason; supervisors see that at once, and it is put on record.
    """
    case = turn.cases.get(event.case)
    if case is None:
        turn.do(TellOperator(operator=event.operator, line=turn.phrase("closed"), case=event.case))
        return
    turn.do(ClearTimer(name="late", case=case.id))
    if turn.talk.by_hand:
        calling.owe(turn, case)
        turn.do(TellOperator(operator=event.operator, line=turn.phrase("reply_by_phone"), case=case.id))
        return
    if case.id in turn.talk.left:
        line = turn.phrase("delivery_failed", number=case.number)
        turn.do(TellOperator(operator=event.operator, line=line, case=case.id))
        return
    may = contact.allowance(turn.content, turn.talk, case, turn.now)
    needs_word = proving.is_needed(turn.talk, turn.now)
    would_wait = needs_word or may.due != turn.now
    overrides = event.override is not None and would_wait and contact.may_override(turn.talk, case)
    due = turn.now if overrides else None if needs_word else may.due
    turn.do(Deliver(row=event.row, case=case.id, initiative=may.until is None, due=due))
    key = "reply_sent" if due == turn.now else "reply_word" if needs_word else "reply_held"
    turn.do(TellOperator(operator=event.operator, line=turn.phrase(key, number=case.number), case=case.id))
    if overrides:
        _overridden(turn, event, case)
    elif needs_word:
        proving.ask(turn, case, may.due)


def _overridden(turn: Turn, event: Replied, case: Case) -> None:
    """Show supervisors who wrote against the contact rule, and why; count it, and put it on record."""
    danger = event.override or ""
    why = both(turn.content, turn.content.dangers[danger])
    line = turn.phrase("overridden", name=event.name, number=case.number, reason=why)
    turn.do(CallOperators(case=case.id, to="supervisors", line=line))
    turn.do(PutOnRecord(operator=event.operator, act="override", case=case.id))
    turn.do(Count(name="overridden", labels={"danger": danger}))


def unseen(turn: Turn, event: Unseen) -> None:
    """Put a case whose card the group did not get before each operator privately, unless it went to each already."""
    case = turn.cases.get(event.case)
    went_to_all = case is not None and case.urgency == "P1" and not turn.watch.on
    if case is not None and case.state == "new" and not went_to_all:
        turn.do(CallOperators(case=case.id, to="operators"))


def card(turn: Turn, event: CardWanted) -> None:
    """Give a case a card of its own, which takes it out of the list."""
    case = turn.cases.get(event.case)
    if case is not None and is_visible(case):
        named = triage.reasons(turn.content, turn.talk.reasons_of(case.id))
        turn.do(PostCard(case=case.id, reasons=named, asked=event.asked))


def opened(turn: Turn, event: Opened) -> None:
    """Count a file as heard or seen; the urgency stays until an operator changes it."""
    case = turn.cases.get(event.case)
    if case is not None and case.unheard > 0:
        turn.put(case, unheard=case.unheard - 1, rev=case.rev + 1)
        turn.do(UpdateCard(case=case.id))


_ACTS: Mapping[str, Callable[[Turn, Desk, Case], None]] = {
    "seen": _see,
    "unsee": _unsee,
    "take": _take,
    "take_over": _take_over,
    "give_back": _give_back,
    "urgency": _set_urgency,
    "keep": _keep,
    "let_go": _let_go,
    "resolve": _resolve,
}
"""What carries out each act of an operator."""
