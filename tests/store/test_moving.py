"""A store moves to PostgreSQL whole, verified, or not at all."""

from pathlib import Path

import pytest

from bot.core.errors import OperatorError
from bot.core.roster import Duty
from bot.service.consoling import Account, Entry, Session
from bot.service.rows import CardPlace, Fetch, Operator, Timer
from bot.service.vaulting import Recipient
from bot.store.moving import move
from bot.store.opening import Store, open_store
from bot.store.schema import cases, inbox, metadata
from tests.postgres import Postgres
from tests.store.making import NOW, arrival, kept, lease, look, new_case, record, row, save, sent


async def fill(store: Store) -> None:
    """Put something into every table; ids that were pruned are gone."""
    await store.inbox.receive([arrival(str(number)) for number in range(3)])
    await save(store, done=[3])
    await store.inbox.prune(NOW.replace(year=2027))
    await save(
        store,
        lanes={"ann": (b"talk \x00", b"chat")},
        new_cases=[new_case(f"case{number}", lane="ខ្មែរ") for number in range(1100)],
        records=[record("record1", media=True)],
        fetches=[Fetch("record1", "case1", b"source", NOW)],
        timers=[Timer("ann", "untaken", "case1", NOW, 1)],
        outbox=[row("1:0"), row("2:0", lane="group", kind="card", case="case1")],
        ledger=[kept("1", live=True)],
        counts=[("intake", "{}")],
        operators=[Operator(2**40, "Bopha")],
        pages=["case1"],
    )
    await store.desk.put_duties([Duty(operator=2**40, day="mon")])
    (card,) = await lease(store, limit=1)
    await store.outbox.settle([sent(card, card=CardPlace("case1", -1001, 7, "token"))])
    await store.desk.put_recipient(Recipient("organisation", b"public"), wrapped=b"wrapped")
    await store.desk.put("key_check", "one")
    await store.desk.alarm("disk", NOW)
    await store.desk.put_invite(2**40, "token", NOW)
    await store.console.put_account(Account(2**40, b"totp"))
    await store.console.begin(Session("session", 2**40, b"kept", "operator", NOW, NOW))
    await store.console.failed("name", NOW)
    await store.console.record(
        [Entry(NOW, 2**40, "opened", "case1")], lambda before, entry: f"{before}{entry.act}", "{} {}".format
    )


@pytest.fixture
def target(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.url(postgres.create())


async def test_everything_arrives_as_it_was(lite: Store, target: str, tmp_path: Path) -> None:
    """Counts and digests of every table agree, and no id is ever used twice."""
    await fill(lite)
    store = await open_store(target, tmp_path / "data")
    counted = await move(lite, store)
    await store.inbox.receive([arrival("next")])

    assert {one.table for one in counted if one.rows} == {*metadata.tables}
    assert {one.table: one.rows for one in counted}["cases"] == 1100
    assert await look(store, inbox.c.id) == [(1,), (2,), (4,)]
    assert await look(store, cases.c.seq, cases.c.lane) == await look(lite, cases.c.seq, cases.c.lane)
    await store.close()


async def test_a_store_that_was_moved_is_not_served_again(lite: Store, url: str, target: str, data: Path) -> None:
    """Two helplines must not answer the same people from two databases."""
    store = await open_store(target, data)
    await move(lite, store)
    await store.close()
    await lite.close()
    with pytest.raises(OperatorError, match="was moved to helpline"):
        await open_store(url, data)


async def test_a_database_that_holds_something_is_not_moved_into(lite: Store, target: str, tmp_path: Path) -> None:
    """Nothing is overwritten, and nothing is half moved."""
    await fill(lite)
    store = await open_store(target, tmp_path / "data")
    await store.desk.put("key_check", "another")
    with pytest.raises(OperatorError, match="not empty"):
        await move(lite, store)

    assert await look(store, inbox.c.id) == []
    assert await lite.desk.get("moved_to") is None
    await store.close()
