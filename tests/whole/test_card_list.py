"""Many urgent cards at once become one list in the group; what is stated as danger always has a card of its own."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.sandbox.chats import Message
from tests.whole.house import House, ending

FEW = 5
FOUR_MORE = 4


@pytest.fixture
async def paced(limited: House) -> House:
    """Give a helpline whose sending has its pace, and so its folding."""
    limited.paced()
    return limited


async def _voices(house: House, count: int, name: str = "Person") -> list[Mapping[str, Any]]:
    """Let so many people send a voice note, one after the other; gives their cases."""
    known = {case["number"] for case in await house.cases()}
    for number in range(count):
        await house.after(house.person(f"{name} {number}").sends_voice(b"a voice"))
    return [case for case in await house.cases() if case["number"] not in known]


def _lists(house: House) -> list[Message]:
    """Give the lists lying in the group."""
    sentence = house.says("cards_list").partition("}")[2]
    return [message for message in house.group.messages() if sentence in message.text]


def _numbers(message: Message) -> list[str]:
    """Give the numbers of a list, from the top."""
    return [line.split("  ")[1].split(" · ")[0] for line in message.text.splitlines() if line.startswith(("🔴", "🟠"))]


async def test_few_cards_are_cards(paced: House) -> None:
    """Five in ten minutes are five cards and no list."""
    await _voices(paced, FEW)

    assert (len(paced.cards()), _lists(paced)) == (FEW, [])


async def test_many_cards_become_one_list(paced: House) -> None:
    """From the sixth on they are lines of one list, most urgent and oldest first, kept up to date by edits."""
    house = paced
    cases = await _voices(house, FEW + FOUR_MORE)
    await house.passes(seconds=16)

    (one,) = _lists(house)
    assert len(house.cards()) == FEW
    carded = {card.text.split("  ")[1].split("\n")[0] for card in house.cards()}
    assert _numbers(one) == [case["number"] for case in cases if case["number"] not in carded]
    assert one.text.startswith(_both(house, "cards_list", count=str(FOUR_MORE)))
    assert house.says("card_age", age="0") in one.text
    assert len(await house.cases()) == FEW + FOUR_MORE


def _both(house: House, key: str, **params: str) -> str:
    return " · ".join(house.says(key, language, **params) for language in ("km", "en"))


async def test_stated_danger_is_never_folded_away(paced: House) -> None:
    """It has a card of its own at once, however many wait, and stands at the top of the list, marked."""
    house = paced
    await _voices(house, FEW + 1)
    danger = await house.in_danger(house.person("Urgent"))
    assert house.cards()[-1].text.startswith(f"🔴 P1  {danger['number']}")

    await house.passes(seconds=16)
    await _voices(house, 1, "Late")
    (one,) = _lists(house)
    assert _numbers(one)[0] == danger["number"]
    assert [house.says("stated_danger") in line for line in one.text.splitlines()[1:]] == [True, False, False]


async def test_danger_stated_later_brings_the_card_out_of_the_list(paced: House) -> None:
    """Whoever is only a line and then says that they are in danger gets a card of their own."""
    house = paced
    await _voices(house, FEW)
    sokha = house.person("Sokha")
    await house.after(sokha.sends_voice(b"a voice"))
    (number,) = _numbers(_lists(house)[0])
    await house.after(sokha.says("they hit me"))

    assert house.card(number).text.startswith(f"🔴 P1  {number}")
    assert house.card(number).rows


async def test_a_button_of_the_list_brings_the_card(paced: House) -> None:
    """An operator presses a number, takes the case on its card, and the line is gone."""
    house = paced
    await _voices(house, FEW + 1)
    (number,) = _numbers(_lists(house)[0])
    press = await house.dara.presses(f"l:{number}", message=_lists(house)[0], chat=house.group)
    await house.settled()
    assert (press.answered, _numbers(_lists(house)[0])) == (True, [])

    await house.after(house.desk(house.bopha, "t", number))
    assert [(case["state"], case["assignee"]) for case in await house.cases() if case["number"] == number] == [
        ("taken", "Bopha")
    ]


async def test_a_list_is_kept_up_to_date_after_a_restart(paced: House) -> None:
    """The process that wrote it is gone; whoever is taken out of it is taken out all the same."""
    house = paced
    await _voices(house, FEW + 1)
    (number,) = _numbers(_lists(house)[0])
    await house.restart()
    await house.dara.presses(f"l:{number}", message=_lists(house)[0], chat=house.group)
    await house.settled()

    assert _numbers(_lists(house)[0]) == []


async def test_a_button_pressed_twice_brings_one_card(paced: House) -> None:
    """Nor does it bring one for a case that somebody has taken meanwhile."""
    house = paced
    await _voices(house, FEW + 1)
    one = _lists(house)[0]
    (number,) = _numbers(one)
    data = ending(one, number)
    for operator in (house.dara, house.bopha):
        await house.after(operator.forges(data, message=one))

    assert sum(number in card.text for card in house.cards()) == 1


async def test_only_operators_bring_cards(paced: House) -> None:
    """Somebody in the group who is not listed is told so."""
    house = paced
    await _voices(house, FEW + 1)
    stranger = house.person("Stranger")
    house.group.joins(stranger)
    one = _lists(house)[0]
    press = await stranger.presses(0, message=one, chat=house.group)
    await house.settled()

    assert house.says("not_listed") in press.text
    assert len(house.cards()) == FEW


async def test_a_case_taken_at_its_private_card_leaves_the_list(paced: House) -> None:
    """The ladder of an untaken P1 runs for a line of the list as for any case, and taking it there takes it out."""
    house = paced
    await _voices(house, FEW)
    number = await _folded_p1(house)
    await house.passes(minutes=5)
    private = next(card for card in house.cards(house.dara.chat) if number in card.text)
    await house.after(house.dara.presses(0, message=private))

    assert _numbers(_lists(house)[-1]) == []


async def _folded_p1(house: House) -> str:
    """Let somebody write who is urgent by two signs together, of which none is stated danger."""
    await house.after(house.person("Minor").says("I am 15 years old. My boss keeps my passport"))
    (one,) = _lists(house)
    assert "🔴 P1" in one.text and house.says("stated_danger") not in one.text
    (number,) = _numbers(one)
    return number


async def test_a_list_that_scrolled_away_is_sent_anew(paced: House) -> None:
    """An edit rings nobody's phone: after ten minutes new cases bring a new list, and the old one goes."""
    house = paced
    await _voices(house, FEW + 1)
    (old,) = _lists(house)
    for minute in range(3):
        await house.passes(minutes=4)
        await _voices(house, 2, f"Minute {minute}")
    await house.passes(seconds=16)

    (new,) = _lists(house)
    assert (old.deleted, new.id != old.id) == (True, True)


async def test_a_crash_between_card_and_list_loses_no_case(paced: House) -> None:
    """A card is given up only when its case is in a list that Telegram took."""
    house = paced
    await _voices(house, FEW + 1)
    house.box.faults.switch(down=True)
    await house.person("Late").sends_voice(b"a voice")
    house.box.faults.switch(down=False)
    await house.passes(seconds=2)
    await house.restart(clean=False)
    await house.passes(seconds=61)

    shown = "\n".join(message.text for message in house.group.messages())
    assert [case["number"] for case in await house.cases() if case["number"] not in shown] == []
