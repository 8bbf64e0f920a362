"""One batch reads what it needs and writes everything, table by table."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import exc

from bot.core.state import Case
from bot.core.values import to_minute
from bot.service.rows import Fetch, LaneState, Operator, Timer
from bot.store.opening import Store
from bot.store.schema import cases, conversations, counters, ledger, records, wraps
from tests.store.making import MINUTE, NOW, arrival, frames, kept, look, new_case, record, row, save


def timer(name: str = "untaken", *, case: str = "case1", due: int = 5, rev: int = 0) -> Timer:
    """A timer of ann's, due in some minutes."""
    return Timer(lane="ann", name=name, case=case, due=NOW + due * MINUTE, rev=rev)


async def lane(store: Store, name: str = "ann") -> LaneState:
    """Read a lane."""
    return await store.lanes.lane(name)


async def test_an_unknown_lane_is_empty(store: Store) -> None:
    """Everybody is unknown once."""
    assert await lane(store, "zoe") == LaneState("zoe")


async def test_a_lane_is_read_as_it_was_saved(store: Store) -> None:
    """Conversation, chat and open cases come back as they were, the newest case last; the sender reads the same."""
    first, second = new_case("b"), new_case("a", state="draft", assignee=7, country="TH", unheard=2, rev=3)
    await save(store, lanes={"ann": (b"talk", b"chat")}, new_cases=[first, second])

    expected = LaneState("ann", b"talk", b"chat", tuple(_to_minute(new.case) for new in (first, second)))
    assert await lane(store) == await store.lanes.lane("ann") == expected


def _to_minute(case: Case) -> Case:
    return case.model_copy(update={"created": to_minute(case.created), "updated": to_minute(case.updated)})


async def test_a_conversation_is_replaced(store: Store) -> None:
    """There is one conversation a lane."""
    await save(store, lanes={"ann": (b"old", b"chat")})
    await save(store, lanes={"ann": (b"new", b"chat 2")})

    assert await look(store, conversations.c.body, conversations.c.chat) == [(b"new", b"chat 2")]


async def test_a_batch_sees_what_the_one_before_it_wrote(store: Store) -> None:
    """The second take sees the first."""
    new = new_case()
    await save(store, new_cases=[new])
    await save(store, cases={"case1": new.case.model_copy(update={"state": "taken", "assignee": 7, "rev": 1})})

    assert [(case.state, case.assignee, case.rev) for case in (await lane(store)).cases] == [("taken", 7, 1)]


async def test_a_closed_case_is_no_longer_the_lanes(store: Store) -> None:
    """What comes after a case was closed does not join it."""
    new = new_case()
    await save(store, new_cases=[new], cases={"case1": new.case.model_copy(update={"state": "closed"})})

    assert (await lane(store)).cases == ()


async def test_a_case_keeps_times_to_the_minute_only(store: Store) -> None:
    """What is in clear beside a case tells no more than ARCHITECTURE, Cases, allows."""
    await save(store, new_cases=[new_case()], records=[record(media=True)], opened=[("case1", "record1")])

    minute = to_minute(NOW)
    assert await look(store, cases.c.created_at, cases.c.updated_at) == [(minute, minute)]
    assert await look(store, records.c.at, records.c.opened_at) == [(minute, minute)]


async def test_a_new_case_has_its_keys(store: Store) -> None:
    """Sealing needs the public key, opening the wraps; a case that is gone has none."""
    await save(store, new_cases=[new_case()])
    await store.inbox.receive([arrival("1")])
    async with store.inbox.batch(1) as batch:
        keys = batch.keys

    assert keys == {"case1": b"public case1"}
    assert await store.desk.public_keys(["case1", "gone"]) == keys
    assert await look(store, wraps.c.recipient, wraps.c.wrap) == [("organisation", b"wrap 1"), ("recovery", b"wrap 2")]


async def test_opening_twice_counts_once(store: Store) -> None:
    """Two operators may hear the same voice note."""
    await save(store, new_cases=[new_case()], records=[record("a", media=True), record("b", media=True), record("c")])
    await save(store, opened=[("case1", "a"), ("another case", "b")])
    async with store.inbox.batch(1) as batch:
        unopened = await batch.unopened(["a", "b", "c", "unknown"])

    assert unopened == {"b"}


async def test_timers_come_due_in_order(store: Store) -> None:
    """What is due is listed, oldest first; the rest tells when to look again."""
    await save(store, timers=[timer("unkept", due=9), timer("silent", due=3), timer("untaken", due=1)])

    due = await store.desk.due_timers(NOW + 3 * MINUTE, 10)
    assert [(one.name, one.due) for one in due] == [("untaken", NOW + MINUTE), ("silent", NOW + 3 * MINUTE)]
    assert await store.desk.next_timer() == NOW + MINUTE


async def test_a_timer_set_anew_moves(store: Store) -> None:
    """(lane, name, case) has one timer; another case has its own."""
    await save(store, timers=[timer(due=1), timer(due=2, case="case2")])
    await save(store, timers=[timer(due=5), timer(due=6, rev=1)])

    due = await store.desk.due_timers(NOW + 9 * MINUTE, 10)
    assert [(one.case, one.due, one.rev) for one in due] == [
        ("case2", NOW + 2 * MINUTE, 0),
        ("case1", NOW + 6 * MINUTE, 1),
    ]


async def test_dropping_a_timer_that_fired_spares_the_one_set_meanwhile(store: Store) -> None:
    """The ladder's next rung is not lost because the last one was cleared late."""
    await save(store, timers=[timer(due=1)])
    fired = await store.desk.due_timers(NOW + MINUTE, 10)
    await save(store, timers=[timer(due=1)])
    await store.desk.drop_timers(fired)

    assert len(await store.desk.due_timers(NOW + MINUTE, 10)) == 1


async def test_a_timer_is_cleared(store: Store) -> None:
    """A case that was taken needs no ladder."""
    await save(store, timers=[timer("untaken"), timer("silent", due=7)])
    await save(store, clear_timers=[("ann", "untaken", "case1")])

    assert await store.desk.next_timer() == NOW + 7 * MINUTE
    await store.desk.drop_timers(await store.desk.due_timers(NOW + 9 * MINUTE, 10))
    assert await store.desk.next_timer() is None


async def test_counts_add_up_by_day(store: Store) -> None:
    """Statistics are numbers without a path to anyone."""
    await save(store, counts=[("intake", "{}"), ("intake", "{}"), ("closed", "{}")])
    await save(store, counts=[("intake", "{}")])
    await save(store, counts=[("intake", "{}")], at=NOW + timedelta(days=1))

    assert await look(store, counters.c.name, counters.c.day, counters.c.n) == [
        ("closed", "2026-03-01", 1),
        ("intake", "2026-03-01", 3),
        ("intake", "2026-03-02", 1),
    ]


async def test_the_ledger_remembers_in_order_and_forgets_whole_lanes(store: Store) -> None:
    """Hide deletes by this list; told once, the past is forgotten and the message that told it is kept."""
    await save(store, ledger=[kept("1", mine=False), kept("2", lane="bo"), kept("3")])
    async with store.inbox.batch(1) as batch:
        before = [(one.message, one.mine) for one in await batch.ledger(["ann"])]
    await save(store, forget=["ann"], ledger=[kept("4")])

    assert before == [(b"1", False), (b"3", True)]
    assert [one.message for one in await store.lanes.ledger_of("ann")] == [b"4"]
    assert [one.message for one in await store.lanes.ledger_of("bo")] == [b"2"]


async def test_a_lane_has_one_live_screen(store: Store) -> None:
    """A newer screen takes the place of the older one, within a save and between two."""
    await save(store, ledger=[kept("1", live=True), kept("2", live=True), kept("3", lane="bo", live=True)])
    second = await store.lanes.live("ann")
    await save(store, ledger=[kept("4", live=True)])

    assert second is not None
    assert second.message == b"2"
    assert await look(store, ledger.c.live) == [(False,), (False,), (True,), (True,)]
    assert await store.lanes.live("zoe") is None


async def test_operators_and_facts_change_with_the_batch(store: Store) -> None:
    """An operator who pressed start, and a group that moved, are written with everything else."""
    await store.desk.put_operator(Operator(7, "Dara"))
    await save(store, operators=[Operator(7, "Dara", started=True)], facts={"moved:-1": "-2"})

    assert await store.desk.operators() == [Operator(7, "Dara", started=True)]
    assert await store.desk.get("moved:-1") == "-2"


async def test_shredding_leaves_nothing_of_a_case(store: Store) -> None:
    """Keys, records, downloads, timers, cards and unsent rows go; the other case of the person stays."""
    await save(
        store,
        new_cases=[new_case("case1"), new_case("case2")],
        records=[record("a"), record("b", case="case2")],
        fetches=[Fetch("a", "case1", b"source", NOW), Fetch("b", "case2", b"source", NOW)],
        timers=[timer(), timer(case="case2")],
        outbox=[
            row("1:0", case="case1"),
            row("1:1", case="case2"),
            row("1:2", state="asked", kind="reply", case="case1"),
        ],
    )
    await save(store, shred=["case1"])

    assert [case.id for case in (await lane(store)).cases] == ["case2"]
    assert await look(store, wraps.c.case_id) == [("case2",), ("case2",)]
    assert await look(store, records.c.id) == [("b",)]
    assert [fetch.record for fetch in await store.desk.due_fetches(NOW, 9)] == ["b"]
    assert [one.case for one in await store.desk.due_timers(NOW + 9 * MINUTE, 9)] == ["case2"]
    found = [await store.outbox.find(f"1:{n}") for n in range(3)]
    assert [(one.state, one.body) for one in found if one] == [
        ("cancelled", b""),
        ("ready", b"closed"),
        ("cancelled", b""),
    ]


async def test_shredding_deletes_the_files_too(store: Store) -> None:
    """A sealed file without its keys is still a file; it goes."""
    name = "ab" * 16
    await store.blobs.write(name, frames(b"sealed"))
    await save(store, new_cases=[new_case()], records=[record("a")], fetches=[Fetch("a", "case1", b"source", NOW)])
    await store.desk.fetched((await store.desk.due_fetches(NOW, 1))[0], blob=name, sealed=b"described")
    await save(store, shred=["case1"])

    assert not (store.blobs.path / name).exists()


async def test_what_is_written_with_a_shredding_is_not_shredded(store: Store) -> None:
    """The answer to "delete it" goes out, even where it names the case; a timer of the case is not set any more."""
    await save(store, new_cases=[new_case()])
    await save(store, shred=["case1"], outbox=[row("2:0", case="case1")], timers=[timer()])

    found = await store.outbox.find("2:0")
    assert found is not None
    assert found.state == "ready"
    assert await store.desk.next_timer() is None


async def test_a_big_batch_is_written_as_it_is(store: Store) -> None:
    """64 updates with two messages each are one save."""
    rows = await save(
        store,
        lanes={f"lane{n}": (b"talk", b"chat") for n in range(64)},
        outbox=[row(f"{n}:{k}", lane=f"lane{n}") for n in range(64) for k in range(2)],
    )

    assert [one.key for one in rows] == [f"{n}:{k}" for n in range(64) for k in range(2)]
    assert len({one.id for one in rows}) == 128


async def test_a_naive_time_is_refused(store: Store) -> None:
    """An instant without a zone would be somebody's guess."""
    with pytest.raises(exc.StatementError, match="offset-naive"):
        await save(store, outbox=[replace(row("1:0"), due=NOW.replace(tzinfo=None))])
