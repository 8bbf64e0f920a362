"""Arrivals are kept once, decided in order, and leave nothing but their key."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.core.errors import MachineError
from bot.service.storing import Changes
from bot.store.opening import Store
from bot.store.schema import counters, inbox
from tests.store.making import MINUTE, NOW, arrival, new_case, save


async def waiting(store: Store, limit: int = 64) -> list[tuple[str, bytes]]:
    """Read the rows of a batch that then changes nothing."""
    async with store.inbox.batch(limit) as batch:
        return [(row.lane, row.body) for row in batch.rows]


async def test_an_arrival_is_kept_once(store: Store) -> None:
    """Telegram may deliver an update again; it counts once."""
    first = await store.inbox.receive([arrival("1"), arrival("2")])
    again = await store.inbox.receive([arrival("2"), arrival("3"), arrival("3")])

    assert (first, again, len(await waiting(store))) == (2, 1, 3)


async def test_the_same_key_of_another_source_is_another_arrival(store: Store) -> None:
    """Keys are unique within their source only."""
    timer = arrival("1")

    assert await store.inbox.receive([arrival("1"), type(timer)("ann", "timer", "1", b"", NOW)]) == 2


async def test_nothing_received_is_nothing_new(store: Store) -> None:
    """An empty answer of Telegram costs nothing."""
    assert await store.inbox.receive([]) == 0


async def test_rows_come_in_order_and_first_rows_before_all(store: Store) -> None:
    """Order holds within and between lanes; hide, stop and danger overtake."""
    await store.inbox.receive([arrival("1"), arrival("2", lane="bo"), arrival("3"), arrival("4", first=True)])

    assert await waiting(store) == [
        ("ann", b"closed 4"),
        ("ann", b"closed 1"),
        ("bo", b"closed 2"),
        ("ann", b"closed 3"),
    ]


async def test_a_batch_takes_no_more_than_its_limit(store: Store) -> None:
    """A flood is taken in pieces."""
    await store.inbox.receive([arrival(str(n)) for n in range(5)])

    assert [body for _, body in await waiting(store, limit=2)] == [b"closed 0", b"closed 1"]


async def test_a_row_runs_alone(store: Store) -> None:
    """After a failed batch each row is decided by itself."""
    await store.inbox.receive([arrival("1"), arrival("2"), arrival("3")])
    second = (await store.inbox.waiting())[1]
    async with store.inbox.batch(64, alone=second) as batch:
        rows = batch.rows

    assert [(row.id, row.body) for row in rows] == [(second, b"closed 2")]


async def test_a_done_row_is_blanked_and_not_decided_again(store: Store) -> None:
    """Nothing a person wrote stays in the inbox once it was decided."""
    await store.inbox.receive([arrival("1"), arrival("2")])
    await save(store, done=[(await store.inbox.waiting())[0]])

    async def bodies(connection: object) -> list[object]:
        return list((await connection.scalars(select(inbox.c.body).order_by(inbox.c.id))).all())  # type: ignore[attr-defined]

    assert await store.database.read(bodies) == [None, b"closed 2"]
    assert await waiting(store) == [("ann", b"closed 2")]
