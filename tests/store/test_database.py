"""Transactions are whole whatever happens to their callers, and a sick machine is told from a faulty row."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, exc, text

from bot.core.errors import MachineError
from bot.service.rows import Changes
from bot.store import saving
from bot.store.opening import Store
from bot.store.schema import conversations, inbox
from tests.store.making import MINUTE, NOW, arrival, lease, look, new_case, record, row, save, sent

CANCELLATIONS = 1000
PATIENCE = 30.0


async def batch_of_three_steps(store: Store) -> None:
    """Hold a transaction open over several awaits, as deciding does."""
    async with store.inbox.batch(8) as batch:
        await batch.ledger([row.lane for row in batch.rows])
        await batch.save(Changes(lanes={"ann": (b"talk", b"chat")}, done=[row.id for row in batch.rows], at=NOW))
        await asyncio.sleep(0)


async def pass_through(store: Store, number: int) -> None:
    """Use every kind of transaction."""
    await store.inbox.receive([arrival(str(number))])
    await batch_of_three_steps(store)
    await store.outbox.settle([sent(one) for one in await lease(store)])
    await store.lanes.lane("ann")


async def cancelled_after(work: Coroutine[Any, Any, None], seconds: float) -> bool:
    """Cancel a task that takes longer, and wait until it is gone; gives whether it was cut short."""
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    await asyncio.wait({task})
    return task.cancelled()


async def test_a_thousand_cancellations_leave_no_transaction_open(store: Store) -> None:
    """Whoever is cancelled, wherever, the next one writes at once, and another process is not locked out."""
    dice = random.Random(7)
    numbers = iter(range(9 * CANCELLATIONS))
    cut = 0
    while cut < CANCELLATIONS:
        work = (cancelled_after(pass_through(store, next(numbers)), dice.random() * 0.03) for _ in range(8))
        cut += sum(await asyncio.gather(*work))
    async with asyncio.timeout(5):
        await save(store, lanes={"bo": (b"talk", b"chat")})

    if store.database.is_shared:
        assert await store.database.read(_idle_in_transaction) == 0
        return
    with closing(sqlite3.connect(store.database.name, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def _idle_in_transaction(connection: Connection) -> int:
    """Count the sessions of this database that hold a transaction open."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    return int(connection.scalars(text(asked)).one())


async def test_a_cancelled_caller_does_not_undo_what_it_began(store: Store) -> None:
    """An update handed to the store is kept, even if whoever brought it is gone."""
    task = asyncio.create_task(store.inbox.receive([arrival("1")]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(PATIENCE):
        while not await store.inbox.waiting():  # on PostgreSQL another connection may be quicker than the one at work
            pass

    async with asyncio.timeout(5):
        while await store.inbox.waiting() == []:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.001)
    assert await store.inbox.receive([arrival("1")]) == 0


async def test_a_batch_cancelled_while_deciding_is_undone(store: Store) -> None:
    """Half of the effects would be worse than none: the row is decided again."""
    await store.inbox.receive([arrival("1")])
    saved = asyncio.Event()

    async def decide() -> None:
        async with store.database.transaction() as transaction:
            await transaction.run(_talk)
            saved.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(decide())
    await saved.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await look(store, conversations.c.lane) == []
    assert await look(store, inbox.c.state) == [("waiting",)]


async def test_readers_do_not_wait_for_the_writer(store: Store) -> None:
    """A page of the queue is shown while a batch is open, and shows nothing of it."""
    async with store.database.transaction() as transaction:
        await transaction.run(_talk)
        async with asyncio.timeout(2):
            seen = await store.lanes.lane("ann")

    assert seen.body is None


def _talk(connection: Connection) -> None:
    """Write a conversation."""
    saving.save(connection, Changes(lanes={"ann": (b"talk", b"chat")}, at=NOW), lease=MINUTE)


def _faulty(connection: Connection) -> None:
    """Write a fact, then break a rule of the data."""
    connection.execute(text("INSERT INTO facts (key, value) VALUES ('half', 'done')"))
    connection.execute(text("INSERT INTO facts (key, value) VALUES ('half', 'again')"))


async def test_single_writes_go_along_with_the_batch_they_waited_for(lite: Store) -> None:
    """One commit for all of them; a fault in one undoes that one alone."""
    commits: list[Connection] = []
    event.listen(lite.database._engines.writing, "commit", commits.append)
    async with lite.database.transaction() as transaction:
        await transaction.run(_talk)
        waiting = [asyncio.create_task(lite.inbox.receive([arrival(str(number))])) for number in range(3)]
        faulty = asyncio.create_task(lite.database.write(_faulty))
        await asyncio.sleep(0)
        await transaction.finish(_talk)

    assert await asyncio.gather(*waiting) == [1, 1, 1]
    with pytest.raises(exc.IntegrityError):
        await faulty
    assert len(commits) == 1
    assert await lite.desk.get("half") is None
    assert len(await lite.inbox.waiting()) == 3


async def test_single_writes_outlive_the_batch_they_went_along_with(lite: Store) -> None:
    """A batch that cannot be written takes nobody else's update with it."""

    async def fail() -> None:
        async with lite.database.transaction() as transaction:
            begun.set()
            await asyncio.sleep(0)
            await transaction.finish(_faulty)

    begun = asyncio.Event()
    failing = asyncio.create_task(fail())
    await begun.wait()
    waiting = asyncio.create_task(lite.inbox.receive([arrival("1")]))
    with pytest.raises(exc.IntegrityError):
        await failing

    assert await waiting == 1


async def test_one_sick_write_fails_alone(lite: Store) -> None:
    """Together they fail, so each is tried by itself: only what is at fault is told that the machine is sick."""

    def sick(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT * FROM nowhere")  # an OperationalError, as of a sick machine

    with pytest.raises(MachineError):
        async with lite.database.transaction():
            kept = [asyncio.create_task(lite.inbox.receive([arrival(str(number))])) for number in range(2)]
            failing = asyncio.create_task(lite.database.write(sick))
            late = asyncio.create_task(lite.inbox.receive([arrival("2")]))
            await asyncio.sleep(0)

    assert await asyncio.gather(*kept, late) == [1, 1, 1]
    with pytest.raises(MachineError):
        await failing


async def test_readers_cannot_write(store: Store) -> None:
    """Only one connection writes."""

    def write(connection: Connection) -> None:
        connection.execute(text("DELETE FROM facts"))

    with pytest.raises(MachineError, match=r"read-?only"):
        await store.database.read(write)


async def test_another_writer_is_a_sick_machine(lite: Store) -> None:
    """A locked file sets nothing aside: the same work succeeds once the lock is gone."""
    await lite.database.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 0").close())
    with closing(sqlite3.connect(lite.database.name, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MachineError, match="locked"):
            await lite.inbox.receive([arrival("1")])
        with pytest.raises(MachineError, match="locked"):
            await save(lite)
        other.execute("ROLLBACK")

    assert await lite.inbox.receive([arrival("1")]) == 1


async def test_a_full_disk_loses_nothing_and_needs_no_restart(lite: Store) -> None:
    """What was kept stays kept, what could not be kept is told, and space helps at once."""

    def pages(connection: Connection, limit: int) -> int:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())

    await lite.inbox.receive([arrival("1")])
    used = await lite.database.write(pages, 2**30)
    await lite.database.write(pages, used)
    big = bytes(100_000)
    with pytest.raises(MachineError, match="full"):
        await save(lite, lanes={"ann": (big, b"chat")})
    await lite.database.write(pages, 2**30)
    await save(lite, lanes={"ann": (big, b"chat")})

    assert await look(lite, inbox.c.key) == [("1",)]


async def test_an_error_names_no_value(store: Store) -> None:
    """Errors are logged; what they were about is not in them."""
    await save(store, outbox=[row("1:0", lane="secret lane")])
    with pytest.raises(Exception, match=r"outbox[._]key") as caught:
        await save(store, outbox=[row("1:0", lane="secret lane")])

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "use",
    [lambda store: store.inbox.aside(), save, lambda store: store.inbox.receive([arrival("1")])],
)
async def test_a_closed_store_says_so(store: Store, use: Callable[[Store], Coroutine[Any, Any, object]]) -> None:
    """Work that comes after the end is told, not lost in silence."""
    await store.close()
    await store.close()

    with pytest.raises(MachineError, match="closed"):
        await use(store)


async def test_closing_waits_for_what_is_under_way(store: Store) -> None:
    """A stop in good order loses no update."""
    tasks = [asyncio.create_task(store.inbox.receive([arrival(str(n))])) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()

    assert await asyncio.gather(*tasks) == [1] * 20


async def test_what_was_shredded_is_not_in_the_file(lite: Store) -> None:
    """Deleted bytes are overwritten, and the WAL does not keep them."""
    canary = b"canary-7f3a"
    await save(lite, new_cases=[new_case()], records=[record(canary.decode())])
    before = _bytes_on_disk(lite)
    await save(lite, shred=["case1"])

    assert canary in before
    assert canary not in _bytes_on_disk(lite)


def _bytes_on_disk(store: Store) -> bytes:
    return b"".join(path.read_bytes() for path in Path(store.database.name).parent.glob("helpline.db*"))
