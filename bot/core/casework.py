"""The states of a case, as a table. All transitions live here; a case never closes by itself.

    draft ──send──▶ new ◀──give_back, lose── taken ──resolve──▶ closed
      └───lapse──▶ new (unfinished)  ──take──▶ taken ──hand_over──▶ taken

Two people `erase` a case whoever has it; what is erased, or closed with a mark that its person asked for it to go, is
destroyed.

A mark says what a person must know before acting: `unfinished` (fell silent), `withdrawn` (asked to be deleted, perhaps
not by the person) and `not_kept` (asked not to be kept): an operator decides about both within 72 hours; `late` (came
back because nobody looked at it again); `left` (nobody can be reached: it was somebody else's phone). ARCHITECTURE,
Cases.
"""

from typing import Literal

from bot.core.state import Case, CaseState, Mark

CaseAct = Literal["send", "lapse", "take", "give_back", "lose", "hand_over", "resolve", "erase"]

TRANSITIONS: dict[tuple[CaseState, CaseAct], CaseState] = {
    ("draft", "send"): "new",
    ("draft", "lapse"): "new",
    ("new", "take"): "taken",
    ("taken", "give_back"): "new",
    ("taken", "lose"): "new",
    ("taken", "hand_over"): "taken",
    ("taken", "resolve"): "closed",
    ("new", "erase"): "closed",
    ("taken", "erase"): "closed",
}
TO_DECIDE: tuple[Mark, ...] = ("withdrawn", "not_kept")
"""Marks of cases whose person asked for them to go: an operator decides."""


def after(case: Case, act: CaseAct) -> CaseState | None:
    """Give the state after an act, or None if the act is not possible in this state."""
    return TRANSITIONS.get((case.state, act))


def is_visible(case: Case) -> bool:
    """Say whether operators see the case in the queue."""
    return case.state in ("new", "taken")
