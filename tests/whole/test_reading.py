"""A case as a human reads it, from what people did in Telegram to the opened timeline."""

from datetime import datetime

from bot.service.casefile import Item, read_case
from bot.service.entries import CaseFile, Written
from tests.whole.house import House


async def _read(house: House, number: str) -> CaseFile:
    opened = await house.opened(number)
    at = datetime.fromisoformat(opened.case["created"])
    items = [Item(one.id, one.body, at, False, one.opened, None, one.described) for one in opened.items]
    return read_case(house.content, items, "en")


async def test_an_edited_message_is_one_entry_with_its_versions(house: House) -> None:
    """What Telegram edits is put together by the number of its message; both versions can be read."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    first = await sokha.says("two of us")
    await house.settled()
    await house.after(sokha.says("in a factory"), sokha.edits(first, "three of us, they lock me in"))
    (case,) = await house.cases()
    written = [one for one in (await _read(house, case["number"])).entries if isinstance(one, Written)]

    versions = [version.text for version in written[0].versions]
    assert versions == ["two of us", "three of us, they lock me in"]
    assert [one.text for one in written[1:]] == ["in a factory"]
    assert (await _read(house, case["number"])).flags[-1].indicator == "confinement"
