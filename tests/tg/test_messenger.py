"""What people get when the messenger is asked to send, and what its refusals mean, over HTTP against the sandbox."""

from base64 import b64encode
from contextlib import suppress

import pytest

from bot.core.events import Attachment
from bot.core.render import Button, Message
from bot.core.sending import Failure
from bot.core.values import MediaKind
from bot.sandbox import Person, Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.refusals import bad, migrated
from bot.service.messaging import Messenger, SendFailed, Standing
from bot.tg.messenger import TelegramMessenger
from tests.tg.conftest import Hands

BUTTONS = ((Button(text="លាក់", data="!hide"), Button(text="Back", data="3:start.menu:back")),)
SCREEN = Message(text="តើអ្នកនៅប្រទេសណា? <b>&amp; *_`[x](http://a.b)", rows=BUTTONS)


async def failure(work: object) -> tuple[Failure, bool]:
    """Await a send that must fail."""
    with pytest.raises(SendFailed) as caught:
        await work  # type: ignore[misc]  # a coroutine of any result
    return caught.value.failure, caught.value.missing


async def test_a_screen_arrives_as_it_was_rendered(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """Words stay words whatever is in them, buttons carry their data, and nothing of it can be forwarded."""
    port: Messenger = messenger
    number = await port.send(sokha.id, SCREEN)

    message = sokha.screen()
    assert message is not None and (message.id, message.text) == (number, SCREEN.text)
    assert [button["callback_data"] for button in message.buttons()] == ["!hide", "3:start.menu:back"]
    assert message.protected and "parse_mode" not in box.calls[-1].params
    assert box.calls[-1].params["link_preview_options"] == {"is_disabled": True}


async def test_an_answer_names_what_it_answers(messenger: TelegramMessenger, sokha: Person) -> None:
    """A line below a card hangs on the card, and still arrives when the card is gone."""
    card = await messenger.send(sokha.id, Message(text="card"))
    await messenger.send(sokha.id, Message(text="below"), reply_to=card)
    await messenger.send(sokha.id, Message(text="alone"), reply_to=999_999)

    assert [message.reply_to for message in sokha.messages()[-2:]] == [card, None]


async def test_an_edit_replaces_words_and_buttons(messenger: TelegramMessenger, sokha: Person) -> None:
    """A message edited without buttons has none; its buttons can be changed alone."""
    number = await messenger.send(sokha.id, SCREEN)
    await messenger.edit(sokha.id, number, Message(text="next"))
    edited = sokha.messages()[-1]
    assert (edited.text, list(edited.buttons())) == ("next", [])

    await messenger.edit_buttons(sokha.id, number, BUTTONS)
    assert (edited.text, edited.labels) == ("next", [["លាក់", "Back"]])
    await messenger.edit_buttons(sokha.id, number, ())
    assert edited.labels == []


async def test_an_edit_of_what_is_gone_is_told_from_an_edit_of_nothing(
    messenger: TelegramMessenger, sokha: Person
) -> None:
    """Only the first leaves a person without a screen."""
    number = await messenger.send(sokha.id, SCREEN)

    assert await failure(messenger.edit(sokha.id, number, SCREEN)) == ("nothing", False)
    assert await failure(messenger.edit(sokha.id, 999_999, SCREEN)) == ("nothing", True)


@pytest.mark.parametrize(("text", "fits"), [("ក" * 4096, True), ("ក" * 4097, False), ("😀" * 2049, False)])
async def test_a_text_over_the_limit_is_not_even_tried(
    text: str, fits: bool, messenger: TelegramMessenger, box: Sandbox, sokha: Person
) -> None:
    """Telegram counts UTF-16 units; what cannot pass is our own fault and is said before it goes out."""
    box.calls.clear()
    with suppress(SendFailed):
        await messenger.send(sokha.id, Message(text=text))

    assert len(box.calls) == fits
    if not fits:
        assert await failure(messenger.edit(sokha.id, 1, Message(text=text))) == ("malformed", False)


@pytest.mark.parametrize(
    ("came_as", "kind", "method"),
    [
        ("voice", "voice", "sendvoice"),
        ("audio", "voice", "sendaudio"),
        ("photo", "photo", "sendphoto"),
        ("document", "document", "senddocument"),
        ("video", "video", "sendvideo"),
        ("video_note", "video", "sendvideonote"),
    ],
)
async def test_a_file_goes_on_by_its_reference(
    came_as: str, kind: MediaKind, method: str, messenger: TelegramMessenger, box: Sandbox, sokha: Person
) -> None:
    """What an operator sent reaches the person as what it was, protected, with the hide button under it."""
    sent = await sokha.sends_file(came_as, b"\xff\xd8content")
    given = sent.content[came_as]
    file = (given[-1] if isinstance(given, list) else given)["file_id"]

    number = await messenger.send_file(sokha.id, Attachment(file=file, kind=kind), "", BUTTONS)

    message = sokha.messages()[-1]
    assert (message.id, box.calls[-1].method, came_as in message.content) == (number, method, True)
    assert message.protected and message.labels == [["លាក់", "Back"]]


async def test_a_voice_that_was_made_here_is_uploaded(
    messenger: TelegramMessenger, box: Sandbox, sokha: Person
) -> None:
    """As what it is, as long as it is, protected, with the hide button and the words under it."""
    content = b64encode(b"OggS of a voice").decode()
    voice = Attachment(file="", kind="voice", mime="audio/ogg", duration=7, content=content)
    number = await messenger.send_file(sokha.id, voice, "ជំរាបសួរ", BUTTONS)
    message = sokha.messages()[-1]
    given = message.content["voice"]
    downloaded = b"".join([chunk async for chunk in messenger.download(given["file_id"])])

    assert (message.id, box.calls[-2].method, given["duration"]) == (number, "getfile", 7)
    assert (given["mime_type"], downloaded) == ("audio/ogg", b"OggS of a voice")
    assert message.content["caption"] == "ជំរាបសួរ" and message.protected and message.labels == [["លាក់", "Back"]]


async def test_words_under_a_file_are_never_lost(messenger: TelegramMessenger, sokha: Person) -> None:
    """They go with the file, or the whole is refused and returns to the operator."""
    photo = (await sokha.sends_photo(b"\xff\xd8")).content["photo"][-1]["file_id"]
    note = (await sokha.sends_file("video_note", b"x")).content["video_note"]["file_id"]

    await messenger.send_file(sokha.id, Attachment(file=photo, kind="photo"), "ជំរាបសួរ", ())
    assert sokha.messages()[-1].content["caption"] == "ជំរាបសួរ"
    wordless = messenger.send_file(sokha.id, Attachment(file=note, kind="video"), "x", ())
    assert await failure(wordless) == ("malformed", False)
    too_long = messenger.send_file(sokha.id, Attachment(file=photo, kind="photo"), "ក" * 1025, ())
    assert await failure(too_long) == ("malformed", False)


async def test_everything_is_deleted_in_hundreds(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """Hide needs few calls, and what is gone already is no obstacle."""
    sent = [await messenger.send(sokha.id, Message(text=str(number))) for number in range(3)]
    box.calls.clear()

    assert await messenger.delete(sokha.id, [*sent, *range(10_000, 10_200)]) == ()
    assert [call.method for call in box.calls] == ["deletemessages"] * 3
    assert not {message.id for message in sokha.messages()} & set(sent)


async def test_what_is_too_old_is_told_and_saves_nothing_else(
    messenger: TelegramMessenger, sokha: Person, clock: Hands
) -> None:
    """One message past 48 hours makes Telegram refuse the whole call; the others are deleted all the same."""
    old = await messenger.send(sokha.id, Message(text="old"))
    clock.forward(hours=49)
    new = await messenger.send(sokha.id, Message(text="new"))

    assert await messenger.delete(sokha.id, [old, new, 999_999]) == (old,)
    assert sokha.messages()[-1].id == old


async def test_a_press_is_answered_once_in_time(messenger: TelegramMessenger, sokha: Person, clock: Hands) -> None:
    """A toast shows; a press too old to be answered is nobody's error."""
    await messenger.send(sokha.id, SCREEN)
    press = await sokha.presses("!hide")
    await messenger.answer(press.id, "ok", alert=True)
    assert [(toast.text, toast.alert) for toast in sokha.toasts] == [("ok", True)]

    late = await sokha.presses("!hide")
    clock.forward(seconds=200)
    await messenger.answer(late.id, "late")
    assert len(sokha.toasts) == 1


async def test_a_file_is_fetched_whole(messenger: TelegramMessenger, sokha: Person) -> None:
    """What a person sent is streamed; nothing is kept."""
    sent = await sokha.sends_voice(b"OggS" * 50_000)

    chunks = [chunk async for chunk in messenger.download(sent.content["voice"]["file_id"])]

    assert b"".join(chunks) == b"OggS" * 50_000


async def fetch(messenger: TelegramMessenger, file: str) -> int:
    return sum([len(chunk) async for chunk in messenger.download(file)])


async def test_a_file_that_cannot_be_fetched_is_told_from_one_that_cannot_yet(
    messenger: TelegramMessenger, box: Sandbox, sokha: Person
) -> None:
    """Too large stays too large; what is away for now, or broke off, is tried again."""
    large = await sokha.sends_document("a.zip", "application/zip", b"x", size=21 << 20)
    away = await sokha.sends_voice(b"x" * 200_000)
    broken = away.content["voice"]["file_id"]

    assert await failure(fetch(messenger, large.content["document"]["file_id"])) == ("malformed", False)
    assert await failure(fetch(messenger, "no-such-file")) == ("malformed", False)
    for fault, times in ((Fault.RESET, 2), (Fault.ERROR, 1), (Fault.TRUNCATED, 1), (Fault.LOST, 1)):
        box.faults.plan(fault, method="file", times=times)  # a reset is tried once more by the connection itself
        assert await failure(fetch(messenger, broken)) == ("busy", False)
    box.faults.plan(Fault.LOST, method="getFile")
    assert await failure(fetch(messenger, broken)) == ("busy", False)
    box.world.files.lose(broken)
    assert await failure(fetch(messenger, broken)) == ("busy", False)


async def test_the_bot_knows_itself(messenger: TelegramMessenger, box: Sandbox) -> None:
    """Its id and username make start links."""
    assert await messenger.name() == (box.world.bot.id, box.world.bot.username)


async def test_a_strange_group_is_left(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """After leaving nothing can be sent there."""
    group = box.add_group("Strangers", [sokha])
    await messenger.leave(group.id)

    assert await failure(messenger.send(group.id, SCREEN)) == ("gone", False)


async def test_every_kind_of_trouble_has_its_meaning(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """Each answer of Telegram becomes the failure that the send policy decides on."""
    troubles: list[tuple[Fault, Failure]] = [
        (Fault.RESET, "unknown"),
        (Fault.LOST, "unknown"),
        (Fault.TRUNCATED, "unknown"),
        (Fault.ERROR, "busy"),
    ]
    for fault, expected in troubles:
        box.faults.plan(fault)
        assert await failure(messenger.send(sokha.id, SCREEN)) == (expected, False)
    assert await failure(messenger.send(77_777, SCREEN)) == ("gone", False)
    sokha.blocks()
    assert await failure(messenger.send(sokha.id, SCREEN)) == ("blocked", False)
    sokha.leaves_telegram()
    assert await failure(messenger.send(sokha.id, SCREEN)) == ("gone", False)
    box.faults.revoked = True
    assert await failure(messenger.send(sokha.id, SCREEN)) == ("revoked", False)


async def test_what_the_policy_needs_comes_along(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """How long to wait, and where a group has gone."""
    box.faults.throttle(sokha.id, 7)
    with pytest.raises(SendFailed) as told_to_wait:
        await messenger.send(sokha.id, SCREEN)
    box.faults.allow(sokha.id)
    box.faults.plan(Fault.REFUSED, refusal=migrated(-100_555))
    with pytest.raises(SendFailed) as moved:
        await messenger.delete(-5, [1])

    assert (told_to_wait.value.failure, told_to_wait.value.after) == ("wait", 7)
    assert (moved.value.failure, moved.value.chat) == ("moved", -100_555)


async def test_a_refused_deletion_is_a_failure_only_if_it_was_none_of_the_known(
    messenger: TelegramMessenger, box: Sandbox, sokha: Person
) -> None:
    """A deletion falls back to single ones; trouble there is told as it is."""
    number = await messenger.send(sokha.id, SCREEN)
    box.faults.plan(Fault.REFUSED, method="deleteMessages", refusal=bad("something new"))
    assert await messenger.delete(sokha.id, [number]) == ()

    box.faults.plan(Fault.REFUSED, method="deleteMessages", refusal=bad("something new"))
    box.faults.plan(Fault.ERROR, method="deleteMessage")
    assert await failure(messenger.delete(sokha.id, [number])) == ("busy", False)


async def test_who_is_in_a_group_is_told(messenger: TelegramMessenger, box: Sandbox, sokha: Person) -> None:
    """There or not, and whether it may delete; a group it was thrown out of is none it can ask about."""
    bot, _ = await messenger.name()
    group = box.add_group("Operators", [sokha])
    found = [await messenger.standing(group.id, bot), await messenger.standing(group.id, sokha.id)]
    group.loses(sokha)
    found.append(await messenger.standing(group.id, sokha.id))
    group.sets_bot("kicked", by=sokha)

    assert found == [Standing(present=True, may_delete=True), Standing(present=True), Standing(present=False)]
    assert await failure(messenger.standing(group.id, bot)) == ("gone", False)
