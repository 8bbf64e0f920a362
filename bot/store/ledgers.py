"""The ledger of message ids: what hide deletes, and which message is a lane's live screen."""

from collections.abc import Collection, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, delete, false, insert, select, update

from bot.service.rows import Kept
from bot.store.conflicts import put
from bot.store.rows import kept_columns, kept_of
from bot.store.schema import facts, ledger

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
