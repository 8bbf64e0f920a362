"""Messages on their way out: leased, sent, and what became of them recorded once."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, null, select, update

from bot.service.rows import CardPlace, Kept, OutboxRow, Settled
from bot.service.storing import Outbox
from bot.store import arrivals, leasing, ledgers, turns
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.pruning import Pruner
from bot.store.rows import outbox_of
from bot.store.saving import OVER
from bot.store.schema import cards, is_unsettled, outbox

LATE = "late_results"
"""The statistic that counts results refused because another lease was given meanwhile."""

_by_key = select(outbox).where(outbox.c.key == bindparam("key"))
_out = (
    select(outbox.c.id, outbox.c.lease, outbox.c.state)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
    .with_for_update()
)
_mine = update(outbox).where(outbox.c.id == bindparam("row"), outbox.c.lease == bindparam("token"))
_unleased = {"lease": null(), "lease_until": null()}
_again = _mine.values(
    state=bindparam("to"), due=func.coalesce(bindparam("at", type_=outbox.c.due.type), outbox.c.due), **_unleased
)
_over = _mine.values(state=bindparam("to"), body=null(), chat=null(), **_unleased)
_silenced = _mine.values(**_unleased)
_pruner = Pruner(outbox, outbox.c.made_at, where=~is_unsettled)


class SqlOutbox(Outbox):
    """The outbox on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(
        self, limit: int, *, now: datetime, until: datetime, token: str, full: Collection[str] = ()
    ) -> Sequence[OutboxRow]:
        """Take ready rows that are due or whose lease ran out, most urgent and oldest first; none of `full` lanes."""
        return await self._database.write(leasing.lease, limit, now=now, until=until, token=token, full=full)

    async def settle(self, results: Sequence[Settled]) -> Sequence[Kept]:
        """Record what became of rows, in one transaction; gives the messages that have to be deleted again."""
        return await self._database.write(_settle, results) if results else ()

    async def is_mine(self, row: OutboxRow, *, token: str, at: datetime) -> bool:
        """Say whether a leased row is still out with us at an instant; hide, or another process, may have taken it."""
        return await self._database.read(leasing.is_mine, row.id, token=token, at=at)

    async def draw(self, key: str, *, burst: float, rate: float, most: float) -> float:
        """Take a token of a bucket that all processes share; gives the seconds until it may be used."""
        return await self._database.write(turns.draw, key, burst=burst, rate=rate, most=most)

    async def next_due(self) -> tuple[datetime | None, bool]:
        """Tell when the next row has its turn or a lease runs out (None: never), and whether any row waits at all."""
        return await self._database.read(leasing.next_due)

    async def find(self, key: str) -> OutboxRow | None:
        """Read a row by its key."""
        return await self._database.read(_find, key)

    async def strays(self) -> Sequence[Kept]:
        """Give what arrived too late and has still to be deleted."""
        return await self._database.write(ledgers.strays)

    async def keep(self, messages: Sequence[Kept]) -> None:
        """Add messages to the ledgers of their chats that went past the outbox."""
        await self._database.write(ledgers.keep, messages)

    async def clearable(self, now: datetime, *, since: datetime, limit: int) -> Sequence[Kept]:
        """List messages to be taken away now, first due first; none from before `since`, or whose file is awaited."""
        return await self._database.read(ledgers.clearable, now, since=since, limit=limit)

    async def put_off(self, ids: Sequence[int], due: datetime) -> None:
        """Take messages away later."""
        if ids:
            await self._database.write(ledgers.put_off, ids, due)

    async def unkeep(self, ids: Sequence[int]) -> None:
        """Forget messages of the ledger that were deleted."""
        if ids:
            await self._database.write(ledgers.unkeep, ids)

    async def prune(self, before: datetime) -> int:
        """Forget rows made before an instant that will not be sent any more; gives how many."""
        return await _pruner.prune(self._database, before)


def _find(connection: Connection, key: str) -> OutboxRow | None:
    row = connection.execute(_by_key, {"key": key}).first()
    return None if row is None else outbox_of(row)


def _settle(connection: Connection, results: Sequence[Settled]) -> Sequence[Kept]:
    out = {row.id: row for row in connection.execute(_out, {"ids": [result.id for result in results]})}
    mine = [result for result in results if result.id in out and out[result.id].lease == result.lease]
    # Hide silenced these while they were out: what hide made of them stays, and what arrived is to be deleted.
    silenced = [result for result in mine if out[result.id].state != "leased"]
    settled = [result for result in mine if out[result.id].state == "leased"]
    _move(connection, settled, silenced)
    late = _note_late(connection, [result for result in results if result not in mine])
    ledgers.unkeep(connection, [kept for result in mine for kept in result.unkept])
    ledgers.drop_live(connection, [result.kept.lane for result in settled if result.old_gone and result.kept])
    ledgers.keep(connection, [result.kept for result in settled if result.kept])
    _place_cards(connection, [result.card for result in mine if result.card is not None])
    arrivals.keep(connection, [result.arrival for result in mine if result.arrival is not None])
    return [*late, *ledgers.keep_stray(connection, [one.kept for one in silenced if one.kept is not None])]


def _note_late(connection: Connection, late: Sequence[Settled]) -> Sequence[Kept]:
    """Refuse what comes after its lease went to somebody else; but hide must know of every message that arrived.

    Gives the screens among them: whoever has the lease shows them in their turn, and a chat has one screen. A result
    that is merely written a second time, because nobody knew of the first, is in the ledger already.
    """
    lanes = [result.kept.lane for result in late if result.kept is not None]
    known = {kept.message for kept in ledgers.of_lanes(connection, lanes)} if lanes else set()
    arrived = [result.kept for result in late if result.kept is not None and result.kept.message not in known]
    ledgers.keep(connection, [kept for kept in arrived if not kept.live])
    arrivals.count(connection, [(LATE, "")] * len(arrived), at=datetime.now(UTC))
    return ledgers.keep_stray(connection, [kept for kept in arrived if kept.live])


def _move(connection: Connection, settled: Sequence[Settled], silenced: Sequence[Settled]) -> None:
    over = [result for result in settled if result.state in OVER]
    again = [result for result in settled if result.state not in OVER]
    for statement, moved in ((_over, over), (_again, again), (_silenced, silenced)):
        if moved:
            columns = [
                {"row": result.id, "token": result.lease, "to": result.state, "at": result.due} for result in moved
            ]
            connection.execute(statement, columns)


def _place_cards(connection: Connection, places: Sequence[CardPlace]) -> None:
    columns = [
        {"chat": place.chat, "message": place.message, "case_id": place.case, "token": place.token} for place in places
    ]
    if columns:
        connection.execute(put(connection, cards), columns)
