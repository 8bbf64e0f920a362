"""Who may do what in the console, as a table. It is asked at the act, with the role as it is listed then.

An admin looks after people and settings and never sees a case; whoever does both jobs is listed as a supervisor.
"""

from typing import Literal

Role = Literal["operator", "supervisor", "admin"]
Right = Literal["self", "queue", "open", "act", "reply", "people", "audit"]
"""self: one's own password, language and sessions. queue: the list of cases, its clear fields only. open: a case's
content. act: take, give back, urgency, finish. reply: write to the person. people: see who is listed and end their
sessions. audit: read the record of who opened what."""

RIGHTS: dict[Role, frozenset[Right]] = {
    "operator": frozenset({"self", "queue", "open", "act", "reply"}),
    "supervisor": frozenset({"self", "queue", "open", "act", "reply", "people", "audit"}),
    "admin": frozenset({"self", "people", "audit"}),
}


def may(role: str, right: Right) -> bool:
    """Say whether a role has a right; a role that is not in the table has none."""
    return any(right in rights for name, rights in RIGHTS.items() if name == role)
