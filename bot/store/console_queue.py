"""The queue as the console shows it: a part of it, a page at a time, and how many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, and_, bindparam, func, select, tuple_

from bot.core.values import URGENCIES
from bot.service.consoling import COUNT_LIMIT, Counted, Wanted
from bot.service.rows import QueueItem
from bot.store.database import Database
from bot.store.rows import Columns, case_of
from bot.store.schema import cases, inbox, is_queued, is_taken, is_unsettled, is_untaken, is_waiting, one_of, outbox

_PLACE = (cases.c.urgency, cases.c.created_at, cases.c.id)
_after = tuple_(*_PLACE) > tuple_(
    bindparam("last_urgency"), bindparam("last_created", type_=cases.c.created_at.type), bindparam("last_case")
)
_waiting = select(inbox.c.id).where(is_waiting, inbox.c.source == bindparam("source"), inbox.c.key == bindparam("key"))
_unsent = (
    select(func.count())
    .select_from(outbox)
    .where(is_unsettled, outbox.c.lane == bindparam("lane"))
    .where(outbox.c.kind == "reply", outbox.c.case_id == bindparam("case"))
    .where(
        one_of(outbox.c.state, "held")
        | and_(one_of(outbox.c.state, "ready"), outbox.c.due > bindparam("now", type_=outbox.c.due.type))
    )
)


@lru_cache(maxsize=256)
def part_of(wanted: Wanted, *, after: bool) -> Select[Any]:
    """Make the query of a part of the queue; each filter has an index that gives its rows in order.

    It is kept: a query made anew has to be read through at each look to find out that it is known.
    """
    mine = wanted.assignee is not None
    query = select(cases).where(is_taken if mine else is_untaken if wanted.untaken else is_queued)
    if wanted.untaken and not mine:
        query = query.where(is_queued)  # so that the index of the queue may be used, which is in order
    if mine:
        query = query.where(cases.c.assignee == bindparam("assignee"))
    if wanted.country is not None:
        query = query.where(cases.c.country == bindparam("country"))
    if wanted.urgency is not None:
        query = query.where(cases.c.urgency == bindparam("urgency"))
    if after:
        query = query.where(_after)
    return query.order_by(*_PLACE).limit(bindparam("limit"))


_open: Mapping[str, Select[Any]] = {
    **{one: select(cases.c.id).where(is_queued, cases.c.urgency == one) for one in URGENCIES},
    "untaken": select(cases.c.urgency).where(is_untaken),
    "mine": select(cases.c.id).where(is_taken, cases.c.assignee == bindparam("assignee")),
}


def _count(query: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.limit(COUNT_LIMIT).subquery()).scalar_subquery()


_counts = select(*(_count(query).label(name) for name, query in _open.items()))
"""One statement: to ask six times costs more than to count."""


class ConsoleQueue:
    """The queue of the console on SQL."""

    _database: Database

    async def part(
        self, wanted: Wanted, *, limit: int, after: tuple[str, datetime, str] | None = None
    ) -> Sequence[QueueItem]:
        """List a part of the queue: urgency, then oldest first; `after` is the last row's (urgency, created, id)."""
        asked: Columns = {"limit": limit}
        for name in ("assignee", "country", "urgency"):
            if (value := getattr(wanted, name)) is not None:
                asked[name] = value
        if after is not None:
            asked |= dict(zip(("last_urgency", "last_created", "last_case"), after, strict=True))
        return await self._database.read(_items, part_of(wanted, after=after is not None), asked)

    async def counted(self, operator: int) -> Counted:
        """Count the open cases."""
        return await self._database.read(_counted, operator)

    async def is_waiting(self, source: str, key: str) -> bool:
        """Say whether an act is still to be decided."""
        asked = {"source": source, "key": key}
        return await self._database.read(lambda one: one.execute(_waiting, asked).first() is not None)

    async def unsent(self, lane: str, case: str, now: datetime) -> int:
        """Count the replies of a case that wait for the person, or for their hours."""
        asked = {"lane": lane, "case": case, "now": now}
        return await self._database.read(lambda one: int(one.execute(_unsent, asked).scalar_one()))


def _items(connection: Connection, query: Select[Any], asked: Columns) -> Sequence[QueueItem]:
    return [QueueItem(case=case_of(row), lane=row.lane) for row in connection.execute(query, asked)]


def _counted(connection: Connection, operator: int) -> Counted:
    found = connection.execute(_counts, {"assignee": operator}).mappings().one()
    return Counted(urgencies={one: found[one] for one in URGENCIES}, untaken=found["untaken"], mine=found["mine"])
