"""The record of acts: everything opened is in it, and what was changed afterwards is found."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from bot.core.errors import OperatorError
from tests.console.browsing import Console
from tests.whole.house import House


async def worked(console: Console) -> str:
    """Let an operator open a case and take it; gives its number."""
    dara = await console.dara()
    number = str((await console.house.in_danger(console.house.person()))["number"])
    await dara.acts(number, "take")
    await dara.post("/search", {"words": "elephant"})
    return number


async def test_everything_done_is_recorded_in_order(console: Console) -> None:
    """Who, what, which case; no words."""
    await worked(console)
    record = await console.house.store.console.recorded(after=0, limit=99)

    assert [one.entry.act for one in record] == ["enrolled", "opened", "take", "searched"]
    assert {one.entry.who for one in record} == {console.house.dara.id}
    assert (await console.house.helpline.audit.verify()).entries == 4


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
        "DELETE FROM audit WHERE seq = 4",
        "DELETE FROM audit",
        "UPDATE audit SET cases = 'ABCDEFGH' WHERE seq = 2",
        "UPDATE audit SET cases = NULL WHERE seq = 4",
        "UPDATE audit SET case_id = '|' || cases, cases = NULL WHERE seq = 4",
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


async def test_an_older_record_put_back_whole_is_found_by_an_end_that_was_told(console: Console) -> None:
    """It fits in itself; but what the group was told of it later is not on its way."""
    number, audit = await worked(console), console.house.helpline.audit
    told = await audit.end()
    await tamper(console, "CREATE TABLE older AS SELECT * FROM audit")
    await tamper(console, "CREATE TABLE mark AS SELECT * FROM facts WHERE key = 'record_end'")
    await (await console.bopha()).get(f"/cases/{number}")
    later = await audit.end()
    await tamper(console, "DELETE FROM audit")
    await tamper(console, "INSERT INTO audit SELECT * FROM older")
    await tamper(console, "UPDATE facts SET value = (SELECT value FROM mark) WHERE key = 'record_end'")

    assert (await audit.verify()).end == (await audit.verify(told)).end == told
    with pytest.raises(OperatorError, match="an older one was put back"):
        await audit.verify(later)


@pytest.mark.parametrize("kept", ["2-0000000000000000", "2", "2-XYZ", "0-0000000000000000", "99-3fa91b2c77d0e8a4"])
async def test_an_end_that_is_not_on_the_way_is_found(console: Console, kept: str) -> None:
    """Or is none."""
    await worked(console)

    with pytest.raises(OperatorError):
        await console.house.helpline.audit.verify(kept)


async def test_the_group_is_told_each_morning_how_the_record_ends(console: Console) -> None:
    """What the group has seen nobody takes back; a house where nobody was at the console is told nothing of it."""
    house = console.house
    house.clock.put_forward(timedelta(hours=20))
    await house.eventually(lambda: mornings(house, 1))
    await worked(console)
    house.clock.put_forward(timedelta(hours=24))
    await house.eventually(lambda: mornings(house, 2))
    first, second = mornings(house, 2)

    assert house.says("daily_record", name=await house.helpline.audit.end()) in second
    assert house.says("daily_record").partition("{")[0] not in first


def mornings(house: House, count: int) -> list[str]:
    """Give the summaries that the group has had; none before there are so many."""
    wanted = house.says("daily_disk").partition("{")[0]
    found = [one.text for one in house.group.messages() if wanted in one.text]
    return found if len(found) >= count else []


async def test_a_search_says_every_case_it_opened(console: Console) -> None:
    """To whoever reads the record: those it opened, by their numbers, and each that it showed."""
    dara = await console.dara()
    people = [console.house.person(name) for name in ("Sokha", "Vanna", "Thy")]
    numbers = [str((await console.house.in_danger(person))["number"]) for person in people]
    await console.house.after(people[1].says("an elephant"))
    await dara.post("/search", {"words": "elephant"})
    boss = await console.operator(7_000_001, "Vichea", "supervisor")
    page = (await boss.get("/record")).text
    opened = (await boss.get("/record/2")).text

    assert '<a href="/record/2">3 cases were opened</a>' in page and "Found by searching" in page
    assert numbers[1] in page and numbers[0] not in page and all(number in opened for number in numbers)
    assert [(await boss.get(f"/record/{seq}")).status_code for seq in ("1", "99", "x", "9" * 20)] == [404] * 4


async def test_what_a_search_found_is_not_shown_unless_it_is_recorded(console: Console) -> None:
    """As an opened case is not."""
    dara, person = await console.dara(), console.house.person()
    number = str((await console.house.in_danger(person))["number"])
    await console.house.after(person.says("an elephant"))
    full = "CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.act = 'found' BEGIN SELECT RAISE(ABORT, 'full'); END"
    await tamper(console, full)
    answer = await dara.post("/search", {"words": "elephant"})

    assert answer.status_code in (500, 503) and number not in answer.text


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
