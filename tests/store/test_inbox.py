"""Arrivals are kept once, decided in order, and leave nothing but their key."""

from datetime import timedelta

import pytest
from sqlalchemy import exc

from bot.store import pruning
from bot.store.inbox import SET_ASIDE
from bot.store.opening import Store
from bot.store.schema import conversations, counters, inbox
from tests.store.making import NOW, arrival, look, new_case, save


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
    assert await store.inbox.receive([arrival("1"), arrival("1", source="timer")]) == 2


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


async def test_lanes_take_turns(store: Store) -> None:
    """Somebody who writes without end holds nobody else up, and is decided in order; who hides goes first."""
    await store.inbox.receive([arrival(str(n)) for n in range(5)])
    await store.inbox.receive([arrival("5", lane="bo"), arrival("6", lane="bo"), arrival("7", lane="cy", first=True)])

    assert [body[-1:] for _, body in await waiting(store, limit=2)] == [b"7", b"0"]
    assert [body[-1:] for _, body in await waiting(store, limit=4)] == [b"7", b"0", b"1", b"5"]


async def alone(store: Store, row: int) -> list[bytes]:
    """Read the rows of a batch that asks for one row."""
    async with store.inbox.batch(64, alone=row) as batch:
        return [row.body for row in batch.rows]


async def test_a_row_runs_alone(store: Store) -> None:
    """After a failed batch each row is decided by itself, but never before an earlier one of its lane."""
    await store.inbox.receive([arrival("1"), arrival("2"), arrival("3", lane="bo")])
    first, second, other = await store.inbox.waiting()

    assert [await alone(store, row) for row in (first, second, other)] == [[b"closed 1"], [], [b"closed 3"]]


async def test_a_row_that_goes_first_waits_for_no_other(store: Store) -> None:
    """Hide is decided alone too, whatever of its lane fails; and what fails waits for no later hide."""
    await store.inbox.receive([arrival("1"), arrival("2", first=True)])

    assert [await alone(store, row) for row in (1, 2)] == [[b"closed 1"], [b"closed 2"]]


async def test_what_waits_is_listed_in_the_order_of_deciding(store: Store) -> None:
    """After an unclean stop the undecided rows are run one by one, first ones first."""
    await store.inbox.receive([arrival("1"), arrival("2"), arrival("3", first=True)])

    assert await store.inbox.waiting() == [3, 1, 2]


async def test_what_overtakes_a_row_is_listed(store: Store) -> None:
    """Hide, stop and danger that came after a row and are not decided yet; nothing else, and nothing older."""
    firsts = [arrival("1", first=True), arrival("2"), arrival("3", first=True), arrival("4"), arrival("5", first=True)]
    await store.inbox.receive(firsts)
    await save(store, done=[5])

    assert await store.inbox.overtaking(2) == [3]


async def test_a_done_row_is_blanked_and_not_decided_again(store: Store) -> None:
    """Nothing a person wrote stays in the inbox once it was decided."""
    await store.inbox.receive([arrival("1"), arrival("2")])
    await save(store, done=[1])

    assert await look(store, inbox.c.state, inbox.c.body) == [("done", None), ("waiting", b"closed 2")]


async def test_a_repeated_update_is_known_even_when_it_is_done(store: Store) -> None:
    """The key outlives the body: no case is doubled by a late repetition."""
    await store.inbox.receive([arrival("1")])
    await save(store, done=[1])

    assert await store.inbox.receive([arrival("1")]) == 0


async def test_a_failing_batch_changes_nothing(store: Store) -> None:
    """Effects are committed together or not at all."""
    await store.inbox.receive([arrival("1")])
    with pytest.raises(ZeroDivisionError):
        async with store.inbox.batch(64):
            raise ZeroDivisionError
    with pytest.raises(exc.IntegrityError):
        twice = [new_case("case1", number="SAME"), new_case("case2", number="SAME")]
        await save(store, lanes={"ann": (b"talk", b"chat")}, new_cases=twice, done=[1])

    assert await look(store, conversations.c.lane) == []
    assert len(await waiting(store)) == 1


async def test_a_fault_in_a_row_is_no_sick_machine(store: Store) -> None:
    """Two cases of one number break a rule of the data: the batch runs again, row by row, and nothing was written."""
    with pytest.raises(exc.IntegrityError, match=r"cases[._]number"):
        await save(store, new_cases=[new_case("case1", number="SAME"), new_case("case2", number="SAME")])

    assert await store.desk.case("SAME") is None


async def test_tries_are_counted_in_a_transaction_of_their_own(store: Store) -> None:
    """Deciding may die with the process; the count is already on disk."""
    await store.inbox.receive([arrival("1")])
    counted = [await store.inbox.tried(1), await store.inbox.tried(1)]
    async with store.inbox.batch(64) as batch:
        tries = batch.rows[0].tries

    assert (counted, tries) == ([1, 2], 2)


async def test_a_row_set_aside_is_counted_and_stops_nobody(store: Store) -> None:
    """One poison update is parked and shown; the others go on."""
    await store.inbox.receive([arrival("1"), arrival("2")])
    await store.inbox.set_aside(1)
    await store.inbox.set_aside(1)

    assert await waiting(store) == [("ann", b"closed 2")]
    assert await store.inbox.aside() == 1
    assert await look(store, counters.c.name, counters.c.n) == [(SET_ASIDE, 1)]


async def test_a_row_answered_kindly_can_still_be_set_aside(store: Store) -> None:
    """The crash of a row may have been handled, which makes it done; it counts as poison all the same."""
    await store.inbox.receive([arrival("1")])
    await save(store, done=[1])
    await store.inbox.set_aside(1)

    assert await store.inbox.aside() == 1


async def test_old_keys_are_forgotten_and_ids_never_used_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are kept for days, in pieces forgotten; outbox keys are made of ids, so an id must stay unique."""
    old = NOW - timedelta(days=9)
    await store.inbox.receive([arrival(str(n), at=old) for n in range(pruning.AT_ONCE + 2)] + [arrival("young")])
    await save(store, done=[*range(2, pruning.AT_ONCE + 4)])
    pruned = await store.inbox.prune(NOW - timedelta(days=8))
    left = await look(store, inbox.c.id, inbox.c.state)
    await store.inbox.receive([arrival("next")])

    assert pruned == pruning.AT_ONCE + 1
    assert left == [(1, "waiting"), (pruning.AT_ONCE + 3, "done")]
    assert (await store.inbox.waiting())[-1] == pruning.AT_ONCE + 4


async def test_everything_may_be_old(store: Store) -> None:
    """After a long silence all done rows are forgotten."""
    await store.inbox.receive([arrival("1")])
    await save(store, done=[1])

    assert await store.inbox.prune(NOW + timedelta(days=8)) == 1


async def test_what_no_engine_takes_is_made_harmless(store: Store) -> None:
    """NUL and lone surrogates in a key break neither SQLite nor PostgreSQL."""
    await store.inbox.receive([arrival("a\0b\ud800")])

    assert await look(store, inbox.c.key) == [("ab?",)]
