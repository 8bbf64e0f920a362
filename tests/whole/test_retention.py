"""Closed cases are destroyed in time, unless they are held; nothing but counts is left."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.errors import OperatorError
from bot.sandbox import Person
from bot.service.minting import new_id
from bot.service.requests import pack, unpack
from bot.vault.sealing import CaseSealer
from tests.whole.house import House

OF_CASES = ("cases", "wraps", "records", "fetches", "cards")
OF_CHATS = ("conversations", "ledger", "timers")


async def count(house: House, *tables: str) -> dict[str, int]:
    """Count the rows of tables."""

    async def of(table: str) -> int:
        query = text(f"SELECT count(*) FROM {table}")  # noqa: S608  # a name written in a test
        return await house.store.database.read(lambda one: int(one.execute(query).scalar_one()))

    return {table: await of(table) for table in tables}


async def closed(house: House, person: Person) -> str:
    """Let a person ask for help with a voice note, and an operator finish the case; gives its number."""
    case = await house.in_danger(person)
    number = str(case["number"])
    await house.after(person.sends_voice(b"the person's voice"))
    for act in ("t", "r", "r.helped"):
        await house.desk(house.dara, act, number)
        await house.settled()
    return number


async def passes(house: House, days: int) -> None:
    """Let days pass, and then the night in which what is due is destroyed."""
    await house.passes(days=days)
    await house.helpline.retention.sweep()
    house.helpline.sender.wake()
    await house.settled()


async def numbers(house: House) -> list[str]:
    """Give the numbers of all cases there are, closed ones too."""
    query = text("SELECT number FROM cases ORDER BY seq")
    return await house.store.database.read(lambda one: list(one.scalars(query)))


async def ask(house: House, **request: object) -> dict[str, object]:
    """Ask the office."""
    return await house.helpline.office.answer(request)


async def hold(house: House, number: str, *, held: bool) -> None:
    """Hold a case, or no longer, as the command does."""
    dossier = await house.helpline.office.answer({"do": "case", "number": number})
    case, record = dossier["case"]["id"], new_id()
    body = {"kind": "hold", "held": held, "reason": "a court asked for it"}
    sealed = CaseSealer().record(unpack(dossier["public_key"]), body, case=case, record=record, kind="record")
    await ask(house, do="hold", number=number, held=held, record=record, sealed=pack(sealed))


async def test_nothing_but_counts_is_left_of_a_closed_case(house: House) -> None:
    """Ninety days after it was closed: rows, files, keys, the chat it came from, and what its card said."""
    number = await closed(house, house.person())
    card = house.card(number)
    counted = await count(house, "counters")
    assert list((house.settings.data / "blobs").iterdir())
    await passes(house, 89)
    assert await numbers(house) == [number]
    await passes(house, 2)

    assert await count(house, *OF_CASES, *OF_CHATS) == dict.fromkeys((*OF_CASES, *OF_CHATS), 0)
    assert list((house.settings.data / "blobs").iterdir()) == []
    assert (await count(house, "counters"))["counters"] >= counted["counters"] > 0
    assert "Deleted, as planned" in card.text
    assert number not in card.text


async def test_an_open_case_is_never_destroyed(house: House) -> None:
    """However old it is; and with it stays the way to the person."""
    case = await house.in_danger(house.person())
    await passes(house, 400)

    assert await numbers(house) == [case["number"]]
    assert (await count(house, "conversations"))["conversations"] >= 1


async def test_a_held_case_stays_until_the_hold_is_lifted(house: House) -> None:
    """The reasons for both are read by whoever opens the case, and by nobody else."""
    number = await closed(house, house.person())
    await hold(house, number, held=True)
    await passes(house, 400)
    assert [one["reason"] for one in (await house.opened(number)).of("hold")] == ["a court asked for it"]
    await hold(house, number, held=False)
    await passes(house, 1)

    assert await numbers(house) == []


async def test_the_chat_stays_while_another_case_needs_it(house: House) -> None:
    """The person of a destroyed case who wrote again can still be answered."""
    sokha = house.person()
    await closed(house, sokha)
    await passes(house, 60)
    other = await house.in_danger(sokha)
    await passes(house, 40)

    assert await numbers(house) == [other["number"]]
    assert (await count(house, "conversations"))["conversations"] == 1


async def test_who_only_read_is_forgotten_after_the_same_time(house: House) -> None:
    """A chat without any case is no business of ours for ever."""
    mary = house.person()
    await house.after(mary.says("/start"))
    await passes(house, 91)

    assert await count(house, *OF_CHATS) == dict.fromkeys(OF_CHATS, 0)
    await house.after(mary.says("/start"))
    assert house.step(mary)


async def test_the_days_are_set_within_bounds(house: House) -> None:
    """Thirty to three hundred and sixty-five, ninety unless somebody says otherwise, and it counts at once."""
    assert await ask(house, do="retention", days=None) == {"days": 90}
    for days in (29, 366):
        with pytest.raises(OperatorError, match="30 to 365"):
            await ask(house, do="retention", days=days)
    await closed(house, house.person())
    assert await ask(house, do="retention", days=30) == {"days": 30}
    await passes(house, 31)

    assert await numbers(house) == []


async def test_the_night_destroys_by_itself(house: House) -> None:
    """Nobody has to think of it."""
    await closed(house, house.person())
    house.clock.put_forward(timedelta(days=92))

    async def gone() -> bool:
        return await numbers(house) == []

    await house.until(gone)
