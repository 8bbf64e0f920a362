"""Walking through flows: from a place to the next wait, and back. The only place that knows which step comes next."""

from collections.abc import Sequence

from bot.core.casework import after
from bot.core.content import Content
from bot.core.effects import Line
from bot.core.flow import Ask, Condition, Flow, Go, Menu, Say, Submit
from bot.core.state import Conversation, Place, Wait
from bot.core.turn import Turn

MAX_HOPS = 500
"""More steps than any walk needs without a wait; content checks refuse flows that could loop."""
_TRAIL = 20


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


def enter(turn: Turn, flow_id: str) -> None:
    """Take up a flow at its first step and walk to the next wait; what the flow raises is raised now."""
    _arrive(turn, turn.content.flows[flow_id])
    walk(turn, Place(flow=flow_id, step=turn.content.flows[flow_id].steps[0].id))


def _arrive(turn: Turn, flow: Flow) -> None:
    if flow.need and flow.need not in turn.talk.needs:
        turn.change(needs=(*turn.talk.needs, flow.need))
    if flow.raises:
        turn.raise_flags(flow.raises, because=flow.id)
        if flow.id == "danger":
            turn.endangered = False


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
                turn.lines.append(Line(words=step.text))
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


def _to_danger(turn: Turn, here: Place | None) -> Place | None:
    """Divert to the danger path; the flow can be taken up afterwards (DESIGN §4)."""
    turn.endangered = False
    if here is not None and here.flow == "danger":
        return here
    if here is not None and here.flow != "end":
        turn.change(agenda=(here, *turn.talk.agenda))
    flow = turn.content.flows["danger"]
    return Place(flow=flow.id, step=flow.steps[0].id)


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
    targets = _fact_flows(turn) if step.flow == "$facts" else (step.flow,)
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
    case = turn.intake_case()
    if case.state == "draft":
        case = turn.put(case, state=after(case, "send"))
    if step.text is not None:
        turn.lines.append(Line(words=step.text))
        return
    key = {"P1": "closing_p1", "P2": "closing_p2"}.get(case.urgency, "closing_p3")
    turn.say(key, number=case.number)
    if turn.talk.contact.kind in ("when_i_write", "never"):
        turn.say("closing_when_i_write")


def nearest(content: Content, place: Place, trail: Sequence[Wait] = ()) -> Place:
    """Give the place itself; if this release lacks it, the nearest earlier wait of its flow that exists (DESIGN §4)."""
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
    """Give the wait a person is at; None if they are at none."""
    if talk.place is None:
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
