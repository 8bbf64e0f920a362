"""The states of a case, as a table. All transitions live here; a case never closes by itself.

    draft ──send──▶ new ◀──give_back── taken ──resolve──▶ closed
      └───lapse──▶ new (unfinished)  ──take──▶ taken

A mark says what a person must know before acting: `unfinished` (fell silent), `withdrawn` (asked to be deleted, perhaps
not by the person), `not_kept` (asked not to be kept; an operator decides within 72 hours, ARCHITECTURE, Cases).
"""

from typing import Literal

from bot.core.state import Case, CaseState

CaseAct = Literal["send", "lapse", "take", "give_back", "resolve"]

TRANSITIONS: dict[tuple[CaseState, CaseAct], CaseState] = {
    ("draft", "send"): "new",
    ("draft", "lapse"): "new",
    ("new", "take"): "taken",
    ("taken", "give_back"): "new",
    ("taken", "resolve"): "closed",
}


def after(case: Case, act: CaseAct) -> CaseState | None:
    """Give the state after an act, or None if the act is not possible in this state."""
    return TRANSITIONS.get((case.state, act))


def is_visible(case: Case) -> bool:
    """Say whether operators see the case in the queue."""
    return case.state in ("new", "taken")
