"""The machine's clock is set a day forward or back while people are served: nothing is lost, nobody waits for it."""

from datetime import timedelta
from functools import partial

import pytest

from bot.sandbox import Fault
from bot.sandbox.refusals import bad
from bot.service.folding import FEW
from bot.service.pacing import SEVERAL_CHATS
from tests.whole.house import House

DAY = timedelta(days=1)
EITHER_WAY = pytest.mark.parametrize("by", [DAY, -DAY])
LOOKED_AT = "SELECT max(tries) FROM outbox WHERE kind = 'reply'"
WAITING = "SELECT count(*) FROM outbox WHERE state = 'ready'"


async def _recovers(house: House) -> None:
    """Let so much time pass after which everything must go on."""
    await house.passes(seconds=30)


@EITHER_WAY
async def test_who_talks_is_answered_at_once(house: House, by: timedelta) -> None:
    """In the middle of a conversation each act has its screen, and whoever is in danger a card."""
    sokha, mony = house.person(), house.person("Mony")
    await house.asks_for_help(sokha, "yes", "yes")
    house.clock.jump(by)
    await house.presses(sokha, "TH")
    await mony.says("danger")
    await house.box.until(lambda: house.step(sokha) != "help.country")
    await house.box.until(lambda: mony.screen() and house.step(mony) == "danger.place" and house.cards())
    await _recovers(house)

    assert [case["urgency"] for case in await house.cases()] == ["P1"]
    assert await house.store.inbox.aside() == 0


@EITHER_WAY
async def test_a_card_that_waits_goes_on(house: House, by: timedelta) -> None:
    """What Telegram held back when the clock was set is sent soon after."""
    house.box.faults.throttle(house.group.id, 25)
    await house.person().says("danger")
    await house.until(partial(house.count, WAITING))
    house.clock.jump(by)
    house.box.faults.allow(house.group.id)
    await _recovers(house)
    await house.box.until(house.cards)

    assert len(house.cards()) == 1


@EITHER_WAY
async def test_a_pause_of_all_sending_ends(house: House, by: timedelta) -> None:
    """Telegram asked several chats to wait, and so everybody: not for a day."""
    people = [house.person(f"Person {number}") for number in range(SEVERAL_CHATS)]
    for person in people:
        house.box.faults.throttle(person.id, 25)
        await person.says("/start")
    await house.until(partial(_wait, house, len(people)))
    house.clock.jump(by)
    for person in people:
        house.box.faults.allow(person.id)
    await _recovers(house)
    mony = house.person("Mony")
    await mony.says("/start")
    await house.box.until(mony.screen)


async def _wait(house: House, many: int) -> bool:
    return await house.count(WAITING) >= many


@EITHER_WAY
async def test_a_danger_nobody_takes_is_told_again(house: House, by: timedelta) -> None:
    """Whoever is in danger when the clock is set is not forgotten for a day."""
    await house.in_danger(house.person())
    house.clock.jump(by)
    for _ in range(5):
        await house.passes(minutes=1)
    await _recovers(house)

    await house.box.until(lambda: house.cards(house.dara.chat) or house.cards(house.escalation))


@EITHER_WAY
async def test_a_file_that_could_not_be_fetched_is_fetched(house: House, by: timedelta) -> None:
    """A voice note that Telegram could not give when the clock was set can be heard soon after."""
    refusal = bad("wrong file_id or the file is temporarily unavailable")
    house.box.faults.plan(Fault.REFUSED, method="getfile", times=1, refusal=refusal)
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_voice(b"a voice"))
    house.clock.jump(by)
    await _recovers(house)

    assert [item.file for item in (await house.only_case()).items if item.file] == [b"a voice"]


@EITHER_WAY
async def test_a_reply_still_waits_for_the_hours_of_the_person(house: House, by: timedelta) -> None:
    """Evening in Thailand begins at 17: not before, and not tried again and again meanwhile."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH", "skip", "no", "papers", "done")
    while house.step(sokha) != "contact.contact":
        await house.chooses(sokha, "skip")
    for choice in ("hours", "evening", "done"):
        await house.chooses(sokha, choice)
    await house.passes(minutes=11)
    (case,) = await house.cases()
    await house.replies(house.dara, str(case["number"]), "Good evening")
    house.clock.jump(by)
    await _recovers(house)
    await house.until(partial(house.count, LOOKED_AT))
    await house.passes(hours=4, minutes=46)
    assert all("Good evening" not in message.text for message in sokha.messages())
    assert await house.count(LOOKED_AT) < 5

    await house.passes(minutes=4)
    assert any(message.text == "Good evening" for message in sokha.messages())


@EITHER_WAY
async def test_hide_removes_what_came_before(house: House, by: timedelta) -> None:
    """Whatever the clock says of it."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes")
    house.clock.jump(by)
    await sokha.says("hide")
    await house.box.until(lambda: (lies := sokha.screen()) and lies.text.startswith(house.says("holidays_title")))
    await _recovers(house)

    assert house.is_innocent(sokha)


@EITHER_WAY
async def test_the_list_of_many_cards_goes_on(limited: House, by: timedelta) -> None:
    """Who comes after the clock was set gets into the list as soon as anybody else."""
    house = limited
    for number in range(FEW + 1):
        await house.after(house.person(f"Person {number}").sends_voice(b"a voice"))
    house.paced()
    await house.after(house.person("Before").sends_voice(b"a voice"))
    await house.passes(seconds=16)
    house.clock.jump(by)
    await house.after(house.person("Later").sends_voice(b"a voice"))
    await _recovers(house)

    listed = "\n".join(message.text for message in house.group.messages() if message.from_bot)
    assert all(str(case["number"]) in listed for case in await house.cases())


@EITHER_WAY
async def test_people_are_told_of_a_sick_machine(house: House, by: timedelta) -> None:
    """Once in ten minutes; a clock that was set back does not make it once in a day."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    tell = house.helpline.receiver.on_sick
    assert tell is not None
    for jump, times in ((timedelta(), 1), (timedelta(), 1), (by, 2)):
        house.clock.jump(jump)
        await tell([sokha.id])

        assert sum(house.says("static_emergency") in message.text for message in sokha.messages()) == times
