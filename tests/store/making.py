"""Values with safe defaults, for filling a store. All of it is invented."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.core.state import Case
from bot.service.rows import Arrival, Changes, Kept, NewCase, OutboxRow, Record, Settled
from bot.store.opening import Store

NOW = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENDER = "sender 1"


def arrival(
    key: str, *, lane: str = "ann", source: str = "telegram", first: bool = False, at: datetime = NOW
) -> Arrival:
    """An update of a lane."""
    body = b"closed " + key.encode("utf-8", "replace")
    return Arrival(lane=lane, source=source, key=key, body=body, at=at, first=first)


def new_case(id: str = "case1", *, lane: str = "ann", **fields: Any) -> NewCase:
    """A case that begins, visible and sealed to two recipients."""
    defaults: dict[str, Any] = {"number": f"N{id}", "state": "new", "created": NOW, "updated": NOW}
    case = Case(id=id, **{**defaults, **fields})
    return NewCase(case, lane, b"public " + id.encode(), (("organisation", b"wrap 1"), ("recovery", b"wrap 2")))


def record(id: str = "record1", *, case: str = "case1", media: bool = False) -> Record:
    """A sealed record."""
    return Record(id=id, case=case, sealed=b"sealed " + id.encode(), at=NOW, media=media)


def row(key: str, *, lane: str = "ann", **fields: Any) -> OutboxRow:
    """A screen on its way to a lane."""
    defaults: dict[str, Any] = {"chat": b"chat", "kind": "screen", "body": b"closed", "due": NOW}
    return OutboxRow(key=key, lane=lane, **{**defaults, **fields})


def kept(message: str, *, lane: str = "ann", live: bool = False, mine: bool = True) -> Kept:
    """A message of a lane's ledger."""
    return Kept(lane=lane, message=message.encode(), at=NOW, live=live, mine=mine)


async def save(store: Store, **changes: Any) -> Sequence[OutboxRow]:
    """Write changes in a batch of their own."""
    async with store.inbox.batch(64) as batch:
        return await batch.save(Changes(**{"at": NOW, **changes}))


async def lease(
    store: Store, *, at: datetime = NOW, limit: int = 64, token: str = SENDER, full: Sequence[str] = ()
) -> Sequence[OutboxRow]:
    """Lease what is due for a minute."""
    return await store.outbox.lease(limit, now=at, until=at + MINUTE, token=token, full=full)


async def keys_leased(store: Store, *, at: datetime = NOW, limit: int = 64) -> list[str]:
    """Lease what is due and give the keys, in order."""
    return [row.key for row in await lease(store, at=at, limit=limit)]


def sent(row: OutboxRow, **fields: Any) -> Settled:
    """Say that a leased row was sent."""
    return replace(Settled(row.id, row.lease or "", "sent"), **fields)


async def look(store: Store, *columns: Any) -> list[tuple[Any, ...]]:
    """Read columns of a table as they are stored, in the order of its rows."""
    order = columns[0].table.primary_key.columns

    def work(connection: Connection) -> list[tuple[Any, ...]]:
        return [tuple(found) for found in connection.execute(select(*columns).order_by(*order))]

    return await store.database.read(work)


async def frames(*given: bytes) -> AsyncIterator[bytes]:
    """Give the frames of a sealed file one by one."""
    for frame in given:
        yield frame
