"""The calendar that hiding shows, on a phone: the chosen picture opens help, and an employer sees pages of holidays."""

import pytest

from bot.sandbox import Person
from tests.whole.house import House


async def _chooses_moon(house: House, sokha: Person) -> None:
    await house.in_danger(sokha)
    for choice in ("skip", "skip", "yes", "phone", "moon", "hide"):
        await house.chooses(sokha, choice)


async def test_the_chosen_picture_opens_help(house: House) -> None:
    """The calendar itself becomes the first page; nothing else is left in the chat."""
    sokha = house.person()
    await _chooses_moon(house, sokha)
    assert house.is_innocent(sokha)
    await _presses(house, sokha, "Moon")

    assert house.step(sokha) == "start.menu"
    assert len(sokha.messages()) == 1


@pytest.mark.parametrize("words", ["/start", "start", "ទំព័រដើម"])
async def test_start_shows_the_calendar_again(house: House, words: str) -> None:
    """What anybody knows who has seen a bot before opens nothing."""
    sokha = house.person()
    await _chooses_moon(house, sokha)
    await house.after(sokha.says(words))

    assert [message.from_bot for message in sokha.messages()] == [False, True]
    assert house.screen(sokha).text.startswith(house.says("holidays_title"))


async def test_whoever_tries_all_pictures_turns_pages(house: House) -> None:
    """The chosen one counts only when it is pressed first; the calendar stays one message."""
    sokha = house.person()
    await _chooses_moon(house, sokha)
    for picture in ("Rice", "Rain", "Moon", "Elephant", "Moon"):
        before = house.screen(sokha).text
        await _presses(house, sokha, picture)
        assert house.is_innocent(sokha) and house.screen(sokha).text != before

    await house.after(sokha.says("/start"))
    await _presses(house, sokha, "Moon")
    assert house.step(sokha) == "start.menu"


async def test_nobody_who_chose_none_is_shut_out(house: House) -> None:
    """All pictures turn pages, and start opens help."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.says("hide"))
    await _presses(house, sokha, "Moon")
    assert house.is_innocent(sokha)

    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


async def _presses(house: House, sokha: Person, picture: str) -> None:
    calendar = house.screen(sokha)
    data = next(str(button["callback_data"]) for button in calendar.buttons() if picture in str(button["text"]))
    await house.after(sokha.presses(data, message=calendar))
