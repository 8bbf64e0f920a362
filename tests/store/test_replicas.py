"""Two processes on one PostgreSQL: what one has begun the other passes over, and order holds within every lane."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import MachineError
from bot.service.rows import Fetch, InboxRow
from bot.store import turns
from bot.store.opening import Store, open_store
from bot.store.schema import fetches, outbox
from tests.store.conftest import Shared
from tests.store.making import MINUTE, NOW, arrival, frames, lease, look, new_case, record, row, save, sent


@pytest.fixture
async def pair(shared: Shared, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Two open stores of one empty database."""
    shared.empty()
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            store = await open_store(shared.server.url(shared.database), tmp_path / "data")
            stack.push_async_callback(store.close)
            opened.append(store)
        yield opened[0], opened[1]


def bodies(rows: object) -> list[bytes]:
    """Give the bodies of a batch's rows."""
    assert isinstance(rows, list)
    return [one.body for one in rows if isinstance(one, InboxRow)]


async def test_a_lane_is_decided_by_one_process_at_a_time(pair: tuple[Store, Store]) -> None:
    """Both see the first two updates of a new chat; whoever takes the lane takes it from its beginning."""
    one, two = pair
    await one.inbox.receive([arrival("1"), arrival("2"), arrival("3", lane="bo")])
    async with one.inbox.batch(1) as first, two.inbox.batch(64) as second:
        taken = bodies(first.rows), bodies(second.rows)

    assert taken == ([b"closed 1"], [b"closed 3"])


async def test_a_hide_waits_for_what_another_process_decides(pair: tuple[Store, Store]) -> None:
    """A row that goes before all others does not split its lane between two processes."""
    one, two = pair
    await one.inbox.receive([arrival("1")])
    async with one.inbox.batch(64):
        await two.inbox.receive([arrival("2", first=True)])
        async with two.inbox.batch(64) as second:
            meanwhile = list(second.rows)
    async with two.inbox.batch(64) as second:
        after = bodies(second.rows)

    assert (meanwhile, after) == ([], [b"closed 2", b"closed 1"])


async def test_a_process_looks_beyond_what_another_has(pair: tuple[Store, Store]) -> None:
    """A backlog is worked through side by side."""
    one, two = pair
    await one.inbox.receive([arrival(str(n), lane=f"lane{n}") for n in range(4)])
    async with one.inbox.batch(2) as first, two.inbox.batch(2) as second:
        taken = bodies(first.rows), bodies(second.rows)

    assert taken == ([b"closed 0", b"closed 1"], [b"closed 2", b"closed 3"])


async def test_a_row_another_process_has_is_not_tried(pair: tuple[Store, Store]) -> None:
    """After a crash the rows that living processes decide are not counted as begun."""
    one, two = pair
    await one.inbox.receive([arrival("1")])
    async with one.inbox.batch(1) as batch:
        meanwhile = await two.inbox.tried(batch.rows[0].id)

    assert (meanwhile, await two.inbox.tried(1)) == (0, 1)


async def test_rows_are_not_handed_over_past_another_process(pair: tuple[Store, Store]) -> None:
    """What one process decides does not overtake what the other is still sending in the same chat."""
    one, two = pair
    await save(one, outbox=[row("1:0", state="leased", lease="one")])
    held = await save(
        two, outbox=[row("2:0", state="leased", lease="two"), row("2:1", lane="bo", state="leased", lease="two")]
    )
    own = await save(one, outbox=[row("3:0", state="leased", lease="one")])

    assert [(out.key, out.state) for out in held] == [("2:0", "ready"), ("2:1", "leased")]
    assert [(out.key, out.state) for out in own] == [("3:0", "ready")]
    assert await lease(two) == []


async def test_a_row_is_leased_by_one_process(pair: tuple[Store, Store]) -> None:
    """Each chat is written to by one process, and its next row goes when the first is settled, to whoever asks."""
    one, two = pair
    await save(one, outbox=[row("1:0"), row("1:1"), row("2:0", lane="bo")])
    first = await lease(one, limit=1, token="one")
    second = await lease(two, token="two")
    await one.outbox.settle([sent(out) for out in first])

    assert [out.key for out in [*first, *second]] == ["1:0", "2:0"]
    assert [out.key for out in await lease(two, token="two")] == ["1:1"]


async def test_a_process_that_was_away_learns_that_its_rows_are_gone(pair: tuple[Store, Store]) -> None:
    """Before each send it is asked whether the row is still ours: a lease may have run out, a chat been hidden."""
    one, two = pair
    await save(one, outbox=[row("1:0"), row("2:0", lane="bo"), row("3:0", lane="cy")])
    rows = await lease(one, token="one")
    await save(two, cancel=["bo"])
    await lease(two, at=NOW + MINUTE, token="two", limit=1)
    asked = [await one.outbox.is_mine(out, token="one", at=NOW) for out in rows]

    assert [out.key for out in rows] == ["1:0", "2:0", "3:0"]
    assert asked == [False, False, True]
    assert not await one.outbox.is_mine(rows[2], token="one", at=NOW + MINUTE)


async def test_a_row_is_not_sent_before_one_that_went_back_to_the_store(pair: tuple[Store, Store]) -> None:
    """While a row is written, the one before it may be put back to be tried again; nobody in between knew of both."""
    one, _ = pair
    before, after = await save(
        one, outbox=[row("1:0", state="leased", lease="one"), row("1:1", state="leased", lease="one")]
    )
    side_by_side = await one.outbox.is_mine(after, token="one", at=NOW)
    await one.outbox.settle([sent(before, state="ready", due=NOW + MINUTE)])

    assert side_by_side
    assert not await one.outbox.is_mine(after, token="one", at=NOW)


async def test_a_lease_does_not_bring_back_what_was_just_settled(pair: tuple[Store, Store]) -> None:
    """A late result and the next lease may meet; what was sent is not sent again with an empty body."""
    one, two = pair
    await save(one, outbox=[row("1:0")])
    out = await lease(one, token="one")
    await one.outbox.settle([sent(out[0])])

    assert await lease(two, at=NOW + MINUTE, token="two") == []
    assert await look(two, outbox.c.state) == [("sent",)]


async def test_the_pace_is_kept_together(pair: tuple[Store, Store]) -> None:
    """Every process draws from one bucket: two at once, then one a minute, whoever asks."""
    waits = []
    for store in (*pair, *pair):
        waits.append(await store.outbox.draw("all", burst=2, rate=1 / 60, most=100))

    assert [round(wait, -1) for wait in waits] == [0, 0, 60, 120]
    assert await pair[0].outbox.draw("other", burst=2, rate=1, most=100) == 0


async def test_a_process_halted_at_its_draw_does_not_halt_the_others(pair: tuple[Store, Store]) -> None:
    """What it holds meanwhile is what every message of every process needs: the server soon takes it back."""
    one, two = pair
    asked = {"burst": 2, "rate": 1 / 60, "most": 100}
    waits = []
    with pytest.raises(MachineError):
        async with one.database.transaction() as halted:
            await halted.run(turns.draw, "all", **asked)
            for _ in range(3):
                waits.append(await two.outbox.draw("all", **asked))

    assert [round(wait, -1) for wait in waits] == [0, 0, 60]


async def test_a_file_is_fetched_by_one_process(pair: tuple[Store, Store]) -> None:
    """Two downloads of one file would leave one of them lying about."""
    one, two = pair
    await save(one, new_cases=[new_case()], records=[record("a")], fetches=[Fetch("a", "case1", b"source", NOW)])
    (mine,) = await one.desk.due_fetches(NOW, 9)
    others = await two.desk.due_fetches(NOW, 9)
    (again,) = await two.desk.due_fetches(NOW + timedelta(minutes=3), 9)
    for store, fetch, blob in ((two, again, "b" * 32), (one, mine, "a" * 32)):
        await store.blobs.write(blob, frames(b"sealed"))
        await store.desk.fetched(fetch, blob=blob, sealed=b"described")

    assert others == []
    assert await look(one, fetches.c.record) == []
    assert [path.name for path in one.blobs.path.iterdir()] == ["b" * 32]


async def test_a_call_is_made_by_one_process(pair: tuple[Store, Store]) -> None:
    """Two calls for one case would wake somebody twice; if its process dies, another makes it."""
    one, two = pair
    await save(one, new_cases=[new_case()], pages=["case1"])
    calls = [len(await store.desk.due_pages(NOW, 9)) for store in pair]
    later = await two.desk.due_pages(NOW + timedelta(minutes=3), 9)

    assert calls == [1, 0]
    assert [page.case.id for page in later] == ["case1"]


async def test_a_process_that_was_cut_off_knows_that_it_is_not_the_poller(
    pair: tuple[Store, Store], shared: Shared
) -> None:
    """Another has taken its place meanwhile: that is no second poller to alarm people about."""
    peers, polls = pair[0].peers, asyncio.Event()
    assert peers is not None

    async def poll() -> None:
        polls.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(peers.run()), group.create_task(peers.while_poller(poll))]
        await polls.wait()
        seated = await peers.is_poller()
        shared.server.cut(database=shared.database)
        cut_off = await peers.is_poller()
        for task in tasks:
            task.cancel()

    assert (seated, cut_off) == (True, False)


async def test_only_the_death_of_a_process_is_an_unclean_stop(pair: tuple[Store, Store], shared: Shared) -> None:
    """A process that starts beside a living one recovers nothing; beside one that was killed it does."""
    one, two = pair
    assert one.peers is not None
    assert two.peers is not None
    beside = [await one.begin_run(), await two.begin_run()]
    await one.end_run()
    after_a_good_end = await two.begin_run()
    shared.server.execute("INSERT INTO facts VALUES ('run:killed', 'open')", shared.database)
    after_a_kill = [await two.begin_run(), await two.begin_run()]
    await two.end_run()

    assert (beside, after_a_good_end, after_a_kill) == ([False, False], False, [True, False])
