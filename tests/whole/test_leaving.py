"""A phone that is not the person's own: the chat is left for good, and who writes there next is a stranger."""

from datetime import timedelta

import pytest

from bot.sandbox import Person
from tests.whole.house import House, ending


async def _leaves(house: House, sokha: Person) -> str:
    """Tell of danger on another's phone, and go; gives the case's number."""
    case = await house.in_danger(sokha)
    await house.after(sokha.says("behind the fish market"))
    await house.chooses(sokha, "not_mine")
    return str(case["number"])


async def test_the_chat_empties_itself_after_three_silent_minutes(house: House) -> None:
    """Not before; then nothing is left on the phone, and nothing new came."""
    sokha = house.person()
    await _leaves(house, sokha)
    await house.passes(seconds=170)
    assert house.step(sokha) == "danger.keep"
    sent = len(sokha.chat.messages)
    await house.passes(seconds=15)

    assert sokha.messages() == []
    assert len(sokha.chat.messages) == sent


async def test_nothing_is_ever_sent_there_again(house: House) -> None:
    """Not after an hour in which nobody came, and no reply: who answers the card is told that nobody is there."""
    sokha = house.person()
    number = await _leaves(house, sokha)
    await house.after(house.dara.says("Where?", chat=house.group, reply_to=house.card(number)))
    await house.passes(minutes=4)
    sent = len(sokha.chat.messages)
    await house.dara.presses(_send(house), message=house.questions()[-1], chat=house.group)
    await house.after(house.dara.says("Are you there?", chat=house.group, reply_to=house.card(number)))
    await house.passes(hours=2)

    assert sokha.messages() == [] and len(sokha.chat.messages) == sent
    told = [message.text for message in house.group.messages() if message.from_bot]
    assert any(house.says("delivery_failed", number=number) in text for text in told)
    assert any(house.says("left_mark") in text for text in told)


def _send(house: House) -> str:
    return ending(house.questions()[-1], "y")


@pytest.mark.parametrize("words", ["/start", "hello, who is this?", "they hit me"])
async def test_who_writes_next_is_a_stranger(house: House, words: str) -> None:
    """They see what anybody sees, and what they write joins no case of before, which goes on with the operators."""
    sokha, stranger = house.person(), house.person("Stranger")
    number = await _leaves(house, sokha)
    await house.passes(minutes=4)
    await house.after(sokha.says(words), stranger.says(words))

    assert [one.text for one in sokha.messages()] == [one.text for one in stranger.messages()]
    assert "they hit me" not in (await house.opened(number)).texts()
    before = next(case for case in await house.cases() if case["number"] == number)
    assert (before["urgency"], before["state"]) == ("P1", "new")


async def test_the_ladder_goes_on(house: House) -> None:
    """Also when the machine was away meanwhile and all that was due comes at once."""
    sokha = house.person()
    number = await _leaves(house, sokha)
    await house.stop()
    house.clock.put_forward(timedelta(minutes=20))
    await house.open()
    await house.settled()

    assert sokha.messages() == []
    assert len([card for card in house.cards(house.dara.chat) if number in card.text]) > 1
