"""Operators' acts on a case, decided in the lane of its person: one door, one order, one history."""

from datetime import timedelta

from bot.core import contact, triage
from bot.core.casework import after, is_visible
from bot.core.effects import (
    CallOperators,
    ClearTimer,
    Count,
    Deliver,
    PostCard,
    ReplyToCard,
    Seal,
    SetTimer,
    TellOperator,
    UpdateCard,
)
from bot.core.events import CardWanted, Desk, Opened, Replied, Unseen
from bot.core.state import Case
from bot.core.turn import RUNGS, Turn
from bot.core.values import to_minute


def act(turn: Turn, event: Desk) -> None:
    """Take, give back, change the urgency or resolve; who comes second is told so and changes nothing."""
    case = turn.cases.get(event.case)
    if case is None or not is_visible(case):
        _tell(turn, event, "closed")
        return
    match event.act:
        case "take":
            _take(turn, event, case)
        case "give_back":
            _give_back(turn, event, case)
        case "urgency":
            _set_urgency(turn, event, case)
        case "resolve":
            _resolve(turn, event, case)


def _take(turn: Turn, event: Desk, case: Case) -> None:
    if case.state != "new":
        _tell(turn, event, "already_taken")
        return
    _move(turn, event, case, state="taken", assignee=event.operator)
    turn.do(ClearTimer(name="untaken", case=case.id))
    turn.change(owes=tuple(one for one in turn.talk.owes if one != "nobody_yet"))
    _tell(turn, event, "taken_by", name=event.name)


def _give_back(turn: Turn, event: Desk, case: Case) -> None:
    if case.state != "taken" or case.assignee != event.operator:
        _tell(turn, event, "not_yours")
        return
    case = _move(turn, event, case, state=after(case, "give_back"), assignee=None)
    _watch(turn, case)


def _set_urgency(turn: Turn, event: Desk, case: Case) -> None:
    if event.urgency is None or event.urgency == case.urgency:
        return
    case = _move(turn, event, case, urgency=event.urgency)
    turn.do(ReplyToCard(case=case.id, line=turn.phrase("raised", urgency=case.urgency)))
    if case.state == "new":
        _watch(turn, case)


def _watch(turn: Turn, case: Case) -> None:
    """Start the ladder for an untaken P1, or stop it for anything less."""
    if case.urgency == "P1":
        turn.do(SetTimer(name="untaken", case=case.id, due=turn.now + timedelta(minutes=RUNGS[0]), rev=0))
    else:
        turn.do(ClearTimer(name="untaken", case=case.id))


def _resolve(turn: Turn, event: Desk, case: Case) -> None:
    if case.state != "taken" or case.assignee != event.operator:
        _tell(turn, event, "not_yours")
        return
    _move(turn, event, case, state="closed", closed=to_minute(turn.now))
    for name in ("untaken", "silent", "unkept"):
        turn.do(ClearTimer(name=name, case=case.id))
    turn.do(Count(name="closed", labels={"outcome": event.outcome or "", "country": case.country or "unknown"}))
    if turn.talk.case == case.id:
        turn.forget_intake()


def _move(turn: Turn, event: Desk, case: Case, **fields: object) -> Case:
    """Change a case by an operator's act and keep who did what, sealed; the card's buttons follow."""
    body = event.model_dump(mode="json", exclude={"type", "case", "name"}, exclude_none=True)
    turn.do(Seal(case=case.id, body={"kind": "desk", **body, "at": to_minute(turn.now).isoformat()}))
    moved = turn.put(case, rev=case.rev + 1, **fields)
    turn.do(UpdateCard(case=case.id))
    return moved


def _tell(turn: Turn, event: Desk, key: str, **params: str) -> None:
    turn.do(TellOperator(operator=event.operator, line=turn.phrase(key, **params), case=event.case))


def reply(turn: Turn, event: Replied) -> None:
    """Let a confirmed reply go: now if it answers, else when the contact rule allows, else when the person writes."""
    case = turn.cases.get(event.case)
    if case is None:
        turn.do(TellOperator(operator=event.operator, line=turn.phrase("closed"), case=event.case))
        return
    answer = contact.is_answer(turn.talk.last_act, turn.now) and turn.talk.mode == "open"
    zones = turn.content.zones(case.country)
    due = turn.now if answer else contact.next_allowed(turn.talk.contact, zones, turn.now)
    turn.do(Deliver(row=event.row, case=case.id, initiative=not answer, due=due))
    key = "reply_sent" if due == turn.now else "reply_held"
    turn.do(TellOperator(operator=event.operator, line=turn.phrase(key, number=case.number), case=case.id))


def unseen(turn: Turn, event: Unseen) -> None:
    """Put a case whose card the group did not get before each operator privately."""
    case = turn.cases.get(event.case)
    if case is not None and case.state == "new":
        turn.do(CallOperators(case=case.id, to="operators"))


def card(turn: Turn, event: CardWanted) -> None:
    """Give a case a card of its own, which takes it out of the list."""
    case = turn.cases.get(event.case)
    if case is not None and is_visible(case):
        named = triage.reasons(turn.content, turn.talk.reasons)
        turn.do(PostCard(case=case.id, reasons=named, asked=event.asked))


def opened(turn: Turn, event: Opened) -> None:
    """Count a file as heard or seen; the urgency stays until an operator changes it."""
    case = turn.cases.get(event.case)
    if case is not None and case.unheard > 0:
        turn.put(case, unheard=case.unheard - 1, rev=case.rev + 1)
        turn.do(UpdateCard(case=case.id))
