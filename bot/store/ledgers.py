"""The ledger of message ids: what hide deletes, and which message is a lane's live screen."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, false, insert, select, update

from bot.service.rows import Kept
from bot.store.conflicts import put
from bot.store.rows import kept_columns, kept_of
from bot.store.schema import facts, fetches, ledger

STRAY = "stray:"
"""The fact that a message has still to be deleted is named so, and by the id of its entry."""
_lanes: BindParameter[str] = bindparam("lanes", expanding=True)
_forget_lanes = delete(ledger).where(ledger.c.lane.in_(_lanes))
_forget = delete(ledger).where(ledger.c.id.in_(bindparam("ids", expanding=True)))
_not_live = update(ledger).where(ledger.c.lane.in_(_lanes), ledger.c.live).values(live=false())
_drop_live = delete(ledger).where(ledger.c.lane.in_(_lanes), ledger.c.live)
_insert = insert(ledger)
_insert_for_id = insert(ledger).returning(*ledger.c)
_by_ids = select(ledger).where(ledger.c.id.in_(bindparam("ids", expanding=True))).order_by(ledger.c.id)
_marks = select(facts.c.key).where(facts.c.key > STRAY, facts.c.key < STRAY + "~")
_unmark = delete(facts).where(facts.c.key.in_(bindparam("keys", expanding=True)))
# Files may never come: their fetch is given up after a day, and is no row any more.
_awaited = select(1).where(fetches.c.record == ledger.c.record).exists()
_clearable = (
    select(ledger)
    .where(ledger.c.due <= bindparam("now"), ledger.c.at > bindparam("since"), ~_awaited)
    .order_by(ledger.c.due)
    .limit(bindparam("limit"))
)
_put_off = update(ledger).where(ledger.c.id.in_(bindparam("ids", expanding=True))).values(due=bindparam("until"))
_hurry = update(ledger).where(ledger.c.lane.in_(_lanes), ~ledger.c.mine).values(due=bindparam("until"))
_of_lanes = select(ledger).where(ledger.c.lane.in_(_lanes)).order_by(ledger.c.id)


def keep(connection: Connection, messages: Sequence[Kept]) -> None:
    """Add messages; a live one takes the place of its lane's live screen, and of several live ones the last is it."""
    if not messages:
        return
    live = {kept.lane: number for number, kept in enumerate(messages) if kept.live}
    if live:
        connection.execute(_not_live, {"lanes": list(live)})
    columns = [{**kept_columns(kept), "live": live.get(kept.lane) == number} for number, kept in enumerate(messages)]
    connection.execute(_insert, columns)


def keep_stray(connection: Connection, messages: Sequence[Kept]) -> Sequence[Kept]:
    """Add messages that arrived after their lane was silenced, never live; gives them with their ids.

    Until they are unkept they are strays: whoever deletes them may die first.
    """
    if not messages:
        return ()
    columns = [{**kept_columns(kept), "live": False} for kept in messages]
    added = [kept_of(row) for row in connection.execute(_insert_for_id, columns)]
    connection.execute(put(connection, facts), [{"key": f"{STRAY}{kept.id}", "value": ""} for kept in added])
    return added


def strays(connection: Connection) -> Sequence[Kept]:
    """Read the messages that have still to be deleted, oldest first; forgets those that left the ledger otherwise."""
    marked = {int(key.removeprefix(STRAY)) for key in connection.scalars(_marks)}
    found = [kept_of(row) for row in connection.execute(_by_ids, {"ids": sorted(marked)})]
    _forget_strays(connection, marked.difference(kept.id for kept in found))
    return found


def _forget_strays(connection: Connection, ids: Collection[int]) -> None:
    if ids:
        connection.execute(_unmark, {"keys": [f"{STRAY}{one}" for one in ids]})


def forget(connection: Connection, lanes: Sequence[str]) -> None:
    """Drop the whole ledger of lanes."""
    if lanes:
        connection.execute(_forget_lanes, {"lanes": lanes})


def unkeep(connection: Connection, ids: Sequence[int]) -> None:
    """Drop messages that were deleted."""
    if ids:
        connection.execute(_forget, {"ids": ids})
        _forget_strays(connection, ids)


def drop_live(connection: Connection, lanes: Sequence[str]) -> None:
    """Drop the live screens of lanes: they were deleted."""
    if lanes:
        connection.execute(_drop_live, {"lanes": lanes})


def of_lanes(connection: Connection, lanes: Sequence[str]) -> Sequence[Kept]:
    """Read the messages of lanes, oldest first."""
    return [kept_of(row) for row in connection.execute(_of_lanes, {"lanes": lanes})]


def clearable(connection: Connection, now: datetime, *, since: datetime, limit: int) -> Sequence[Kept]:
    """Read the messages to be taken away now, first due first; none from before `since`, or whose file is awaited."""
    asked = {"now": now, "since": since, "limit": limit}
    return [kept_of(row) for row in connection.execute(_clearable, asked)]


def put_off(connection: Connection, ids: Sequence[int], due: datetime) -> None:
    """Take messages away later."""
    connection.execute(_put_off, {"ids": ids, "until": due})


def hurry(connection: Connection, lanes: Sequence[str], due: datetime) -> None:
    """Let the persons' own messages in these chats be taken away at an instant."""
    if lanes:
        connection.execute(_hurry, {"lanes": lanes, "until": due})
