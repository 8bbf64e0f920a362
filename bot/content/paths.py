"""Checks where flows lead: no step that nobody reaches, no way that ends nowhere, no circle without a wait."""

from collections.abc import Iterator, Mapping

from bot.content.draft import Draft
from bot.core.content import Content
from bot.core.flow import Ask, Flow, Go, Menu, Step, Submit

ENTRIES = ("start", "help", "danger", "contact", "call_back", "guidance", "wrote_before", "stop", "end", "phone")
"""The flows that the program itself takes up."""

CALLED = {"contact", "call_back"}
"""Entries that are always taken up on the way to something else, so they may simply end."""

FACTS = "$facts"
"""As the target of `go`: the flow of each chosen fact."""


def check_paths(content: Content, draft: Draft) -> None:
    """Note unreachable flows and steps, dead ends and circles."""
    circles = tuple(_circles(content))
    for name, step in circles:
        what = f"`go` leads from `{name}` back to `{name}` without end"
        draft.fault(draft.spot(name, step), what, "Take out one of the `go` steps")
    if circles:
        return
    for flow in content.flows.values():
        _check_steps(content, draft, flow)
    for name in content.flows.keys() - _reached(content):
        draft.fault(
            draft.spot(name), f"Nothing leads to the flow `{name}`", "Lead a menu or a `go` to it, or delete it"
        )
    for name in sorted(_begun(content)):
        if _comes_back(content, name):
            what = f"The flow `{name}` ends without `submit` or `menu`"
            draft.fault(draft.spot(name), what, "Add `- submit: {}` or a menu as its last step, without `when`")


def called_by(content: Content, step: Step) -> tuple[str, ...]:
    """Give the flows that a `go` step takes up."""
    if not isinstance(step, Go):
        return ()
    names = tuple(fact.flow for fact in content.facts.values()) if step.flow == FACTS else (step.flow,)
    return tuple(name for name in names if name in content.flows)


def _circles(content: Content) -> Iterator[tuple[str, str]]:
    """Give each flow that is reached again from itself by `go` steps alone, with the step that begins the circle."""
    calls: Mapping[str, set[str]] = {
        name: {one for step in flow.steps for one in called_by(content, step)} for name, flow in content.flows.items()
    }
    for name, flow in content.flows.items():
        for step in flow.steps:
            if any(name in _closure(calls, one) for one in called_by(content, step)):
                yield name, step.id
                break


def _closure(edges: Mapping[str, set[str]], start: str) -> set[str]:
    reached, waiting = set(), {start}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= edges.get(name, set()) - reached
    return reached


def _check_steps(content: Content, draft: Draft, flow: Flow) -> None:
    for step, following in zip(flow.steps, flow.steps[1:], strict=False):
        for name in called_by(content, step) if isinstance(step, Go) and step.flow == FACTS else ():
            if not _comes_back(content, name):
                what = f"`{name}` ends the conversation, so its fact skips what follows `{step.id}`"
                draft.fault(draft.spot(name), what, "Take out its last `submit` or `menu`: the caller has one")
        if not _passes(content, step):
            what = f"Nobody reaches `{flow.id}.{following.id}`: `{step.id}` always ends the flow"
            draft.fault(draft.spot(flow.id, following.id), what, "Delete the steps below, or give that step a `when`")
            return


def _passes(content: Content, step: Step) -> bool:
    """Say whether a person can get past a step; any question can be skipped."""
    if step.when:
        return True
    match step:
        case Submit() | Menu():
            return False
        case Go() if step.flow != FACTS and step.flow in content.flows:
            return _comes_back(content, step.flow)
    return True


def _comes_back(content: Content, name: str) -> bool:
    return all(_passes(content, step) for step in content.flows[name].steps)


def _begun(content: Content) -> set[str]:
    """Give the flows that a person begins, with nothing to come back to."""
    menus = [step for flow in content.flows.values() for step in flow.steps if isinstance(step, Menu)]
    led = {name for menu in menus for name in menu.go.values()}
    return ({*ENTRIES, *led} - CALLED) & content.flows.keys()


def _reached(content: Content) -> set[str]:
    edges = {name: set(_led_to(content, flow)) for name, flow in content.flows.items()}
    return {name for entry in ENTRIES for name in _closure(edges, entry)}


def _led_to(content: Content, flow: Flow) -> Iterator[str]:
    for step in flow.steps:
        yield from called_by(content, step)
        if isinstance(step, Ask | Menu):
            yield from step.go.values()
