"""Files: up, down, too large, lost, and kept in memory only up to a bound."""

import random
import struct

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.sandbox import Fault, Person, Sandbox
from bot.sandbox.files import Files, picture_size


async def test_what_a_person_sent_can_be_fetched(bot: Bot, sokha: Person) -> None:
    """getFile gives a path, and the path gives the bytes."""
    await sokha.sends_voice(bytes(range(256)) * 500)
    update = (await bot.get_updates())[0]
    assert update.message and update.message.voice

    file = await bot.get_file(update.message.voice.file_id)

    assert bytes(await file.download_as_bytearray()) == bytes(range(256)) * 500
    assert file.file_path and file.file_path.endswith(".oga")


async def test_a_file_over_20_megabytes_cannot_be_fetched(bot: Bot, sokha: Person) -> None:
    """Its size is told with the message; a test need not send the bytes."""
    await sokha.sends_document("big.zip", "application/zip", b"PK", size=(20 << 20) + 1)
    update = (await bot.get_updates())[0]
    assert update.message and update.message.document and update.message.document.file_size == (20 << 20) + 1

    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(update.message.document.file_id)


async def test_a_lost_file_is_temporarily_unavailable(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """As Telegram says it from time to time."""
    sent = await sokha.sends_voice(b"ogg")
    file_id = sent.content["voice"]["file_id"]
    box.world.files.lose(file_id)

    with pytest.raises(BadRequest, match="temporarily unavailable"):
        await bot.get_file(file_id)


async def test_a_download_can_break_off_halfway(
    bot: Bot, box: Sandbox, sokha: Person, http: aiohttp.ClientSession
) -> None:
    """The announced length does not arrive."""
    sent = await sokha.sends_voice(b"x" * 200_000)
    path = box.world.files.link(sent.content["voice"]["file_id"])["file_path"]
    box.faults.plan(Fault.LOST, method="file")

    with pytest.raises(aiohttp.ClientPayloadError):
        async with http.get(f"/file/bot{box.token}/{path}") as answer:
            await answer.read()


async def test_a_file_needs_the_token(box: Sandbox, sokha: Person, http: aiohttp.ClientSession) -> None:
    """The path alone opens nothing."""
    sent = await sokha.sends_voice(b"ogg")
    path = box.world.files.link(sent.content["voice"]["file_id"])["file_path"]

    async with http.get(f"/file/bot1:other/{path}") as answer:
        assert answer.status == 404


async def test_a_file_is_not_sent_as_another_kind(bot: Bot, sokha: Person) -> None:
    """Ids belong to their kind."""
    sent = await sokha.sends_photo(b"jpg")

    with pytest.raises(BadRequest, match="Can't use file of type photo as voicenote"):
        await bot.send_voice(sokha.id, sent.content["photo"][0]["file_id"])


async def test_no_address_is_ever_opened(bot: Bot, sokha: Person) -> None:
    """Sending by URL is refused: the sandbox reaches out to nobody."""
    with pytest.raises(BadRequest, match="Failed to get http url content"):
        await bot.send_photo(sokha.id, "https://example.org/a.jpg")


def test_the_oldest_files_give_way() -> None:
    """Memory is bounded, and the newest file always stays."""
    files = Files(chance=random.Random(0), kept=100)

    first, second, third = (files.add(b"x" * 60, kind="voice") for _ in range(3))

    assert (first.content, second.content, len(third.content or b"")) == (None, None, 60)


def test_picture_sizes_are_read_from_their_headers() -> None:
    """PNG and JPEG; anything else is taken for a common photo."""
    png = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", 50_000, 7)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 600, 800) + b"\x03"

    assert [picture_size(content) for content in (png, jpeg, b"", b"\xff\xd8\xff")] == [
        (50_000, 7),
        (800, 600),
        (1280, 960),
        (1280, 960),
    ]
