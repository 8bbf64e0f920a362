"""Whose turn it is to be sent: the statements that pick and lease outbox rows.

Of a person's lane at most one row is out at a time, and with one process: who leases owns the lane, as who decides does
(see `locks`). A row waits for the more urgent and the older rows of its lane that belong
to the same case, even while these wait to be tried again: order holds. It does not wait for other cases' rows, so
that a card nobody can be sent does not hold up a person's answers. Initiatives have no order and hold nobody up.

Operators' chats have no order but that of each case, and something of theirs may be out all the time. So several of
their rows go at once, and new cards do not overtake those that wait: else what a dead process had out would wait until
nothing comes any more.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    update,
)

from bot.core.sending import RowKind
from bot.service.queueing import FULL
from bot.service.rows import OutboxRow, RowState
from bot.store import locks
from bot.store.columns import Instant
from bot.store.rows import outbox_of
from bot.store.schema import is_in_turn, is_leased, is_ready, is_unsettled, one_of, outbox

_now: BindParameter[datetime] = bindparam("now", type_=Instant)
_before = outbox.alias("before")
# The same condition as that of the index on lanes, on the alias.
_before_unsettled = one_of(_before.c.state, "ready", "asked", "held", "leased")

_OPERATORS: tuple[RowKind, ...] = ("card", "card_reply", "card_buttons", "note", "delete")
"""The kinds of rows that have no order but that of their case."""
_to_operators = one_of(outbox.c.kind, *_OPERATORS)
_lane_has_leased = select(1).where(
    _before.c.lane == outbox.c.lane, _before_unsettled, one_of(_before.c.state, "leased")
)


def _others_first(*states: RowState) -> ColumnElement[bool]:
    """Say that a row of the same case goes before one: in these states, more urgent, or as urgent and older."""
    return (
        select(1)
        .where(
            _before.c.lane == outbox.c.lane,
            _before_unsettled,
            one_of(_before.c.state, *states),
            _before.c.initiative.is_(False),
            _before.c.case_id.is_not_distinct_from(outbox.c.case_id),
            or_(
                _before.c.priority < outbox.c.priority,
                and_(_before.c.priority == outbox.c.priority, _before.c.id < outbox.c.id),
            ),
        )
        .exists()
    )


# Nothing of its case goes before a card: none looks through all the cards that wait.
_has_no_order = or_(outbox.c.initiative, one_of(outbox.c.kind, "card"))
_is_next = or_(_has_no_order, ~_others_first("ready", "leased"))


_in_turn = (
    select(outbox)
    .where(
        is_in_turn,
        outbox.c.lane.not_in(bindparam("full", expanding=True)),
        # Made after now: the clock went back since, and `due` is of a time that is not to be waited for.
        or_(outbox.c.due <= _now, outbox.c.made_at > _now),
        or_(is_ready, outbox.c.lease_until <= _now),
        _is_next,
        or_(_to_operators, ~_lane_has_leased.where(_before.c.lease_until > _now).exists()),
    )
    .order_by(outbox.c.initiative, outbox.c.priority, outbox.c.due, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=outbox)
)
# Asked once more: on PostgreSQL what became of a row may have been written since it was looked at.
_lease = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), is_in_turn, or_(is_ready, outbox.c.lease_until <= _now))
    .values(
        state="leased",
        lease=bindparam("token"),
        lease_until=bindparam("until"),
        tries=outbox.c.tries + 1,
        # Once is enough: when it is to be tried again is of the clock as it is now.
        made_at=case((outbox.c.made_at > _now, _now), else_=outbox.c.made_at),
    )
    .returning(outbox.c.id)
)
_lanes: BindParameter[str] = bindparam("lanes", expanding=True)
_out_now = select(outbox.c.lane).where(
    is_unsettled, is_leased, ~_to_operators, outbox.c.lane.in_(_lanes), outbox.c.lease_until > _now
)
# What a new row has to wait for: the same as above, in lanes where something waits or is out elsewhere.
_in_the_way = (
    select(outbox.c.lane, outbox.c.case_id, func.min(outbox.c.priority).label("priority"))
    .where(
        is_unsettled,
        outbox.c.lane.in_(_lanes),
        or_(
            and_(is_leased, outbox.c.lease.is_distinct_from(bindparam("token"))),
            and_(is_ready, outbox.c.initiative.is_(False)),
        ),
    )
    .group_by(outbox.c.lane, outbox.c.case_id)
)
_first_waiting = (
    select(outbox.c.priority)
    .where(is_unsettled, is_ready, outbox.c.lane == bindparam("lane"), outbox.c.due <= _now)
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(1)
)
# What is out with the same process is sent in order; but an earlier row may have gone back to the store meanwhile.
_is_mine = select(outbox.c.id).where(
    outbox.c.id == bindparam("row"),
    outbox.c.lease == bindparam("token"),
    is_leased,
    outbox.c.lease_until > _now,
    or_(_has_no_order, ~_others_first("ready")),
)
_run_out = update(outbox).where(is_leased).values(state="ready", lease=null(), lease_until=null())
_next_ready = select(outbox.c.due).where(is_ready, _is_next, ~_lane_has_leased.exists()).order_by(outbox.c.due).limit(1)
_any_ready = select(outbox.c.id).where(is_ready).limit(1)
_next_run_out = select(func.min(outbox.c.lease_until)).where(is_leased)


def lease(
    connection: Connection, limit: int, *, now: datetime, until: datetime, token: str, full: Collection[str] = ()
) -> Sequence[OutboxRow]:
    """Lease the rows whose turn it is: answers first, then by priority, due and age; none of `full` lanes.

    At most one of a person's lane, and at most FULL of an operators' one.
    """
    taken = _few_a_lane(connection.execute(_in_turn, {"now": now, "limit": limit, "full": [*full]}).all())
    free = _free_lanes(connection, [row.lane for row in taken], now=now)
    ids = [row.id for row in taken if row.lane in free]
    if not ids:
        return []
    leased = set(connection.scalars(_lease, {"ids": ids, "token": token, "until": until, "now": now}))
    return [outbox_of(row, lease=token) for row in taken if row.id in leased]


def _free_lanes(connection: Connection, lanes: Sequence[str], *, now: datetime) -> frozenset[str]:
    """Own lanes of which nothing is out; on PostgreSQL something may have gone out since the rows were looked at."""
    owned = locks.own(connection, lanes)
    if connection.dialect.name == "sqlite" or not owned:
        return owned
    return owned.difference(connection.scalars(_out_now, {"lanes": sorted(owned), "now": now}))


def held_back(connection: Connection, rows: Sequence[OutboxRow]) -> frozenset[str]:
    """Say which new rows may not go out with this process at once, by key: their lane is not its, or others go first.

    A row that came before and waits to be tried again goes first, whichever process it is with; so does one that is
    out with another process. What is out with this one is not in the way: it sends the rows of a lane in order. A card
    lets all cards go first that wait in the store and are as urgent.
    """
    handed = [row for row in rows if row.state == "leased"]
    if not handed:
        return frozenset()
    owned = locks.own(connection, sorted({row.lane for row in handed}))
    first = _first_of_cases(connection, owned, handed) | _first_of_cards(connection, owned, handed)
    return frozenset(row.key for row in handed if row.lane not in owned or first.get(_place(row), 99) <= row.priority)


def _place(row: OutboxRow) -> tuple[str, str | None]:
    """Say among which rows a row has its place: those of its lane and case; a card, among all cards of its lane."""
    return (row.lane, "card") if row.kind == "card" else (row.lane, row.case)


def _first_of_cases(
    connection: Connection, owned: Collection[str], handed: Sequence[OutboxRow]
) -> dict[tuple[str, str | None], int]:
    """Give the priority of the most urgent row that goes before new ones, by lane and case."""
    lanes = sorted({row.lane for row in handed if row.kind != "card" and row.lane in owned})
    asked = {"lanes": lanes, "token": handed[0].lease}
    found = connection.execute(_in_the_way, asked).all() if lanes else ()
    return {(row.lane, row.case_id): row.priority for row in found}


def _first_of_cards(
    connection: Connection, owned: Collection[str], handed: Sequence[OutboxRow]
) -> dict[tuple[str, str | None], int]:
    """Give the priority of the most urgent row that waits in a lane for which there is a new card."""
    due = {row.lane: row.due for row in handed if row.kind == "card" and row.lane in owned}
    found = {lane: connection.scalars(_first_waiting, {"lane": lane, "now": now}).first() for lane, now in due.items()}
    return {(lane, "card"): priority for lane, priority in found.items() if priority is not None}


def is_mine(connection: Connection, row: int, *, token: str, at: datetime) -> bool:
    """Say whether a row is still out with this process at an instant, and in its turn.

    Hide or another process may have taken it; one before it may have gone back while this one was being written.
    """
    return connection.scalars(_is_mine, {"row": row, "token": token, "now": at}).first() is not None


def run_out(connection: Connection) -> None:
    """Take back all that is out: whoever had it is gone."""
    connection.execute(_run_out)


def next_due(connection: Connection) -> tuple[datetime | None, bool]:
    """Tell when the next row has its turn, or the next lease runs out, and whether any row waits at all.

    A lane with a row out waits for that, so what is behind it has no turn yet.
    """
    ready = (connection.scalars(_next_ready)).first()
    run_out = (connection.scalars(_next_run_out)).first()
    next_one = min((instant for instant in (ready, run_out) if instant is not None), default=None)
    return next_one, connection.scalars(_any_ready).first() is not None


def _few_a_lane(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    taken: Counter[str] = Counter()
    few = []
    for row in rows:
        if taken[row.lane] < (FULL if row.kind in _OPERATORS else 1):
            taken[row.lane] += 1
            few.append(row)
    return few
