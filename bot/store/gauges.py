"""How much waits, and since when: reads for metrics and for the heartbeat, no longer with a million rows than with ten.

Of each kind the first MOST are looked at, in the order in which they will be worked on: what is beyond is not counted.
No index knows how long a message has been tried, because each try has a due time of its own.
"""

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, func, literal_column, select

from bot.core.values import URGENCIES
from bot.service.rows import Backlog, Readings
from bot.service.storing import Gauges
from bot.store.columns import Instant
from bot.store.database import Database
from bot.store.schema import cases, inbox, is_aside, is_in_turn, is_untaken, is_waiting, outbox

MOST = 10_000
PUT_OFF = timedelta(minutes=2)
"""A message that is due later than this from now does not wait in vain: its window of the contact rule has to come."""

_soon: BindParameter[datetime] = bindparam("soon", type_=Instant)


# What is looked at, by an index in its order; the limit is a literal so that planners know it.
_most: ColumnElement[int] = literal_column(str(MOST))
_came = select(inbox.c.received_at).where(is_waiting).order_by(inbox.c.first.desc(), inbox.c.id).limit(_most)
_parked = select(inbox.c.received_at).where(is_aside).order_by(inbox.c.id).limit(_most)
_going = (
    select(outbox.c.made_at)
    .where(is_in_turn, outbox.c.initiative.is_(False), outbox.c.due <= _soon)
    .order_by(outbox.c.priority, outbox.c.due)
    .limit(_most)
)
_untaken = (
    select(cases.c.created_at)
    .where(is_untaken, cases.c.urgency == bindparam("urgency"))
    .order_by(cases.c.created_at)
    .limit(_most)
)


class SqlGauges(Gauges):
    """Readings on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, now: datetime) -> Readings:
        """Read all gauges."""
        return await self._database.read(_read, now)


def _read(connection: Connection, now: datetime) -> Readings:
    return Readings(
        inbox=_backlog(connection, _came),
        aside=_backlog(connection, _parked).count,
        outbox=_backlog(connection, _going, soon=now + PUT_OFF),
        untaken={urgency: _backlog(connection, _untaken, urgency=urgency) for urgency in URGENCIES},
    )


def _backlog(connection: Connection, times: Select[tuple[datetime]], **asked: object) -> Backlog:
    found = times.subquery()
    count, oldest = connection.execute(select(func.count(), func.min(found.c[0])), asked).one()
    return Backlog(count, oldest)
