"""Which rows of the inbox a batch takes, so that those of a lane are decided in order, by one process at a time.

Lanes take turns: of all that waits within reach the first rows of all lanes go before the second ones, so that nobody
waits for somebody who writes without end.

SQLite has one writer, so all rows are free. On PostgreSQL a batch owns lanes, not rows: a row's own lock
would leave the lane's next row, or a hide that came meanwhile, to another process, which would decide it first. So
the batch looks at what waits, takes the lanes that nobody has, and only then reads their rows: whatever another
process did to them is seen. What it looked at were the first rows of all, hence each lane's first ones.
"""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from bot.service.rows import InboxRow
from bot.store import locks
from bot.store.rows import inbox_row_of
from bot.store.schema import inbox, is_waiting, one_of

REACH = 32
"""So many batches ahead a process looks for lanes that are free, and have not had their turn."""

Place = tuple[int, str, bool]
"""A row's id, its lane, and whether it goes first."""

_order = (inbox.c.first.desc(), inbox.c.id)
_waiting = select(inbox).where(is_waiting).order_by(*_order).limit(bindparam("limit"))
_places = select(inbox.c.id, inbox.c.lane, inbox.c.first).where(is_waiting).order_by(*_order).limit(bindparam("limit"))
_ids: BindParameter[int] = bindparam("ids", expanding=True)
_of_lanes = select(inbox).where(is_waiting, inbox.c.id.in_(_ids)).order_by(*_order).limit(bindparam("limit"))
_before = inbox.alias("before")
_is_earliest = ~(
    select(_before.c.id)
    .where(
        one_of(_before.c.state, "waiting"),
        _before.c.lane == inbox.c.lane,
        _before.c.id < inbox.c.id,
        _before.c.first >= inbox.c.first,
    )
    .exists()
)
_alone = select(inbox).where(is_waiting, inbox.c.id == bindparam("row"), _is_earliest)
_lane_of = select(inbox.c.lane).where(is_waiting, inbox.c.id == bindparam("row"))


def take(connection: Connection, limit: int) -> Sequence[InboxRow]:
    """Take the rows whose turn it is, with their lanes, for the transaction that is open."""
    if connection.dialect.name == "sqlite":
        rows = _rows(connection, _waiting, {"limit": limit})
        if len(rows) < limit:
            return rows
    places = _in_turn([(one.id, one.lane, one.first) for one in connection.execute(_places, {"limit": limit * REACH})])
    owned = locks.own(connection, [lane for _, lane, _ in places], most=limit)
    ids = [row for row, lane, _ in places if lane in owned][:limit]
    return _rows(connection, _of_lanes, {"ids": ids, "limit": limit}) if ids else ()


def _in_turn(places: Sequence[Place]) -> Sequence[Place]:
    """Order what waits: `first` rows, then each lane's first row, then each lane's second one."""
    seen: Counter[str] = Counter()
    turns: list[tuple[int, Place]] = []
    for place in places:
        _, lane, first = place
        turns.append((0 if first else seen[lane], place))
        seen[lane] += not first
    return [place for _, place in sorted(turns, key=itemgetter(0))]


def take_alone(connection: Connection, row: int) -> Sequence[InboxRow]:
    """Take one row; none if it is done, if an earlier one of its lane waits, or another process has the lane."""
    return _rows(connection, _alone, {"row": row}) if is_free(connection, row) else ()


def is_free(connection: Connection, row: int) -> bool:
    """Own the lane of a waiting row for this transaction; False if it is done, or another process has the lane."""
    lanes = connection.scalars(_lane_of, {"row": row}).all()
    return bool(locks.own(connection, lanes))


def _rows(connection: Connection, statement: Select[Any], asked: dict[str, object]) -> Sequence[InboxRow]:
    found: Sequence[Row[Any]] = connection.execute(statement, asked).all()
    return [inbox_row_of(row) for row in found]
