"""What Telegram refuses, the sandbox refuses: same code, same words, same class in the real library."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.sandbox import Person, Sandbox
from tests.sandbox.conftest import Hands

Act = Callable[[Bot, int], Awaitable[object]]


def button(**kind: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("a", **kind)]])  # type: ignore[arg-type]  # any one kind


def raw_button(chat: int, keyboard: object) -> dict[str, object]:
    return {"chat_id": chat, "text": "a", "reply_markup": {"inline_keyboard": keyboard}}


REFUSED: list[tuple[str, Act, str]] = [
    ("empty", lambda bot, chat: bot.send_message(chat, ""), "Message text is empty"),
    ("only spaces", lambda bot, chat: bot.send_message(chat, " \n\u200b"), "Text must be non-empty"),
    ("4097 letters", lambda bot, chat: bot.send_message(chat, "a" * 4097), "Message is too long"),
    ("2049 emoji", lambda bot, chat: bot.send_message(chat, "😀" * 2049), "Message is too long"),
    ("long caption", lambda bot, chat: bot.send_photo(chat, b"a", caption="a" * 1025), "Message caption is too long"),
    (
        "data of 65 bytes",
        lambda bot, chat: bot.send_message(chat, "a", reply_markup=button(callback_data="ក" * 21 + "aa")),
        "Button_data_invalid",
    ),
    (
        "a link to this machine",
        lambda bot, chat: bot.send_message(chat, "a", reply_markup=button(url="http://localhost:8808")),
        "Inline keyboard button url 'http://localhost:8808' is invalid: wrong http url",
    ),
    (
        "open tag",
        lambda bot, chat: bot.send_message(chat, "<b>a", parse_mode="HTML"),
        "Can't parse entities: can't find end tag corresponding to start tag \"b\"",
    ),
    (
        "unknown tag",
        lambda bot, chat: bot.send_message(chat, "ក <script>", parse_mode="HTML"),
        'Can\'t parse entities: unsupported start tag "script" at byte offset 4',
    ),
    (
        "answering nothing",
        lambda bot, chat: bot.send_message(chat, "a", reply_parameters=ReplyParameters(99)),
        "Message to be replied not found",
    ),
    ("an unknown chat", lambda bot, chat: bot.send_message(77, "a"), "Chat not found"),
    ("a name", lambda bot, chat: bot.send_message("@nobody", "a"), "Chat not found"),
    ("editing nothing", lambda bot, chat: bot.edit_message_text("a", chat, 99), "Message to edit not found"),
    ("editing theirs", lambda bot, chat: bot.edit_message_text("a", chat, 1), "Message can't be edited"),
    ("deleting nothing", lambda bot, chat: bot.delete_message(chat, 99), "Message to delete not found"),
    (
        "deleting 101",
        lambda bot, chat: bot.delete_messages(chat, list(range(1, 102))),
        "Too many message identifiers specified",
    ),
    ("copying nothing", lambda bot, chat: bot.copy_message(chat, chat, 99), "Message to copy not found"),
    (
        "an unknown press",
        lambda bot, chat: bot.answer_callback_query("1"),
        "Query is too old and response timeout expired or query id is invalid",
    ),
    ("an unknown file", lambda bot, chat: bot.get_file("nothing"), "Invalid file_id"),
    (
        "sending an unknown file",
        lambda bot, chat: bot.send_voice(chat, "nothing"),
        "Wrong file identifier/http url specified",
    ),
    ("an empty file", lambda bot, chat: bot.send_voice(chat, b""), "File must be non-empty"),
    ("a wrong action", lambda bot, chat: bot.send_chat_action(chat, "juggling"), "Wrong parameter action in request"),
]


@pytest.mark.parametrize(("act", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_a_bad_request_is_refused_in_telegrams_words(bot: Bot, sokha: Person, act: Act, words: str) -> None:
    """The library raises BadRequest with Telegram's description."""
    with pytest.raises(BadRequest) as refused:
        await act(bot, sokha.id)

    assert refused.value.message.lower() == words.lower()


async def test_the_limits_themselves_are_allowed(bot: Bot, sokha: Person) -> None:
    """4096 units, a caption of 1024 and data of 64 bytes pass."""
    await bot.send_message(sokha.id, "😀" * 2048, reply_markup=button(callback_data="ក" * 21 + "a"))
    await bot.send_photo(sokha.id, b"a", caption="a" * 1024)

    assert len(sokha.messages()) == 3


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, sokha: Person) -> None:
    """The same text and buttons are "not modified"."""
    sent = await bot.send_message(sokha.id, "a", reply_markup=button(callback_data="1"))

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("a", sokha.id, sent.message_id, reply_markup=button(callback_data="1"))


async def test_a_text_cannot_be_put_into_a_photo(bot: Bot, sokha: Person) -> None:
    """editMessageText needs a text to edit; a caption has its own method."""
    sent = await bot.send_photo(sokha.id, b"a", caption="one")

    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("two", sokha.id, sent.message_id)
    await bot.edit_message_caption(sokha.id, sent.message_id, caption="two")

    assert sokha.messages()[-1].text == "two"


async def test_after_48_hours_nothing_can_be_deleted(bot: Bot, sokha: Person, clock: Hands) -> None:
    """One old message among others keeps the whole call from deleting."""
    old = await bot.send_message(sokha.id, "old")
    clock.forward(hours=49)
    young = await bot.send_message(sokha.id, "young")

    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_messages(sokha.id, [young.message_id, old.message_id])

    assert [message.text for message in sokha.messages()] == ["/start", "old", "young"]


async def test_a_press_can_be_answered_for_150_seconds(bot: Bot, sokha: Person, clock: Hands) -> None:
    """A later answer is too old."""
    await bot.send_message(sokha.id, "a", reply_markup=button(callback_data="1"))
    press = await sokha.presses("a")
    clock.forward(seconds=151)

    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(press.id)


async def test_a_person_who_blocked_the_bot_cannot_be_written_to(bot: Bot, sokha: Person) -> None:
    """Sends and edits are forbidden, until the bot is unblocked."""
    sent = await bot.send_message(sokha.id, "a")
    sokha.blocks()

    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(sokha.id, "b")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.edit_message_text("b", sokha.id, sent.message_id)
    sokha.unblocks()

    assert (await bot.send_message(sokha.id, "b")).text == "b"


async def test_a_person_who_never_started_the_bot_cannot_be_written_to(bot: Bot, box: Sandbox) -> None:
    """A bot cannot begin."""
    stranger = box.add_person("Mary")

    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(stranger.id, "a")


async def test_a_deleted_account_cannot_be_written_to(bot: Bot, sokha: Person) -> None:
    """The bot learns it when it writes."""
    sokha.leaves_telegram()

    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(sokha.id, "a")


async def test_a_wrong_token_opens_nothing(box: Sandbox, http: aiohttp.ClientSession) -> None:
    """Well formed it is unauthorised, otherwise nothing is found there."""
    async with http.get("/bot1:wrong/getMe") as wrong, http.get("/botwrong/getMe") as malformed:
        said = (await wrong.json())["description"], (await malformed.json())["description"]

    assert said == ("Unauthorized", "Not Found")
    stranger = Bot("1:wrong", base_url=f"{box.root}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


async def test_an_unknown_method_is_not_found(box: Sandbox, http: aiohttp.ClientSession) -> None:
    """404, as at Telegram."""
    async with http.post(f"/bot{box.token}/sendNonsense") as answer:
        assert await answer.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}


@pytest.mark.parametrize(
    ("keyboard", "words"),
    [
        ([[{"text": "a"}]], "Text buttons are unallowed in the inline keyboard"),
        ([[{"text": "a", "callback_data": ""}]], "Text buttons are unallowed in the inline keyboard"),
        ([[{"text": "", "callback_data": "1"}]], "inline keyboard button text must be non-empty"),
        ([["a"]], "InlineKeyboardButton must be an Object"),
        (["a"], "must be an Array of Arrays"),
        ([[{"text": "a", "callback_data": "1"}] * 101], "reply markup is too long"),
    ],
)
async def test_a_malformed_keyboard_is_refused(
    box: Sandbox, http: aiohttp.ClientSession, sokha: Person, keyboard: object, words: str
) -> None:
    """Keyboards the library itself would not send are refused too."""
    async with http.post(f"/bot{box.token}/sendMessage", json=raw_button(sokha.id, keyboard)) as answer:
        assert answer.status == 400 and words in (await answer.json())["description"]


async def test_every_refusal_leaves_everything_as_it_was(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """A refused call has no effect and is written down as refused."""
    for _, act, _ in REFUSED:
        with pytest.raises(TelegramError):
            await act(bot, sokha.id)

    assert [message.text for message in sokha.messages()] == ["/start"]
    assert {call.outcome for call in box.calls if call.method != "getme"} == {"refused"}
