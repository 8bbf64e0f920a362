"""What a phone offers and what not, and waiting for what it shows."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox import Person, Sandbox
from bot.sandbox.refusals import NotPossibleError

KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("បាទ", callback_data="1:safe:1"), InlineKeyboardButton("No", callback_data="1:safe:2")],
        [InlineKeyboardButton("Read", url="https://example.org/a")],
    ]
)


@pytest.mark.parametrize("button", ["No", "1:safe:2", 1])
async def test_a_button_is_found_by_label_data_or_number(bot: Bot, sokha: Person, button: str | int) -> None:
    """Stories name the label, faults the data, fuzzers the number."""
    await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)

    await sokha.presses(button)

    press = (await bot.get_updates())[0].callback_query
    assert press and press.data == "1:safe:2"


@pytest.mark.parametrize("button", ["Maybe", 7, "Read"])
async def test_what_is_no_button_of_the_bot_cannot_be_pressed(bot: Bot, sokha: Person, button: str | int) -> None:
    """A missing one says which there are; a link tells the bot nothing."""
    await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)

    with pytest.raises(NotPossibleError):
        await sokha.presses(button)


async def test_a_modified_program_can_press_what_is_not_there(bot: Bot, sokha: Person) -> None:
    """Data can be forged, so the bot must not trust it."""
    await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)

    await sokha.forges("9:nowhere:1")

    press = (await bot.get_updates())[0].callback_query
    assert press and press.data == "9:nowhere:1"


async def test_the_screen_is_the_newest_message_of_the_bot_that_is_left(bot: Bot, sokha: Person) -> None:
    """Deleted ones and the person's own do not count."""
    await bot.send_message(sokha.id, "one")
    two = await bot.send_message(sokha.id, "two")
    await sokha.says("mine")
    await bot.delete_message(sokha.id, two.message_id)

    screen = sokha.screen()
    assert screen is not None and screen.text == "one"


async def test_who_blocked_the_bot_cannot_write_to_it(sokha: Person) -> None:
    """The phone shows a button to unblock first."""
    sokha.blocks()

    with pytest.raises(NotPossibleError, match="unblock it first"):
        await sokha.says("hello")


async def test_a_person_deletes_unheard(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Bots are not told, and find nothing to edit any more."""
    sent = await bot.send_message(sokha.id, "one")
    await sokha.deletes(sokha.chat.messages[sent.message_id])

    assert box.pending == 0 and sokha.screen() is None


async def test_only_own_messages_can_be_edited(bot: Bot, sokha: Person) -> None:
    """The bot's are not theirs."""
    sent = await bot.send_message(sokha.id, "one")

    with pytest.raises(NotPossibleError, match="is not one of person"):
        await sokha.edits(sokha.chat.messages[sent.message_id], "two")


async def test_waiting_ends_with_a_reason(box: Sandbox) -> None:
    """What never becomes true is a failure, not a hang."""
    with pytest.raises(TimeoutError, match="nothing in the sandbox made this true"):
        await box.until(lambda: False, timeout=0.01)


async def test_ids_can_be_chosen_and_are_never_given_twice(box: Sandbox) -> None:
    """Real ids are beyond 32 bits, and a test may want a certain one."""
    chosen = box.add_person("Sokha", id=2**52)
    again = box.add_person("Mary", id=2**52)

    assert (chosen.id, again.id) == (2**52, 2**52 + 1) and box.add_person("Srey").id > 2**32


async def test_anything_telegram_can_carry_can_be_sent(bot: Bot, sokha: Person) -> None:
    """A dice, a poll, whatever comes: written as Telegram writes it."""
    await sokha.sends({"dice": {"emoji": "🎲", "value": 4}})

    message = (await bot.get_updates())[0].message
    assert message and message.dice and message.dice.value == 4
