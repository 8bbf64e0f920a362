"""The record of acts: everything opened is in it, and what was changed afterwards is found."""

import pytest
from sqlalchemy import Connection, text

from bot.core.errors import OperatorError
from tests.console.browsing import Console


async def worked(console: Console) -> str:
    """Let an operator open a case and take it; gives its number."""
    dara = await console.dara()
    number = str((await console.house.in_danger(console.house.person()))["number"])
    await dara.acts(number, "take")
    return number


async def test_everything_done_is_recorded_in_order(console: Console) -> None:
    """Who, what, which case; no words."""
    await worked(console)
    record = await console.house.store.console.recorded(after=0, limit=99)

    assert [one.entry.act for one in record] == ["enrolled", "opened", "take"]
    assert {one.entry.who for one in record} == {console.house.dara.id}
    assert (await console.house.helpline.audit.verify()).entries == 3


async def tamper(console: Console, change: str) -> None:
    """Change the database by hand."""

    def changed(connection: Connection) -> None:
        connection.execute(text(change))

    await console.house.store.database.write(changed)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET act = 'x' WHERE seq = 2",
        "UPDATE audit SET who = 1 WHERE seq = 1",
        "UPDATE audit SET at = at + 1 WHERE seq = 3",
        "UPDATE audit SET case_id = '' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 1",
        "UPDATE audit SET link = 'x' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        "DELETE FROM facts WHERE key = 'record_end'",
        "UPDATE facts SET value = '2' WHERE key = 'record_end'",
    ],
)
async def test_what_was_changed_afterwards_is_found(console: Console, change: str) -> None:
    """Whoever can write to the database cannot make it fit: the links need the server key."""
    await worked(console)
    await tamper(console, change)

    with pytest.raises(OperatorError, match="altered"):
        await console.house.helpline.audit.verify()


async def test_what_is_done_after_a_cut_does_not_hide_it(console: Console) -> None:
    """The helpline goes on and records; that entries are missing before stays found."""
    number = await worked(console)
    await tamper(console, "DELETE FROM audit WHERE seq > 1")
    await (await console.bopha()).get(f"/cases/{number}")
    await console.house.helpline.audit.note(1, "opened")

    with pytest.raises(OperatorError, match="altered"):
        await console.house.helpline.audit.verify()


async def test_nobody_reads_what_cannot_be_recorded(console: Console) -> None:
    """While the record cannot be written, no case opens."""
    dara = await console.dara()
    number = str((await console.house.in_danger(console.house.person()))["number"])

    def spoil(connection: Connection) -> None:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"))

    await console.house.store.database.write(spoil)
    answer = await dara.get(f"/cases/{number}")

    assert answer.status_code in (500, 503) and "Time there" not in answer.text


async def test_supervisors_read_the_record(console: Console) -> None:
    """In words, with names."""
    await worked(console)
    boss = await console.operator(7_000_001, "Vichea", "supervisor")
    page = (await boss.get("/record")).text

    assert "Dara" in page and "Took" in page and "Opened" in page
