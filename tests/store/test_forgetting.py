"""What is destroyed in time: closed cases that are not held, and chats without a case."""

from datetime import timedelta
from typing import Any

from bot.service.rows import Timer
from bot.store.opening import Store
from bot.store.schema import cases, conversations, ledger, outbox, records, timers, wraps
from tests.store.making import NOW, kept, look, new_case, record, row, save

DAY = timedelta(days=1)
SHUT: dict[str, Any] = {"state": "closed", "closed": NOW}


async def test_only_closed_cases_that_nobody_holds_expire(store: Store) -> None:
    """Open ones, younger ones and held ones stay; a lifted hold lets a case go."""
    young = new_case("young", state="closed", closed=NOW + DAY)
    await save(store, new_cases=[new_case("a", **SHUT), new_case("held", **SHUT), new_case("open"), young])
    await store.desk.hold("held", since=NOW, reason=record("why", case="held"))

    assert await store.desk.expired(NOW, limit=9) == ["a"]
    assert await store.desk.held("held") == NOW.replace(second=0, microsecond=0)
    await store.desk.hold("held", since=None, reason=record("why not", case="held"))
    assert set(await store.desk.expired(NOW, limit=9)) == {"a", "held"}


async def test_a_case_goes_with_all_that_was_its_own(store: Store) -> None:
    """Wraps, records, timers, unsent rows and the chat, if it is silent; others' stay, and a held case is no victim."""
    lanes = {lane: (b"talk", b"chat") for lane in ("ann", "bo")}
    made = [new_case("a", **SHUT), new_case("b", lane="bo"), new_case("held", lane="bo", **SHUT)]
    rows = [row("1:1", case="a"), row("2:1", lane="bo", case="b")]
    waits = [Timer("ann", "again", "", NOW, 0), Timer("bo", "untaken", "b", NOW, 0)]
    await save(store, lanes=lanes, new_cases=made, records=[record("x", case="a"), record("y", case="b")])
    await save(store, outbox=rows, timers=waits, ledger=[kept("m"), kept("n", lane="bo")])
    await store.desk.hold("held", since=NOW, reason=record("why", case="held"))
    emptied = row("emptied:1", lane="group", kind="card_buttons", case="a")

    gone = await store.desk.shred(["a", "b", "held"], closed=NOW, silent=NOW, wiping=[emptied])

    assert gone == 1
    assert {one for (one,) in await look(store, cases.c.id)} == {"b", "held"}
    assert {one for (one,) in await look(store, wraps.c.case_id)} == {"b", "held"}
    assert {one for (one,) in await look(store, records.c.id)} == {"y", "why"}
    for table in (conversations, timers, ledger):
        assert await look(store, table.c.lane) == [("bo",)]
    assert await look(store, outbox.c.key, outbox.c.case_id) == [
        ("1:1", None),
        ("2:1", "b"),
        ("emptied:1", None),
    ]


async def test_a_chat_that_was_used_lately_is_not_forgotten(store: Store) -> None:
    """Whoever talks with us at this moment is not cut off; nor is who has another case."""
    lanes = {lane: (b"talk", b"chat") for lane in ("ann", "bo", "cy")}
    await save(store, lanes=lanes, new_cases=[new_case("b", lane="bo")])
    await save(store, lanes={"cy": (b"talk", b"chat")}, at=NOW + DAY)
    silent = await store.desk.silent(NOW, limit=9)

    assert silent == ["ann"]
    assert await store.desk.forget_lanes(["ann", "bo", "cy"], silent=NOW) == 1
    assert {one for (one,) in await look(store, conversations.c.lane)} == {"bo", "cy"}
