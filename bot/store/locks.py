"""Locks of lanes between the processes of one PostgreSQL; SQLite has one writer and needs none.

They are advisory locks of the transaction: a lane that was never seen can be locked like any other, nothing is written
for it, and they end with the transaction, however that ends. Rows of a table of lanes, taken FOR UPDATE SKIP LOCKED,
would have to be made for every newcomer before the first update is kept, would be rewritten with each batch, and do
the same.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

MIGRATION, START, POLLER = "migration", "start", "poller"
_try = text(
    "SELECT lane FROM unnest(CAST(:lanes AS text[])) AS lane"
    " WHERE pg_try_advisory_xact_lock(hashtextextended(lane, 1)) LIMIT :most"
)
_wait = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 2))")


def own(connection: Connection, lanes: Sequence[str], *, most: int | None = None) -> frozenset[str]:
    """Take the locks of lanes that no other transaction has, the first `most` of them; gives which. Never waits."""
    if connection.dialect.name == "sqlite" or not lanes:
        return frozenset(lanes)
    asked = {"lanes": list(dict.fromkeys(lanes)), "most": most}
    return frozenset(connection.scalars(_try, asked).all())


def lock_for_transaction(connection: Connection, what: str) -> None:
    """Wait until nobody else does this, and keep them from it until the transaction ends."""
    connection.execute(_wait, {"what": what})
