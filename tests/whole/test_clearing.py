"""Little to find: what people send disappears from their chat once it is sealed, and everything else within a day."""

import pytest

from bot.sandbox import Fault, Person
from tests.whole.house import House


def _theirs(person: Person) -> list[str]:
    """Give what the person's own messages say that still lie in the chat; a file says its kind."""
    kinds = ("voice", "photo", "document", "location")
    mine = (message for message in person.messages() if not message.from_bot)
    return [one.text or next(kind for kind in kinds if kind in one.content) for one in mine]


async def test_words_disappear_after_it_was_said(house: House) -> None:
    """The answer to the first of them says so; a moment later they are gone, and the case has them."""
    sokha = house.person()
    await house.in_danger(sokha)
    await house.after(sokha.says("please look at this"))
    assert house.shows(sokha, "messages_go")
    assert "please look at this" in _theirs(sokha)
    await house.after(sokha.says("and at this"))
    await house.passes(seconds=15)

    assert not house.shows(sokha, "messages_go")
    assert _theirs(sokha) == ["/start"]
    assert (await house.only_case()).texts() == ["please look at this", "and at this"]


async def test_a_voice_note_stays_until_it_was_fetched(house: House) -> None:
    """A file that Telegram does not give out yet is still in the chat, and goes once it is sealed."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    house.box.faults.plan(Fault.ERROR, method="getfile", times=4)
    await house.after(sokha.sends_voice(b"a voice"))
    await house.passes(seconds=12)
    assert "voice" in _theirs(sokha)
    for _ in range(5):
        await house.passes(minutes=5)

    assert _theirs(sokha) == ["/start"]
    assert (await house.only_case()).items[0].file == b"a voice"


async def test_a_picture_stays_until_there_is_another_copy(house: House) -> None:
    """It may be a paper, and their only copy: it goes when they say so."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_photo(b"a paper"))
    assert house.shows(sokha, "copy_asked")
    await house.passes(hours=1)
    assert _theirs(sokha) == ["/start", "photo"]
    await house.chooses(sokha, "remove")
    await house.passes(seconds=10)

    assert _theirs(sokha) == []
    assert (await house.only_case()).items[0].file == b"a paper"


async def test_hide_asks_nobody(house: House) -> None:
    """Somebody is coming: pictures go with everything else."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_photo(b"a paper"), sokha.says("hide"))

    assert house.is_innocent(sokha)


@pytest.mark.parametrize("way", ["open", "hidden", "restarted"])
async def test_within_a_day_everything_goes(house: House, way: str) -> None:
    """Screens, an operator's reply, pictures, what came while hidden, the calendar: and nothing is sent for it."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.replies(house.dara, case["number"], "We are coming")
    await house.after(sokha.sends_photo(b"a paper"))
    if way == "hidden":
        await house.after(sokha.says("hide"), sokha.says("hello"))
    if way == "restarted":
        await house.restart(clean=False)
    there = len(sokha.chat.messages)
    await house.passes(hours=22)
    assert sokha.messages()
    await house.passes(hours=2)

    assert sokha.messages() == []
    assert len(sokha.chat.messages) == there
    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


async def test_what_telegram_will_not_delete_now_is_tried_again(house: House) -> None:
    """A failed call, and a process that died, forget nothing: the ledger knows."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.says("please look at this"))
    house.box.faults.plan(Fault.ERROR, method="deletemessages", chat=sokha.id)
    await house.passes(seconds=15)
    assert "please look at this" in _theirs(sokha)
    await house.restart(clean=False)
    await house.passes(minutes=1)

    assert _theirs(sokha) == ["/start"]


async def test_a_place_that_is_still_shared_is_not_cut_off(house: House) -> None:
    """To delete it would end the sharing; it goes within a day."""
    sokha = house.person()
    await house.in_danger(sokha)
    await house.after(sokha.says("here"), sokha.sends_location(13.7, 100.5, live=3600))
    await house.passes(minutes=5)
    assert _theirs(sokha) == ["/start", "location"]
