"""Keeping arrivals and adding to statistics: the two writes that several parts of the store share."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.service.rows import Arrival
from bot.store.conflicts import insert_new, put
from bot.store.schema import counters, inbox


def keep(connection: Connection, arrivals: Sequence[Arrival]) -> int:
    """Insert arrivals in their order; gives how many were new."""
    if not arrivals:
        return 0
    columns = [
        {
            "lane": arrival.lane,
            "source": arrival.source,
            "key": arrival.key,
            "first": arrival.first,
            "body": arrival.body,
            "state": "waiting",
            "tries": 0,
            "received_at": arrival.at,
        }
        for arrival in arrivals
    ]
    return len(connection.execute(insert_new(connection, inbox), columns).all())


def count(connection: Connection, counts: Sequence[tuple[str, str]], *, at: datetime) -> None:
    """Add one for each (name, labels) to the statistics of the day of `at`, in UTC."""
    day = at.astimezone(UTC).date().isoformat()
    columns = [
        {"name": name, "labels": labels, "day": day, "n": n} for (name, labels), n in sorted(Counter(counts).items())
    ]
    if columns:
        connection.execute(put(connection, counters, add_to="n"), columns)
