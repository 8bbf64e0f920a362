"""Who may do what, as a table, for cards and console alike. It is asked at the act, with the role as it is listed then.

An admin looks after people and settings and never sees a case; whoever does both jobs is listed as a supervisor.
"""

from typing import Literal

Role = Literal["operator", "supervisor", "admin"]
Right = Literal[
    "self",
    "queue",
    "open",
    "act",
    "reply",
    "take_over",
    "hold",
    "roster",
    "plan",
    "people",
    "audit",
    "retention",
    "erase",
]
"""self: one's own password, language and sessions. queue: the list of cases, its clear fields only. open: a case's
content. act: everything done on a case but what follows. reply: write to the person. take_over: take a case from a
colleague. hold: keep a case from being destroyed. roster: see who is on duty. plan: change that. people: see who is
listed, invite them, change their role and end their sessions. audit: read the record of who opened what. retention:
say after how many days closed cases are destroyed. erase: ask for one to be destroyed, which another confirms."""

_DESK: frozenset[Right] = frozenset({"self", "roster", "queue", "open", "act", "reply"})
_STAFF: frozenset[Right] = frozenset({"self", "roster", "plan", "people", "audit"})
RIGHTS: dict[Role, frozenset[Right]] = {
    "operator": _DESK,
    "supervisor": _DESK | _STAFF | {"take_over", "hold", "erase"},
    "admin": _STAFF | {"retention", "erase"},
}


def may(role: str, right: Right) -> bool:
    """Say whether a role has a right; a role that is not in the table has none."""
    return any(right in rights for name, rights in RIGHTS.items() if name == role)
