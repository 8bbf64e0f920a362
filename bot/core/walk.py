"""Walking through flows: from a place to the next wait, and back. The only place that knows which step comes next."""

from collections.abc import Sequence

from bot.core.casework import after
from bot.core.content import Content
from bot.core.flow import Ask, Condition, Flow, Go, Line, Menu, Say, Submit
from bot.core.outlook import outlook
from bot.core.state import Conversation, Place, Wait
from bot.core.turn import Turn

MAX_HOPS = 500
"""More steps than any walk needs without a wait; content checks refuse flows that could loop."""
_TRAIL = 20
RESTS = ("start", "end", "guidance", "missing")
"""Flows of one menu, in which nothing is under way."""


def holds(content: Content, talk: Conversation, condition: Condition) -> bool:
    """Say whether all of a condition holds; a skipped or merely told answer equals nothing."""
    return all(_test(content, talk, question, wanted) for question, wanted in condition.items())


def _test(content: Content, talk: Conversation, question: str, wanted: str | tuple[str, ...]) -> bool:
    value = talk.answers.get(question)
    match wanted:
        case "answered":
            return value is not None or question in talk.told
        case "unanswered":
            return value is None and question not in talk.told
        case "has_zones":
            return isinstance(value, str) and bool(content.zones(value))
    ids = {wanted} if isinstance(wanted, str) else set(wanted)
    have = set(value) if isinstance(value, tuple) else {value}
    return not ids.isdisjoint(have)


def is_on_the_way(place: Place | None) -> bool:
    """Say whether a place is in the middle of a flow, so that it is worth coming back to."""
    return place is not None and place.flow not in (*RESTS, "stop", "change")


def enter(turn: Turn, flow_id: str) -> None:
    """Take up a flow at its first step and walk to the next wait; what the flow raises is raised now."""
    _arrive(turn, turn.content.flows[flow_id])
    walk(turn, Place(flow=flow_id, step=turn.content.flows[flow_id].steps[0].id))


def _arrive(turn: Turn, flow: Flow) -> None:
    if flow.need and flow.need not in turn.talk.needs:
        turn.change(needs=(*turn.talk.needs, flow.need))
    _remember(turn, flow)
    if flow.raises:
        turn.raise_flags(flow.raises, because=flow.id)
        if flow.id == "danger":
            turn.endangered = False


def _remember(turn: Turn, flow: Flow) -> None:
    if flow.id not in turn.talk.flows:
        turn.change(flows=(*turn.talk.flows, flow.id))


def walk(turn: Turn, place: Place | None) -> None:
    """Move to the first wait from a place on; at the end of everything, to no place."""
    here = nearest(turn.content, place, turn.talk.trail) if place else _pop(turn)
    for _ in range(MAX_HOPS):
        if turn.endangered:
            here = _to_danger(turn, here)
        if here is None:
            turn.change(place=None)
            return
        flow = turn.content.flows[here.flow]
        step = flow.steps[flow.find(here.step) or 0]
        if not holds(turn.content, turn.talk, step.when):
            here = _next(turn, flow, step.id)
            continue
        match step:
            case Say():
                _speak(turn, flow, step)
            case Ask() if not turn.answered(step):
                break
            case Menu():
                break
            case Go():
                here = _go(turn, flow, step)
                continue
            case Submit():
                _submit(turn, flow, step)
                here = Place(flow="end", step=turn.content.flows["end"].steps[0].id)
                continue
        here = _next(turn, flow, step.id)
    turn.change(place=here, picked=())


def _speak(turn: Turn, flow: Flow, step: Say) -> None:
    """Say something, unless its flow is only passed through again because an earlier answer was changed."""
    asks = [one for one in flow.steps if isinstance(one, Ask)]
    is_change = any(place.flow == "end" for place in turn.talk.agenda)
    if not is_change or not all(turn.was_answered(ask) for ask in asks):
        turn.lines.append(Line(words=step.text))


def _to_danger(turn: Turn, here: Place | None) -> Place | None:
    """Divert to the danger path; the flow can be taken up afterwards (ARCHITECTURE, Flow language)."""
    turn.endangered = False
    if here is not None and here.flow == "danger":
        return here
    turn.change(place=here)
    interrupt(turn)
    flow = turn.content.flows["danger"]
    _remember(turn, flow)
    return Place(flow=flow.id, step=flow.steps[0].id)


def interrupt(turn: Turn) -> None:
    """Leave the present place for the danger path, to be taken up after it; the path itself is never taken up twice."""
    talk = turn.talk
    here = talk.place
    is_under_way = any(place.flow == "danger" for place in talk.agenda)
    is_part = here is not None and (here.flow == "danger" or (here.flow == "contact" and is_under_way))
    rest = tuple(place for place in talk.agenda if place.flow not in ("danger", "end"))
    is_worth_it = is_on_the_way(here) and not is_part and not _is_over(turn.content, here)
    turn.change(agenda=(here, *rest) if is_worth_it else rest, skipped=_still_skipped(turn))


def _is_over(content: Content, place: Place | None) -> bool:
    """Say whether nothing is left of a flow but to send what was told, which the danger path does too."""
    flow = content.flows.get(place.flow) if place is not None else None
    at = flow.find(place.step) if flow is not None and place is not None else None
    return flow is not None and at is not None and isinstance(flow.steps[at], Submit)


def _still_skipped(turn: Turn) -> tuple[str, ...]:
    """Give the skipped questions but those of the danger path: in danger they are worth asking once more."""
    flows = (turn.content.flows[one] for one in ("danger", "contact"))
    again = {step.id for flow in flows for step in flow.steps if isinstance(step, Ask)}
    return tuple(one for one in turn.talk.skipped if one not in again)


def _next(turn: Turn, flow: Flow, step: str) -> Place | None:
    at = (flow.find(step) or 0) + 1
    return Place(flow=flow.id, step=flow.steps[at].id) if at < len(flow.steps) else _pop(turn)


def _pop(turn: Turn) -> Place | None:
    if not turn.talk.agenda:
        return None
    here, *rest = turn.talk.agenda
    turn.change(agenda=tuple(rest))
    return nearest(turn.content, here, turn.talk.trail)


def _go(turn: Turn, flow: Flow, step: Go) -> Place | None:
    named = _fact_flows(turn) if step.flow == "$facts" else (step.flow,)
    targets = tuple(one for one in named if turn.talk.by_hand or not turn.content.flows[one].by_hand)
    firsts = tuple(Place(flow=one, step=turn.content.flows[one].steps[0].id) for one in targets)
    at = (flow.find(step.id) or 0) + 1
    rest = (Place(flow=flow.id, step=flow.steps[at].id),) if at < len(flow.steps) else ()
    turn.change(agenda=(*firsts, *rest, *turn.talk.agenda))
    for one in targets:
        _arrive(turn, turn.content.flows[one])
    return _pop(turn)


def _fact_flows(turn: Turn) -> tuple[str, ...]:
    chosen = turn.talk.answers.get("facts", ())
    facts = turn.content.facts.values()
    return tuple(dict.fromkeys(fact.flow for fact in facts if isinstance(chosen, tuple) and fact.id in chosen))


def _submit(turn: Turn, flow: Flow, step: Submit) -> None:
    """Put the case before people and say what happens next; what the danger path interrupted can be resumed."""
    turn.change(agenda=tuple(place for place in turn.talk.agenda if place.flow != "end"))
    if step.text is not None:
        turn.lines.append(Line(words=step.text))
        if turn.talk.case not in turn.cases:
            return  # nothing was told, or it went to a case of before
    case = turn.intake_case()
    if case.state == "draft":
        case = turn.put(case, state=after(case, "send"))
    if step.text is not None:
        return
    key = {"P1": "closing_p1", "P2": "closing_p2"}.get(case.urgency, "closing_p3")
    turn.say(key, number=case.number)
    if case.urgency == "P1":
        turn.add(outlook(turn, case) or turn.phrase("next_unknown"))
    if turn.talk.borrowed:
        return  # there is no later here
    if case.urgency == "P1":
        turn.say("closing_untaken")
    if turn.talk.contact.kind in ("when_i_write", "never"):
        turn.say("closing_when_i_write")


def nearest(content: Content, place: Place, trail: Sequence[Wait] = ()) -> Place:
    """Give the place itself; if this release lacks it, the nearest earlier wait of its flow that exists."""
    flow = content.flows.get(place.flow)
    if flow is None:
        return start(content)
    if flow.find(place.step) is not None:
        return place
    passed = (wait.place for wait in reversed(trail) if wait.place.flow == flow.id)
    known = (one for one in passed if flow.find(one.step) is not None)
    return next(known, Place(flow=flow.id, step=flow.steps[0].id))


def start(content: Content) -> Place:
    """Give the start menu's place."""
    return Place(flow="start", step=content.flows["start"].steps[0].id)


def step_at(content: Content, talk: Conversation) -> Ask | Menu | None:
    """Give the wait a person is at; None if they are at none, or at the list of answered questions."""
    if talk.place is None or talk.place.flow == "change":
        return None
    here = nearest(content, talk.place, talk.trail)
    flow = content.flows[here.flow]
    step = flow.steps[flow.find(here.step) or 0]
    return step if isinstance(step, Ask | Menu) else None


def leave(turn: Turn) -> None:
    """Remember the present wait for back, before moving on."""
    talk = turn.talk
    if talk.place is not None:
        turn.change(trail=(*talk.trail, Wait(place=talk.place, agenda=talk.agenda))[-_TRAIL:])


def back(turn: Turn) -> None:
    """Go to the wait before this one, to be answered anew; at the beginning, to the start menu."""
    if not turn.talk.trail:
        turn.change(place=start(turn.content), picked=(), agenda=())
        return
    *rest, wait = turn.talk.trail
    turn.change(place=wait.place, agenda=wait.agenda, trail=tuple(rest))
    turn.change(picked=_picked(turn))


def _picked(turn: Turn) -> tuple[str, ...]:
    step = step_at(turn.content, turn.talk)
    value = turn.talk.answers.get(step.id) if step else None
    return value if isinstance(value, tuple) else ()
