"""PostgreSQL is opened whole or not at all, says what is wrong and how to mend it, and is found again after a cut."""

import asyncio
import importlib.util
from pathlib import Path

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.store import postgres as opening
from bot.store.opening import open_store
from bot.store.postgres import Address
from tests.postgres import Postgres
from tests.store.conftest import Shared
from tests.store.making import arrival


@pytest.fixture
def empty(postgres: Postgres) -> str:
    """The name of a database without anything in it."""
    return postgres.create()


async def opened_once(url: str, data: Path) -> None:
    """Open a store and close it."""
    await (await open_store(url, data)).close()


async def test_several_may_start_at_once_on_an_empty_database(postgres: Postgres, empty: str, data: Path) -> None:
    """The tables are made by one of them; the others wait for it."""
    await asyncio.gather(*(opened_once(postgres.url(empty), data) for _ in range(4)))

    assert postgres.execute("SELECT count(*) FROM inbox", empty) == [(0,)]


async def test_a_database_of_a_newer_release_is_refused(postgres: Postgres, empty: str, data: Path) -> None:
    """Going back a release never guesses at what it does not know."""
    await opened_once(postgres.url(empty), data)
    postgres.execute("UPDATE alembic_version SET version_num = '9999'", empty)
    with pytest.raises(OperatorError, match=r"newer release.*9999"):
        await open_store(postgres.url(empty), data)


async def test_a_database_of_another_program_is_refused(postgres: Postgres, empty: str, data: Path) -> None:
    """A wrong name must not grow our tables into somebody's database."""
    postgres.execute("CREATE TABLE theirs (id integer)", empty)
    with pytest.raises(OperatorError, match="another program"):
        await open_store(postgres.url(empty), data)


async def test_a_database_that_may_not_be_changed_is_refused(postgres: Postgres, empty: str, data: Path) -> None:
    """Rights are told before anyone is served."""
    postgres.execute("CREATE ROLE guest LOGIN", empty)
    with pytest.raises(OperatorError, match="own it"):
        await open_store(postgres.url(empty).replace("postgres@", "guest@"), data)


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:1/helpline", "postgresql://me:secret@[::1]:1/helpline"]
)
async def test_a_server_that_cannot_be_reached_is_told(url: str, data: Path) -> None:
    """The message names the place and what to look at, and no password."""
    with pytest.raises(OperatorError, match=r"helpline on .*Is the server running") as refused:
        await open_store(url, data)

    assert "secret" not in str(refused.value)


async def test_a_database_that_is_not_there_is_told(postgres: Postgres, data: Path) -> None:
    """A slip in the name is not a sick machine."""
    with pytest.raises(OperatorError, match='database "nowhere" does not exist'):
        await open_store(postgres.url("nowhere"), data)


async def test_a_database_that_cannot_hold_khmer_is_refused(postgres: Postgres, data: Path) -> None:
    """Texts are in every alphabet."""
    postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(OperatorError, match="LATIN1"):
        await open_store(postgres.url("latin"), data)


async def test_a_missing_driver_is_told(postgres: Postgres, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed by ./helpline; the message says how it is."""
    monkeypatch.setattr(
        opening, "find_spec", lambda name: None if name == "psycopg" else importlib.util.find_spec(name)
    )
    with pytest.raises(OperatorError, match=r"requirements-postgres\.txt"):
        await open_store(postgres.url(), data)


@pytest.mark.parametrize("query", ["lease=0", "lease=soon", "lock_timeout=-1", "statement_timeout=1s"])
def test_a_limit_that_is_none_is_refused(query: str) -> None:
    """A limit that silently does nothing is worse than a start that fails."""
    with pytest.raises(OperatorError, match=r"lease takes seconds"):
        Address.of(f"postgresql://me:secret@db/helpline?{query}")


async def test_an_unknown_word_in_the_address_is_refused(postgres: Postgres, data: Path) -> None:
    """A misspelt option is told by the driver's own words."""
    with pytest.raises(OperatorError, match="conect_timeout"):
        await open_store(postgres.url(conect_timeout=3), data)


async def test_what_is_set_short_is_short(shared: Shared, data: Path) -> None:
    """Limits in the address reach the server; a statement over its limit is a sick machine, not poison."""
    url = shared.server.url(shared.database, statement_timeout=50)
    store = await open_store(url, data)
    with pytest.raises(MachineError, match="statement timeout"):
        await store.database.write(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(5)").close())
    await store.close()


async def test_idle_connections_that_were_cut_are_not_noticed(shared: Shared, data: Path) -> None:
    """A server that was restarted overnight loses nobody's first message."""
    shared.empty()
    store = await open_store(shared.server.url(shared.database), data)
    await store.inbox.aside()
    shared.server.cut(database=shared.database)

    assert await store.inbox.aside() == 0
    assert await store.inbox.receive([arrival("1")]) == 1
    await store.close()


async def test_a_transaction_that_was_cut_is_a_sick_machine(shared: Shared, data: Path) -> None:
    """Nothing of it is written, nothing is set aside, and the next one needs no restart."""
    shared.empty()
    store = await open_store(shared.server.url(shared.database), data)
    await store.inbox.receive([arrival("1")])
    with pytest.raises(MachineError):
        async with store.inbox.batch(1) as batch:
            shared.server.cut(database=shared.database)
            await batch.ledger(["ann"])

    async with store.inbox.batch(1) as batch:
        assert [row.body for row in batch.rows] == [b"closed 1"]
    await store.close()


def test_a_password_is_in_no_message() -> None:
    """What is shown of an address is the database and the host."""
    address = Address.of("postgresql://me:secret@db.example.org:5433/helpline?lease=3")

    assert (address.name, address.lease.total_seconds()) == ("helpline on db.example.org:5433", 3.0)
    assert "secret" not in repr(address)
