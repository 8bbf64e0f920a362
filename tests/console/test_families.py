"""A family looks for somebody: what operators do with its request, and that it reads nothing of anybody else's."""

import re
from datetime import timedelta

import pytest

from bot.sandbox import Person
from tests.console.browsing import Browser, Console
from tests.whole.house import House

WORDS = "my name is សុខ ដារ៉ា and they took my passport"


async def a_search(house: House, person: Person, *, contact: str = "any_time") -> str:
    """Let a family look for Sok Dara in Malaysia; gives the number of its request."""
    await house.after(person.says("/start"))
    for choice in ("missing", "look", "yes", "MY", "no", "adult"):
        await house.chooses(person, choice)
    await house.after(person.says("Sok Dara, called Rith"))
    for choice in ("longer", "skip", contact):
        await house.chooses(person, choice)
    found = re.search(r"Your number is (\w+)\.", house.screen(person).text)
    assert found is not None
    return found.group(1)


async def stands(house: House, person: Person) -> str:
    """Let a family ask where its request stands; gives what it reads."""
    await house.after(person.says("where does my request stand"))
    return house.screen(person).text


async def test_an_operator_sets_what_the_family_reads(console: Console) -> None:
    """At the console; only who has the case, and only stages there are."""
    dara, house = await console.dara(), console.house
    family = house.person()
    number = await a_search(house, family)
    await dara.acts(number, "stage", stage="read")
    assert house.says("stands_received", number=number) in await stands(house, family)
    await dara.acts(number, "take")
    refused = await dara.acts(number, "stage", stage="rescued")
    await dara.acts(number, "stage", stage="passed_on", on="2025-12-01")
    page = (await dara.get(f"/cases/{number}")).text

    assert refused.status_code == 400
    assert "Passed on</strong> 01.12.2025" in page
    assert house.says("stands_passed_on", number=number, time="01.12.2025") in await stands(house, family)


async def test_a_stage_is_set_on_the_card_too(console: Console) -> None:
    """By two presses, and without those that only operators know."""
    house, family = console.house, console.house.person()
    number = await a_search(house, family)
    for act in ("t", "m", "g"):
        await house.desk(house.dara, act, number)
        await house.settled()
    offered = [str(button["callback_data"]).rpartition(":")[2] for button in house.card(number).buttons()]
    await house.desk(house.dara, "g.no_news", number)
    await house.settled()

    assert "g.call_us" in offered and not {"g.found", "g.no_contact"} & set(offered)
    assert house.says("stands_no_news", number=number) in await stands(house, family)


async def test_what_only_operators_know_is_on_their_page_alone(console: Console) -> None:
    """Found is in the case's timeline; the family reads what it read before."""
    dara, house, family = await console.dara(), console.house, console.house.person()
    number = await a_search(house, family)
    await dara.acts(number, "take")
    await dara.acts(number, "stage", stage="found")
    page = (await dara.get(f"/cases/{number}")).text

    assert re.search(r"</time> Found ·", page)
    assert house.says("stands_received", number=number) in await stands(house, family)
    assert not any("ound" in message.text for message in house.group.messages() if number in message.text)


async def suggested(dara: Browser, number: str) -> list[str]:
    """Give the numbers that are suggested for a family's request."""
    page = await dara.post(f"/cases/{number}/kin", {"act": "kin"})
    assert page.status_code == 200
    return re.findall(r'name="other" value="(\w+)"', page.text)


async def test_whoever_may_be_looked_for_is_suggested_to_who_can_open_both(console: Console) -> None:
    """By the name, in Khmer or Latin letters; not among a colleague's cases, and never with anybody else."""
    dara, bopha, house = await console.dara(), await console.bopha(), console.house
    number = await a_search(house, house.person())
    worker, other = house.person("Sokha"), house.person("Vanna")
    hers = str((await house.in_danger(worker))["number"])
    await house.after(worker.says(WORDS))
    await house.in_danger(other)
    await house.after(other.says("my name is Chan Samnang"))
    before = await suggested(dara, number)
    await bopha.acts(hers, "take")

    assert before == [hers]
    assert await suggested(dara, number) == []


async def test_a_link_is_noted_in_both_with_its_reason_and_recorded(console: Console) -> None:
    """Sealed in the two cases, which stay two; the family reads what it read before."""
    dara, house, family, worker = await console.dara(), console.house, console.house.person(), console.house.person()
    number = await a_search(house, family)
    hers = str((await house.in_danger(worker))["number"])
    before = await stands(house, family)
    for fields in ({}, {"other": hers}, {"other": number, "reason": "the same"}):
        assert (await dara.post(f"/cases/{number}/link", fields)).status_code in (400, 404)
    assert (await dara.post(f"/cases/{hers}/link", {"other": number, "reason": "why"})).status_code == 400
    answer = await dara.post(f"/cases/{number}/link", {"other": hers, "reason": "same scar"})
    linked = [(await house.opened(one)).of("link")[0] for one in (number, hers)]
    recorded = await house.count("SELECT count(*) FROM audit WHERE act = 'link'")

    assert answer.status_code == 303 and recorded == 2
    assert [(one["number"], one["reason"]) for one in linked] == [(hers, "same scar"), (number, "same scar")]
    assert f"Belongs to: {hers}" in (await dara.get(f"/cases/{number}")).text
    assert await stands(house, family) == before


@pytest.mark.parametrize("wrote", [False, True])
async def test_the_family_reads_the_same_whether_or_not_their_relative_wrote(console: Console, *, wrote: bool) -> None:
    """The same sentences at the same times, though the worker has a case that operators linked and work on."""
    dara, house, family = await console.dara(), console.house, console.house.person()
    number = await a_search(house, family)
    await dara.acts(number, "take")
    if wrote:
        worker = house.person()
        hers = str((await house.in_danger(worker))["number"])
        await house.after(worker.says(WORDS))
        await dara.post(f"/cases/{number}/link", {"other": hers, "reason": "same name"})
        await dara.acts(hers, "take")
        await dara.acts(hers, "resolve", outcome="helped")
        await dara.acts(number, "stage", stage="found")
    heard = []
    for days in (12, 2, 14):
        seen = len(family.messages())
        await house.passes(days=days)
        heard.append([message.text for message in family.messages()[seen:]])

    line = house.says("stands_received", number=number)
    assert heard == [[], [line], [line]]
    assert line in await stands(house, family)


async def test_a_request_that_a_family_waits_for_is_not_finished_in_silence(console: Console) -> None:
    """First it reads "please call us"; it is what it reads from then on."""
    dara, house, family = await console.dara(), console.house, console.house.person()
    number = await a_search(house, family)
    await dara.acts(number, "take")
    await dara.acts(number, "resolve", outcome="helped")
    assert (await house.cases())[0]["state"] == "taken"
    await dara.acts(number, "stage", stage="call_us")
    await dara.acts(number, "resolve", outcome="helped")
    house.clock.put_forward(timedelta(hours=1))

    assert await house.cases() == []
    assert house.says("stands_call_us", number=number) in await stands(house, family)
