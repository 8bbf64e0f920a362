"""What the real library sends, and what people then have on their phones."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ReplyParameters

from bot.sandbox import Person, Sandbox

KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("បាទ", callback_data="1:safe:1")], [InlineKeyboardButton("Hide", callback_data="!hide")]]
)


async def test_the_bot_is_who_its_token_says(bot: Bot, box: Sandbox) -> None:
    """getMe, which every start of the bot calls, gives the id in the token."""
    me = await bot.get_me()

    assert (me.id, me.is_bot) == (int(box.token.split(":")[0]), True)


async def test_a_sent_text_is_on_the_phone(bot: Bot, sokha: Person) -> None:
    """What sendMessage returns is what the person sees."""
    sent = await bot.send_message(sokha.id, "តើអ្នកមានសុវត្ថិភាពទេ?", reply_markup=KEYBOARD, protect_content=True)

    screen = sokha.screen()
    assert screen is not None and screen.id == sent.message_id
    assert (screen.text, screen.labels) == ("តើអ្នកមានសុវត្ថិភាពទេ?", [["បាទ"], ["Hide"]])
    assert sent.has_protected_content and sent.reply_markup == KEYBOARD


async def test_an_answer_names_the_message_it_answers(bot: Bot, sokha: Person) -> None:
    """Both reply_parameters and what comes back point at the message."""
    first = sokha.messages()[0]

    sent = await bot.send_message(sokha.id, "yes", reply_parameters=ReplyParameters(first.id))

    assert sent.reply_to_message is not None and sent.reply_to_message.message_id == first.id


async def test_formatting_becomes_entities(bot: Bot, sokha: Person) -> None:
    """Tags are not shown, and offsets count UTF-16 units."""
    sent = await bot.send_message(sokha.id, "😀 <b>ជំនួយ</b> &amp; <i>help</i>", parse_mode="HTML")

    assert sent.text == "😀 ជំនួយ & help"
    assert [(entity.type, sent.parse_entity(entity)) for entity in sent.entities] == [
        ("bold", "ជំនួយ"),
        ("italic", "help"),
    ]


async def test_an_edit_replaces_text_and_buttons(bot: Bot, sokha: Person) -> None:
    """One screen becomes the next, and buttons that are not sent again go."""
    sent = await bot.send_message(sokha.id, "one", reply_markup=KEYBOARD)

    await bot.edit_message_text("two", chat_id=sokha.id, message_id=sent.message_id)

    screen = sokha.screen()
    assert screen is not None and (screen.id, screen.text, screen.labels) == (sent.message_id, "two", [])


async def test_buttons_can_be_taken_away_alone(bot: Bot, sokha: Person) -> None:
    """editMessageReplyMarkup leaves the text."""
    sent = await bot.send_message(sokha.id, "one", reply_markup=KEYBOARD)

    await bot.edit_message_reply_markup(sokha.id, sent.message_id)

    screen = sokha.screen()
    assert screen is not None and (screen.text, screen.labels) == ("one", [])


async def test_the_bot_deletes_both_sides_messages_in_a_private_chat(bot: Bot, sokha: Person) -> None:
    """Hide can clear a chat; ids that are not there are skipped."""
    sent = await bot.send_message(sokha.id, "one")
    said = await sokha.says("two")

    await bot.delete_messages(sokha.id, [said.id, sent.message_id, 4000])

    assert [message.text for message in sokha.messages()] == ["/start"]


@pytest.mark.parametrize("kind", ["voice", "photo", "document", "video", "audio"])
async def test_an_upload_arrives_and_can_be_sent_again_by_its_id(bot: Bot, sokha: Person, kind: str) -> None:
    """Files go up as multipart, and their ids stay good."""
    send = getattr(bot, f"send_{kind}")
    sent = await send(sokha.id, InputFile(b"\x89bytes", filename="a.bin"), caption="ខ្មែរ")
    file = sent.photo[-1] if kind == "photo" else getattr(sent, kind)

    again = await send(sokha.id, file.file_id)

    assert sent.caption == "ខ្មែរ"
    assert (again.photo[-1] if kind == "photo" else getattr(again, kind)).file_id == file.file_id


async def test_a_copy_carries_the_content_and_not_the_sender(bot: Bot, sokha: Person) -> None:
    """copyMessage gives only an id, and the copy is the bot's own."""
    said = await sokha.sends_photo(b"picture", caption="look")

    copied = await bot.copy_message(sokha.id, sokha.id, said.id)

    screen = sokha.screen()
    assert screen is not None and (screen.id, screen.text) == (copied.message_id, "look")
    assert "forward_origin" not in screen.content


async def test_a_press_is_answered_with_a_toast(bot: Bot, sokha: Person) -> None:
    """The person sees what answerCallbackQuery says."""
    await bot.send_message(sokha.id, "one", reply_markup=KEYBOARD)
    press = await sokha.presses("Hide")

    await bot.answer_callback_query(press.id, "done", show_alert=True)

    assert [(toast.text, toast.alert) for toast in sokha.toasts] == [("done", True)]


async def test_what_people_see_of_the_bot_can_be_set(bot: Bot) -> None:
    """Commands, name and descriptions are kept and given back."""
    await bot.set_my_commands([("start", "ចាប់ផ្តើម")])
    await bot.set_my_description("who reads this")

    assert [command.command for command in await bot.get_my_commands()] == ["start"]
    assert (await bot.get_my_description()).description == "who reads this"


async def test_a_chat_can_be_looked_up(bot: Bot, sokha: Person) -> None:
    """The library parses what getChat and getChatMember give."""
    chat = await bot.get_chat(sokha.id)
    member = await bot.get_chat_member(sokha.id, sokha.id)

    assert (chat.first_name, chat.type, member.status) == ("Sokha", "private", "member")
    assert await bot.get_chat_member_count(sokha.id) == 2
    assert await bot.send_chat_action(sokha.id, "typing")


async def test_message_ids_count_within_a_chat(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Two chats have the same message ids, so that nobody mistakes one for a global key."""
    mary = box.add_person("Mary")
    await mary.says("/start")

    first = await bot.send_message(sokha.id, "a")
    second = await bot.send_message(mary.id, "b")

    assert first.message_id == second.message_id
