"""Bad inputs 23 to 47: whatever Telegram can bring of a person is kept, ignored or answered, and stops nobody."""

from typing import Any

import pytest

from bot.sandbox import Fault
from bot.sandbox.refusals import bad
from bot.tg.translate import ANONYMOUS
from tests.whole.bad_inputs import CANARY, HouseAct, Row, Rows, Scene, TryOut, name_of

TABLE: Rows[HouseAct] = Rows()
_FILE = {"file_id": "F", "file_unique_id": "F"}


@TABLE.row(23, "a message edited afterwards")
async def edited(scene: Scene) -> None:
    """It is a new version beside the old one, before and after the end, and makes no screen of its own."""
    await scene.asked_in_words()
    message = await scene.sokha.says(f"{CANARY} first")
    await scene.house.settled()
    shown = len(scene.shown())
    await scene.house.after(scene.sokha.edits(message, f"{CANARY} second"))
    assert len(scene.shown()) == shown
    await scene.house.chooses(scene.sokha, "skip")
    await scene.house.after(scene.sokha.edits(message, f"{CANARY} third"))
    assert await scene.texts() == [f"{CANARY} first", f"{CANARY} second", f"{CANARY} third"]
    assert (await scene.case()).kinds() == ["words", "edited", "edited"]


@TABLE.row(24, "a message deleted afterwards")
async def deleted(scene: Scene) -> None:
    """Bots are never told: what was accepted stays."""
    message = await scene.sokha.says(f"{CANARY} gone")
    await scene.house.settled()
    await scene.house.after(scene.sokha.deletes(message))
    assert await scene.texts() == [f"{CANARY} gone"]


@TABLE.row(25, "an answer to a message that is gone")
async def answer_to_nothing(scene: Scene) -> None:
    """It is a message like any other."""
    gone = {"message_id": 7, "date": 0, "chat": {"id": scene.sokha.id, "type": "private"}}
    await scene.brings({"text": f"{CANARY} one"}, reply_to_message=gone)
    await scene.brings({"text": f"{CANARY} two"}, reply_to_message="nothing")
    assert await scene.texts() == [f"{CANARY} one", f"{CANARY} two"]


@TABLE.row(26, "an album of ten")
async def album(scene: Scene) -> None:
    """All ten are kept as one group, the caption with them, and are answered once."""
    for number in range(10):
        words = f"{CANARY} caption" if number == 0 else ""
        await scene.sokha.sends_photo(bytes([number]) * 99, caption=words, album="ten")
    await scene.house.settled()
    case = await scene.case()
    assert [item.file for item in case.items] == [bytes([number]) * 99 for number in range(10)]
    assert len({body["album"] for body in case.of("media")}) == 1
    assert case.items[0].body["caption"] == f"{CANARY} caption"
    assert len(scene.shown()) == 1
    assert scene.shows("kept_media")


@TABLE.row(27, "an album on both sides of a restart")
async def album_and_restart(scene: Scene) -> None:
    """It is still one group in one case, answered once."""
    for number in range(4):
        if number == 2:
            await scene.house.settled()
            await scene.house.restart(clean=False)
        await scene.sokha.sends_photo(bytes([number]) * 99, album="four")
    await scene.house.settled()
    case = await scene.case()
    assert [item.file for item in case.items] == [bytes([number]) * 99 for number in range(4)]
    assert len(scene.shown()) == 1


@TABLE.row(28, "pictures that are not photos")
async def pictures(scene: Scene) -> None:
    """A photo sent as a file, and a format that few programs show, are kept byte for byte."""
    await scene.house.after(scene.sokha.sends_document("IMG_1.HEIC", "image/heic", b"ftypheic"))
    await scene.house.after(scene.sokha.sends_document("photo.jpg", "image/jpeg", b"\xff\xd8\xff"))
    await scene.house.after(scene.sokha.sends_file("video", b"live photo", name="live.mov", mime="video/quicktime"))
    case = await scene.case()
    assert [item.file for item in case.items] == [b"ftypheic", b"\xff\xd8\xff", b"live photo"]


@TABLE.row(29, "voice of no and of an hour's length")
async def voices(scene: Scene) -> None:
    """Voice of any length and a round video are kept, and are urgent until a human has heard them."""
    for kind, seconds in (("voice", 0), ("voice", 3600), ("video_note", 60)):
        await scene.house.after(scene.sokha.sends_file(kind, kind.encode(), duration=seconds))
    case = await scene.case()
    assert [item.file for item in case.items] == [b"voice", b"voice", b"video_note"]
    assert (case.case["urgency"], (await scene.house.cases())[0]["unheard"]) == ("P2", 3)


@TABLE.row(30, "a file over Telegram's limit")
async def too_large(scene: Scene) -> None:
    """The limit is told, with what to do instead; the case keeps what is known of the file and that it is missing."""
    await scene.house.after(scene.sokha.sends_document("film.mp4", "video/mp4", b"x", size=30_000_000))
    assert scene.shows("too_large")
    assert not scene.shows("kept_media")
    for _ in range(6):
        await scene.house.passes(minutes=10)
    (item,) = (await scene.case()).items
    assert (item.body["file"]["size"], item.file, item.described) == (30_000_000, None, {"missing": True})


@TABLE.row(31, "a file that cannot be fetched now")
async def fetched_later(scene: Scene) -> None:
    """It is tried again for a day, and then is there."""
    away = bad("wrong file_id or the file is temporarily unavailable")
    scene.house.box.faults.plan(Fault.REFUSED, method="getfile", times=6, refusal=away)
    await scene.house.after(scene.sokha.sends_voice(b"a voice"))
    assert (await scene.case()).items[0].file is None
    for _ in range(7):
        await scene.house.passes(minutes=31)
    assert (await scene.case()).items[0].file == b"a voice"


@TABLE.row(32, "file names and kinds that lie")
async def lying_names(scene: Scene) -> None:
    """A name is sealed with the case and never a name on disk; the kind that is claimed decides nothing."""
    names = ["invoice.jpg.exe", "..\\..\\a", "../../etc/passwd", "x" * 300, "\u202egpj.exe", ".ht\u200baccess"]
    for name in names:
        await scene.house.after(scene.sokha.sends_document(f"{CANARY}{name}", "image/jpeg", b"MZ"))
    case = await scene.case()
    assert [body["file"]["name"] for body in case.of("media")] == [f"{CANARY}{name}" for name in names]
    assert [item.file for item in case.items] == [b"MZ"] * len(names)
    files = [path.name for path in scene.house.folder.rglob("*")]
    assert not any(CANARY in name or "passwd" in name for name in files)


@TABLE.row(33, "files made to harm who opens them")
async def harmful_files(scene: Scene) -> None:
    """They are kept byte for byte and never opened here."""
    contents = [
        b"PK\x03\x04" + b"\0" * 999,
        b"<svg onload='alert(1)'/>",
        b"<html><script>",
        b"%PDF-1.7 /JS",
        b"GIF89a;<?php",
    ]
    for content in contents:
        await scene.house.after(scene.sokha.sends_document("a", "application/octet-stream", content))
    assert [item.file for item in (await scene.case()).items] == contents


@TABLE.row(
    34,
    "a picture of enormous size",
    differs="there are no previews: the console shows no picture at all",
    tested=("console/test_cases.py::test_files_are_only_ever_saved",),
)
async def pixel_flood(scene: Scene) -> None:
    """Its size in pixels is not looked at: it is bytes."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (50_000).to_bytes(4) * 2
    await scene.house.after(scene.sokha.sends_photo(png))
    assert (await scene.case()).items[0].file == png


@TABLE.row(35, "contacts of oneself and of another", differs="kept and marked, without asking whose it is")
async def contacts(scene: Scene) -> None:
    """Both are kept; whether it is the sender's own is known from the id alone."""
    other = scene.house.person(CANARY)
    await scene.house.after(scene.sokha.sends_contact("+66812345678"))
    await scene.house.after(scene.sokha.sends_contact("+66887654321", of=other))
    await scene.sends({"contact": {"phone_number": "+66811111111", "first_name": CANARY}})
    kept = [(body["number"], body["own"]) for body in (await scene.case()).of("number")]
    assert kept == [("+66812345678", True), ("+66887654321", False), ("+66811111111", False)]


@TABLE.row(36, "places, moving ones too", differs="of a live location every fifth minute is kept, not only the last")
async def places(scene: Scene) -> None:
    """A place and a venue are kept; a live location makes one record in five minutes and no screen of its own."""
    house, sokha = scene.house, scene.sokha
    await house.after(sokha.sends_location(13.75, 100.5))
    inside = {"location": {"latitude": 13.7, "longitude": 100.6}, "title": CANARY, "address": CANARY}
    await scene.sends({"venue": inside, "location": inside["location"]})
    await house.passes(minutes=6)
    live = await sokha.sends_location(1.0, 1.0, live=3600)
    await house.settled()
    shown = len(scene.shown())
    for at in (2.0, 3.0):
        await house.after(sokha.moves(live, at, at))
    await house.passes(minutes=6)
    await house.after(sokha.moves(live, 4.0, 4.0), sokha.stops_sharing(live))
    kept = [(body["latitude"], body["title"]) for body in (await scene.case()).of("place")]
    assert kept == [(13.75, ""), (13.7, f"{CANARY}, {CANARY}"), (1.0, ""), (4.0, "")]
    assert len(scene.shown()) == shown


@TABLE.row(37, "forwarded messages")
async def forwarded(scene: Scene) -> None:
    """They are kept and marked as forwarded; who wrote them first is not taken over."""
    origins = ["channel", "hidden_user", "user"]
    for kind in origins:
        origin = {"type": kind, "date": 1, "sender_user_name": CANARY}
        await scene.sends({"text": f"{CANARY} {kind}", "forward_origin": origin})
    assert [body["forwarded"] for body in (await scene.case()).of("words")] == [True] * 3
    assert await scene.texts() == [f"{CANARY} {kind}" for kind in origins]


@TABLE.row(38, "what was sent through another bot")
async def via_bot(scene: Scene) -> None:
    """Of it the words count alone."""
    bot = {"id": 9, "is_bot": True, "first_name": "gif"}
    await scene.sends({"photo": [_FILE | {"width": 1, "height": 1}], "caption": f"{CANARY} words", "via_bot": bot})
    await scene.sends({"text": f"{CANARY} text", "via_bot": bot})
    assert (await scene.case()).kinds() == ["words", "words"]


@TABLE.row(39, "polls, games, payments, stories and the like", cases=0)
async def other_kinds(scene: Scene) -> None:
    """A kind line, or nothing; never a case, and never a word of money."""
    await scene.house.after(scene.sokha.says("/start"))
    pay = {"currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
    kinds: list[dict[str, Any]] = [
        {"poll": {"id": "1", "question": CANARY, "options": []}},
        {"game": {"title": CANARY, "description": CANARY, "photo": []}},
        {"successful_payment": pay},
        {"story": {"chat": {"id": 1, "type": "private"}, "id": 1}},
        {"checklist": {"title": CANARY, "tasks": []}},
        {"gift": {"gift": {}}},
        {"giveaway": {}},
        {"paid_media": {"star_count": 1, "paid_media": []}},
    ]
    for kind in kinds:
        await scene.brings(kind)
    message = scene.message({"text": CANARY})
    names = (
        "business_message",
        "edited_business_message",
        "pre_checkout_query",
        "shipping_query",
        "purchased_paid_media",
    )
    await scene.injects(*({name: message} for name in names))
    assert scene.step == "start.menu"
    assert not {"sendinvoice", "answerprecheckoutquery"} & set(scene.acts())


@TABLE.row(40, "an inline query", cases=0, answered=False)
async def inline_query(scene: Scene) -> None:
    """It is not a feature of ours: nothing happens."""
    query = {"id": "1", "from": scene.sokha.user.wire(), "query": CANARY, "offset": ""}
    await scene.injects({"inline_query": query}, {"chosen_inline_result": query})
    assert scene.acts() == []


@TABLE.row(41, "added to a foreign group", cases=0, answered=False)
async def foreign_group(scene: Scene) -> None:
    """The bot leaves at once without a word, there and in private; only its own operators are told."""
    group = scene.house.box.add_group("Workers", [scene.sokha], bot="left")
    group.sets_bot("member", by=scene.sokha)
    await scene.house.settled()
    await scene.house.after(scene.sokha.says("/start", chat=group))
    await scene.house.passes(seconds=61)
    assert set(scene.acts()) <= {"leavechat", "sendmessage", "getchatmember"} and "leavechat" in scene.acts()
    assert all(call.chat_id == group.id for call in scene.house.box.calls if call.method == "leavechat")
    assert all(call.chat_id == scene.house.group.id for call in scene.house.box.calls if call.method == "sendmessage")


@TABLE.row(42, "posts of a channel", cases=0, answered=False)
async def channel(scene: Scene) -> None:
    """Nobody is there to be answered."""
    post = scene.message({"text": CANARY}, chat={"id": -1001, "type": "channel"}, sender_chat={"id": -1001})
    auto = scene.message(
        {"text": CANARY}, chat={"id": scene.house.group.id, "type": "supergroup"}, is_automatic_forward=True
    )
    await scene.injects({"channel_post": post}, {"edited_channel_post": post}, {"message": auto})
    assert scene.acts() == []


@TABLE.row(43, "senders who are nobody", cases=0, answered=False)
async def nobody(scene: Scene) -> None:
    """Anonymous administrators, chats, Telegram itself and bots are no people to open a case for."""
    for sender in (ANONYMOUS, 136817688, 777000):
        user = {"id": sender, "is_bot": False, "first_name": CANARY}
        await scene.brings({"text": CANARY}, **{"from": user})
    await scene.brings({"text": CANARY}, sender_chat={"id": -1001, "type": "channel"})
    await scene.brings({"text": CANARY}, **{"from": scene.sokha.user.wire() | {"is_bot": True}})
    assert scene.acts() == []


@TABLE.row(44, "blocked and unblocked")
async def blocked(scene: Scene) -> None:
    """Nothing is sent for it; who comes back and writes goes on where they were."""
    house = scene.house
    await house.asks_for_help(scene.sokha, "yes", "yes", "TH")
    shown = len(scene.shown())
    scene.sokha.blocks()
    await house.settled()
    scene.sokha.unblocks()
    await house.settled()
    assert len(scene.shown()) == shown
    await scene.says("2")
    assert scene.step == "help.minor"


@TABLE.row(45, "start links of all kinds")
async def start_links(scene: Scene) -> None:
    """They show the first page, the same to everyone, whether or not what they name exists."""
    case = await scene.house.in_danger(scene.house.person("Chan"))
    pages = set()
    for payload in ("", "a" * 64, "a" * 65, "ជួយ", "../../x", case["number"], "operator", "case_1", "<b>"):
        await scene.says(f"/start {payload}")
        assert scene.step == "start.menu"
        pages.add(scene.house.screen(scene.sokha).text)
    assert len(pages) == 1


@TABLE.row(46, "start in the middle", differs="the first page, unasked; the draft stays and is taken up where it was")
async def start_again(scene: Scene) -> None:
    """The first page comes; asking for help again goes on with what is still open."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes", "TH", "skip")
    await scene.says("/start")
    assert scene.step == "start.menu"
    await scene.house.chooses(scene.sokha, "help")
    assert scene.step == "help.minor"


@TABLE.row(47, "commands that are none", differs="they are kept like any words, and the question stands")
async def unknown_commands(scene: Scene) -> None:
    """The person is told that they were kept, and sees where they are."""
    await scene.house.asks_for_help(scene.sokha, "yes")
    await scene.says(f"/unknown {CANARY}", f"/{CANARY}@otherbot")
    assert scene.step == "help.keep"
    assert scene.shows("kept_words")
    assert await scene.texts() == [f"/unknown {CANARY}", f"/{CANARY}@otherbot"]


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_whatever_telegram_brings_is_kept_or_ignored(row: Row[HouseAct], try_out: TryOut) -> None:
    """The row's own promise holds, and what holds after every bad input."""
    await try_out(row)
