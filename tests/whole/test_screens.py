"""A conversation owns one message: a press edits it, any other answer sends a new one and removes the old one."""

from bot.sandbox import Fault, Person
from tests.whole.house import House


def _screens(person: Person) -> list[int]:
    return [message.id for message in person.messages() if message.from_bot]


async def test_a_press_edits_the_screen(house: House) -> None:
    """The next question stands where the last one stood."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    before = _screens(sokha)
    await house.chooses(sokha, "yes")

    assert _screens(sokha) == before
    assert house.step(sokha) == "help.keep"


async def test_a_typed_answer_moves_the_screen_below_it(house: House) -> None:
    """The new question stands below what was written, and the old one is gone."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    await house.after(sokha.says("yes"))

    assert house.step(sokha) == "help.keep"
    assert len(_screens(sokha)) == 1
    assert sokha.messages()[-1].from_bot


async def test_a_screen_that_was_deleted_is_sent_anew(house: House) -> None:
    """An edit that fails becomes a send: the person deleted the message between press and answer."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    screen = house.screen(sokha)
    await house.presses(sokha, "yes")
    await sokha.deletes(screen)
    await house.settled()

    assert house.step(sokha) == "help.keep"
    assert len(_screens(sokha)) == 1


async def test_twenty_presses_of_one_button_are_one_step(house: House) -> None:
    """Whoever hammers a button goes one question on, not twenty."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    await house.together(*(house.presses(sokha, "yes") for _ in range(20)))

    assert house.step(sokha) == "help.keep"
    assert len(_screens(sokha)) == 1


async def test_a_press_on_an_old_screen_shows_the_present_one(house: House) -> None:
    """Of two screens that a failed deletion left, the one pressed becomes the present one and the other goes."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    old = house.screen(sokha)
    house.box.faults.plan(Fault.ERROR, method="deletemessages")
    await sokha.says("yes")
    await house.eventually(lambda: house.step(sokha) == "help.keep")
    await house.after(sokha.forges("!none", message=house.screen(sokha)))

    assert len(_screens(sokha)) == 1
    assert old.deleted
    assert house.step(sokha) == "help.keep"


async def test_an_old_screen_that_could_not_be_deleted_is_deleted_later(house: House) -> None:
    """A question that Telegram would not take back just then does not stay on the phone."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    old = house.screen(sokha)
    house.box.faults.plan(Fault.ERROR, method="deletemessages", times=2)
    await sokha.says("yes")
    await house.box.until(lambda: [call for call in house.box.calls if call.outcome == "error"])
    await house.passes(seconds=3)

    assert old.deleted
    assert house.step(sokha) == "help.keep"


async def test_every_press_is_answered(house: House) -> None:
    """No phone is left waiting with a turning wheel, whatever was pressed."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    for data in ("!hide", "0:nothing:0", "!none", "x"):
        press = await sokha.forges(data)
        await house.settled()
        assert press.answered, data
