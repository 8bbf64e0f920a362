"""Checks what the program takes for granted of the content: the flows it takes up and the questions it knows."""

from collections.abc import Mapping
from typing import get_args

from bot.content.draft import Draft, Spot
from bot.content.paths import ENTRIES, FACTS
from bot.core.content import Content
from bot.core.flow import SIGN_OFFS, Act, AnswerKind, Ask, Go, Menu, SignOff
from bot.core.parting import NOT_MINE
from bot.core.screens import PICTURE, WORD
from bot.core.state import ContactClass, Hours
from bot.core.triage import urgency_of

RESERVED = ("change", "hidden")
"""Screens of the program that belong to no flow are named like flows."""

PICTURES = 4
MOST_FACTS = 9
"""Nine fit one screen of a small phone and can be typed as one digit."""

_KNOWN: Mapping[str, tuple[AnswerKind, frozenset[str] | None]] = {
    "contact": ("choice", frozenset({*get_args(ContactClass), NOT_MINE})),
    "hours": ("many", frozenset(get_args(Hours))),
    "keep": ("choice", frozenset({"yes", "no"})),
    "minor": ("choice", frozenset({"yes", "no", "unsure"})),
    "people": ("number", None),
    WORD: ("text", None),
}
"""The questions whose answers the program reads: their kind, and exactly their choices."""


_SIGNED_ACTS: Mapping[Act, SignOff] = {"hide": "hide", "discard": "consent"}
"""What a choice that does this is signed off as."""


def check_promises(content: Content, draft: Draft) -> None:
    """Note what the program would miss at run time."""
    _check_entries(content, draft)
    _check_danger(content, draft)
    _check_questions(content, draft)
    _check_sign_offs(content, draft)
    if len(content.facts) > MOST_FACTS:
        last = list(content.facts)[MOST_FACTS]
        draft.fault(draft.spot("facts", last), f"There are more than {MOST_FACTS} facts", "Join or delete some")


def _check_entries(content: Content, draft: Draft) -> None:
    for name in RESERVED:
        if name in content.flows:
            draft.fault(draft.spot(name), f"`{name}` is a name of the program's own", "Rename the flow and its file")
    for name in ENTRIES:
        flow = content.flows.get(name)
        if flow is None:
            draft.fault(Spot(f"flows/{name}.yaml", 1), f"The flow `{name}` is missing", "Add it")
    for name, step in (("start", "menu"), ("stop", None), ("end", None)):
        flow = content.flows.get(name)
        first = flow.steps[0] if flow and flow.steps else None
        if first is not None and (not isinstance(first, Menu) or first.when or (step and first.id != step)):
            what = f"The flow `{name}` does not begin with a menu" + (f" `{step}`" if step else "")
            draft.fault(draft.spot(name, first.id), what, "Make it its first step, without `when`")


def _check_danger(content: Content, draft: Draft) -> None:
    """Require that the danger press by itself puts a card before operators: what it raises must be P1."""
    danger = content.flows.get("danger")
    if danger is not None and urgency_of(content, danger.raises) != "P1":
        what = "Entering `danger` does not make a request P1"
        draft.fault(draft.spot("danger"), what, "Give it `raises:` that flows/tables/urgency.yaml makes P1")


def _check_questions(content: Content, draft: Draft) -> None:
    first: dict[str, tuple[str, Ask]] = {}
    for flow in content.flows.values():
        for step in flow.steps:
            if isinstance(step, Go) and step.flow == FACTS and not _asks_facts(content):
                draft.fault(draft.spot(flow.id, step.id), "`go: $facts` without a question `facts`", "Add the question")
            if isinstance(step, Ask):
                spot = draft.spot(flow.id, step.id)
                other, ask = first.setdefault(step.id, (flow.id, step))
                _check_same(step, ask, other, draft, spot=spot)
                _check_known(content, step, spot, draft)


def _asks_facts(content: Content) -> bool:
    return any(isinstance(step, Ask) and step.id == "facts" for flow in content.flows.values() for step in flow.steps)


def _check_same(ask: Ask, other: Ask, flow: str, draft: Draft, *, spot: Spot) -> None:
    if (ask.kind, _ids(ask), ask.number) != (other.kind, _ids(other), other.number):
        what = f"The question `{ask.id}` is asked with other answers than in `{flow}`, but one id is one question"
        draft.fault(spot, what, "Give it another id, or the same answers")


def _ids(ask: Ask) -> frozenset[str]:
    return frozenset(choice.id for choice in ask.choices)


def _check_known(content: Content, ask: Ask, spot: Spot, draft: Draft) -> None:
    tables = {"country": ("choice", content.countries), "facts": ("many", content.facts)}
    if ask.id in tables:
        kind, table = tables[ask.id]
        if ask.kind != kind or _ids(ask) != frozenset(table):
            name = "$countries" if ask.id == "country" else "$facts"
            draft.fault(spot, f"The program reads `{ask.id}` otherwise", f"Write `{kind}: {name}`")
    elif ask.id in _KNOWN:
        kind, ids = _KNOWN[ask.id]
        if ask.kind != kind or (ids is not None and _ids(ask) != ids):
            mend = f"Make it `{kind}`" + (" with " + ", ".join(sorted(ids)) if ids else "")
            draft.fault(spot, f"The program reads `{ask.id}` otherwise", mend)
    elif ask.id == PICTURE and (ask.kind != "choice" or len(ask.choices) != PICTURES):
        draft.fault(spot, f"The calendar has {PICTURES} pictures", f"Make `{PICTURE}` a choice of {PICTURES}")
    if ask.id == "keep" and dict(ask.then) != {"no": "discard"}:
        draft.fault(spot, "`keep` does nothing when the answer is no", 'Add `then: {"no": discard}`')
    if ask.id == "contact" and ask.offer.get("hours", {}).get("country") != "has_zones":
        what = "`contact` offers hours without knowing the country's time"
        draft.fault(spot, what, "Add `offer: {hours: {country: has_zones}}`")


def _check_sign_offs(content: Content, draft: Draft) -> None:
    """Require that what hides, keeps or deletes waits for a human's sign-off, and that there is something of each kind.

    Whoever writes another such question must not have to remember it.
    """
    kinds: set[SignOff | None] = {*content.sign_offs.values()}
    for flow in content.flows.values():
        kinds.add(flow.sign_off)
        for step in flow.steps:
            kinds.add(step.sign_off)
            for act in step.then.values() if isinstance(step, Ask | Menu) else ():
                wanted = _SIGNED_ACTS.get(act)
                if wanted not in (None, step.sign_off or flow.sign_off):
                    what = f"`{step.id}` does `{act}`, and its sentences wait for nobody's sign-off"
                    draft.fault(draft.spot(flow.id, step.id), what, f"Add `sign_off: {wanted}`")
    for kind in (one for one in SIGN_OFFS if one not in kinds):
        draft.fault(Spot("flows/phrases.yaml", 1), f"Nothing waits for a sign-off as `{kind}`", "Add it to `sign_off`")
