"""What the bot is told, how long it is kept, and who may fetch it."""

import asyncio

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict

from bot.sandbox import Person, Sandbox
from tests.sandbox.conftest import Hands

ONE_BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("ជំនួយ", callback_data="1:help:1")]])


def words(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text if update.message else None for update in updates]


async def test_an_update_is_kept_until_the_offset_confirms_it(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """A bot that dies before it confirms gets the same updates again, in order."""
    await sokha.says("one")
    await sokha.says("two")

    first = await bot.get_updates()
    again = await bot.get_updates()
    after = await bot.get_updates(offset=again[0].update_id + 1)

    assert words(first) == words(again) == ["one", "two"] and words(after) == ["two"]
    assert again[1].update_id == again[0].update_id + 1 and box.pending == 1


async def test_a_long_poll_answers_as_soon_as_something_happens(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Nobody waits for the timeout."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await box.until(lambda: box.polled)

    await sokha.says("now")

    assert words(await asyncio.wait_for(poll, 2)) == ["now"]


async def test_the_limit_is_kept(bot: Bot, sokha: Person) -> None:
    """A batch is as large as asked, at most a hundred."""
    for number in range(105):
        await sokha.says(str(number))

    assert len(await bot.get_updates(limit=3)) == 3 and len(await bot.get_updates(limit=1000)) == 100


async def test_a_negative_offset_keeps_the_newest(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """-1 forgets all but the last."""
    for text in ("one", "two", "three"):
        await sokha.says(text)

    assert words(await bot.get_updates(offset=-1)) == ["three"] and box.pending == 1


async def test_a_second_poller_ends_the_first_with_a_conflict(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Telegram serves the newest poller and tells the other one why."""
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await box.until(lambda: box.polled)
    second = asyncio.create_task(box.world.updates.poll(0, 100, wait=30))

    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 2)
    await sokha.says("mine")

    assert [update.kind for update in await second] == ["message"]


async def test_presses_are_lost_after_150_seconds_and_messages_after_a_day(
    bot: Bot, sokha: Person, clock: Hands
) -> None:
    """An outage loses what Telegram would lose, and nothing else."""
    await bot.send_message(sokha.id, "a", reply_markup=ONE_BUTTON)
    await sokha.says("still here")
    await sokha.presses("ជំនួយ")

    clock.forward(seconds=151)
    after_a_while = await bot.get_updates()
    clock.forward(hours=24)

    assert words(after_a_while) == ["still here"] and await bot.get_updates() == ()


async def test_only_the_kinds_asked_for_are_kept(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """allowed_updates holds until the next call that says otherwise."""
    await bot.get_updates(allowed_updates=["callback_query"])
    await sokha.says("unheard")
    await bot.get_updates(allowed_updates=[])
    await sokha.says("heard")

    assert words(await bot.get_updates()) == ["heard"]


async def test_update_ids_can_jump_anywhere_while_nothing_waits(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """After a quiet week ids start anew, even lower; an old offset then confirms nothing."""
    await sokha.says("one")
    old = (await bot.get_updates())[0].update_id
    await bot.get_updates(offset=old + 1)
    box.jump(to=5)
    await sokha.says("two")

    found = await bot.get_updates(offset=old + 1)

    assert [update.update_id for update in found] == [5]


async def test_ids_do_not_jump_back_over_what_waits(box: Sandbox, sokha: Person) -> None:
    """Confirming by offset would lose the old ones."""
    await sokha.says("one")

    with pytest.raises(ValueError, match="while 1 updates wait"):
        box.jump(to=5)


async def test_every_act_of_a_person_reaches_the_bot_as_the_library_reads_it(bot: Bot, sokha: Person) -> None:
    """Text, command, edit, voice, photo, file, place, contact, press: all parse, with what they carry."""
    await bot.send_message(sokha.id, "a", reply_markup=ONE_BUTTON)
    said = await sokha.says("/start code", reply_to=sokha.screen())
    await sokha.edits(said, "/start other")
    await sokha.sends_voice(b"ogg", duration=7)
    await sokha.sends_photo(b"\xff\xd8jpg", caption="here", album="9")
    await sokha.sends_document("a.pdf", "application/pdf", b"%PDF")
    await sokha.sends_location(13.75, 100.5)
    await sokha.sends_contact("+66810000000")
    await sokha.presses(0)

    text, edit, voice, photo, file, place, contact, press = await bot.get_updates()

    assert text.message and text.message.parse_entities(["bot_command"]) and text.message.reply_to_message
    assert edit.edited_message and edit.edited_message.text == "/start other" and edit.edited_message.edit_date
    assert voice.message and voice.message.voice and voice.message.voice.to_dict()["duration"] == 7
    assert photo.message and photo.message.photo[-1].width == 1280 and photo.message.media_group_id == "9"
    assert file.message and file.message.document and file.message.document.file_name == "a.pdf"
    assert place.message and place.message.location and place.message.location.latitude == 13.75
    assert contact.message and contact.message.contact and contact.message.contact.user_id == sokha.id
    assert press.callback_query and press.callback_query.data == "1:help:1"


async def test_a_live_location_moves_by_edits(bot: Bot, sokha: Person) -> None:
    """Each move is an edited message with the new point."""
    place = await sokha.sends_location(13.0, 100.0, live=900)
    await sokha.moves(place, 13.5, 100.5)
    await sokha.stops_sharing(place)

    _, moved, stopped = await bot.get_updates()

    assert stopped.edited_message and stopped.edited_message.location
    assert stopped.edited_message.location.to_dict() == {"latitude": 13.5, "longitude": 100.5}
    assert moved.edited_message and moved.edited_message.location
    assert moved.edited_message.location.to_dict() == {"latitude": 13.5, "longitude": 100.5, "live_period": 900}


async def test_blocking_and_unblocking_is_told(bot: Bot, sokha: Person) -> None:
    """my_chat_member, as Telegram sends it for private chats."""
    sokha.blocks()
    sokha.unblocks()

    told = [update.my_chat_member for update in await bot.get_updates()]

    assert [(one.old_chat_member.status, one.new_chat_member.status) for one in told if one] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]


async def test_an_injected_update_is_passed_on_as_it_is(bot: Bot, box: Sandbox) -> None:
    """Whatever Telegram may send one day can be tried; only the id is the queue's."""
    update_id = box.inject({"message": {"text": "\ud800"}, "brand_new": {"x": [1]}})

    async with bot:
        raw = await bot.request.post(f"{bot.base_url}/getUpdates")

    assert raw == [{"update_id": update_id, "message": {"text": "\ud800"}, "brand_new": {"x": [1]}}]


async def test_a_long_text_goes_out_in_parts_as_phones_do_it(bot: Bot, sokha: Person) -> None:
    """4097 characters are two messages."""
    await sokha.says("ក" * 4097)

    assert [len(text or "") for text in words(await bot.get_updates())] == [4096, 1]
