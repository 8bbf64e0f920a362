"""What each update means: people in their private chats, operators in groups, and everything that is neither."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import PeerError
from bot.core.events import Attachment, Blocked, Gestured, Located, Pressed, Said, Sent, Shared, Started, Unblocked
from bot.service.messaging import (
    GroupMoved,
    GroupPressed,
    GroupWrote,
    Ignored,
    Joined,
    MemberChanged,
    PersonCame,
    PersonEvent,
    Translator,
)
from bot.tg.contents import SERVICE
from bot.tg.translate import ANONYMOUS, translate
from tests.tg.raw import (
    CARD,
    CHANNEL,
    DARA,
    DATE,
    FILE,
    GROUP,
    NOW,
    OTHER_BOT,
    PLACE,
    PRIVATE,
    SOKHA,
    Raw,
    in_group,
    member,
    message,
    press,
    update,
)

AT = datetime.fromtimestamp(DATE, UTC)
VOICE = Attachment(file=FILE["file_id"], kind="voice", mime="audio/ogg", size=4096, duration=3)
SIZES = [{"file_id": name, "width": side, "height": side, "file_size": side} for name, side in (("s", 90), ("l", 1280))]
PHOTO = Attachment(file="l", kind="photo", size=1280)
PLAIN = Attachment(file=FILE["file_id"], kind="document", size=4096)


def plain(kind: Any) -> Attachment:
    return PLAIN.model_copy(update={"kind": kind})


def came(raw: Raw) -> PersonCame:
    found = translate(raw, NOW)
    assert isinstance(found, PersonCame)
    return found


# ── a person, in private ─────────────────────────────────────────────────────────────────────────────────────

SAID: list[tuple[str, Raw, PersonEvent]] = [
    ("words", {"text": "ជំរាបសួរ"}, Said(text="ជំរាបសួរ")),
    ("only white space", {"text": " \u200b\n"}, Said(text=" \u200b\n")),
    ("half a surrogate pair", {"text": "a\ud800b"}, Said(text="a\ufffdb")),
    ("both halves apart", {"text": "\ud83d\ude00"}, Said(text="😀")),
    ("NUL", {"text": "a\x00b"}, Said(text="ab")),
    ("right to left", {"text": "\u202eabc"}, Said(text="\u202eabc")),
    ("fifty signs on one letter", {"text": "ក" + "្រ" * 50}, Said(text="ក" + "្រ" * 50)),
    ("markup", {"text": "<b>{name}%s${x}"}, Said(text="<b>{name}%s${x}")),
    ("a start", {"text": "/start"}, Started()),
    ("a capital start", {"text": "/Start "}, Started()),
    ("a start that names the bot", {"text": "/start@helpline_bot"}, Started()),
    ("a start link", {"text": "/start operator"}, Started(payload="operator")),
    ("the longest start link", {"text": "/start " + "x" * 64}, Started(payload="x" * 64)),
    ("a start link too long", {"text": "/start " + "x" * 65}, Started()),
    ("a start link in Khmer", {"text": "/start ជំនួយ"}, Started()),
    ("a start link of odd signs", {"text": "/start ' OR 1=1; --"}, Started()),
    ("a start link on a new line", {"text": "/start\noperator"}, Started(payload="operator")),
    ("another command", {"text": "/started"}, Said(text="/started")),
    ("another bot's command", {"text": "/x@otherbot"}, Said(text="/x@otherbot")),
    ("forwarded words", {"text": "x", "forward_origin": {"type": "hidden_user"}}, Said(text="x", forwarded=True)),
    ("a forwarded start", {"text": "/start", "forward_origin": {}}, Said(text="/start", forwarded=True)),
    ("words through another bot", {"text": "x", "via_bot": OTHER_BOT}, Said(text="x")),
    ("a picture through another bot", {"photo": SIZES, "caption": "x", "via_bot": OTHER_BOT}, Said(text="x")),
    ("a mute picture through another bot", {"photo": SIZES, "via_bot": OTHER_BOT}, Gestured()),
    ("an answer to a message since deleted", {"text": "x", "reply_to_message": None, "quote": {}}, Said(text="x")),
    ("an answer to a story", {"text": "x", "reply_to_story": {}, "external_reply": {}}, Said(text="x")),
    ("a message in a topic", {"text": "x", "message_thread_id": 3, "is_topic_message": True}, Said(text="x")),
    ("a field nobody knows yet", {"text": "x", "hologram": {"a": [1]}}, Said(text="x")),
]

CARRIED: list[tuple[str, Raw, PersonEvent]] = [
    ("a voice note", {"voice": FILE | {"duration": 3, "mime_type": "audio/ogg"}}, Sent(attachment=VOICE)),
    (
        "a voice note of no length",
        {"voice": FILE | {"duration": 0}},
        Sent(attachment=plain("voice").model_copy(update={"duration": 0})),
    ),
    ("music", {"audio": FILE | {"title": "x"}}, Sent(attachment=plain("voice"))),
    ("a video", {"video": FILE}, Sent(attachment=plain("video"))),
    ("a round video", {"video_note": FILE}, Sent(attachment=plain("video"))),
    ("a GIF, a document for old programs", {"animation": FILE, "document": FILE}, Sent(attachment=plain("video"))),
    ("a photo, the largest size", {"photo": SIZES}, Sent(attachment=PHOTO)),
    ("a photo, sizes in any order", {"photo": SIZES[::-1]}, Sent(attachment=PHOTO)),
    ("a live photo", {"live_photo": FILE, "photo": SIZES}, Sent(attachment=PHOTO)),
    (
        "a file with a lying name",
        {"document": FILE | {"file_name": "..\\..\\a.jpg\u202e.exe\ud800", "mime_type": "image/jpeg"}},
        Sent(attachment=PLAIN.model_copy(update={"name": "..\\..\\a.jpg\u202e.exe\ufffd", "mime": "image/jpeg"})),
    ),
    (
        "a file over 20 MB",
        {"document": FILE | {"file_size": 3 << 30}},
        Sent(attachment=PLAIN.model_copy(update={"size": 3 << 30})),
    ),
    (
        "an item of an album",
        {"photo": SIZES, "media_group_id": "137", "caption": "x\x00"},
        Sent(attachment=PHOTO, caption="x", album="137"),
    ),
    ("a forwarded photo", {"photo": SIZES, "forward_origin": {}}, Sent(attachment=PHOTO, forwarded=True)),
    ("a place", {"location": PLACE}, Located(**PLACE)),
    ("the begin of a live location", {"location": PLACE | {"live_period": 3600}}, Located(**PLACE, sharing=True)),
    ("a venue", {"location": PLACE, "venue": {"location": PLACE, "title": "ផ្សារ"}}, Located(**PLACE, title="ផ្សារ")),
    ("a place in whole degrees", {"location": {"latitude": 0, "longitude": 180}}, Located(latitude=0, longitude=180)),
    (
        "the own contact",
        {"contact": {"phone_number": "+855 12", "first_name": "សុខា", "last_name": "ក", "user_id": SOKHA["id"]}},
        Shared(number="+855 12", name="សុខា ក", own=True),
    ),
    (
        "somebody else's contact",
        {"contact": {"phone_number": "012", "first_name": "x", "user_id": 5}},
        Shared(number="012", name="x"),
    ),
    ("a contact without an account", {"contact": {"phone_number": "012"}}, Shared(number="012")),
    *(
        (f"a {name}", {name: {"emoji": "🎲", "value": 3}}, Gestured())
        for name in (
            *("sticker", "dice", "poll", "game", "story", "checklist", "invoice", "giveaway", "giveaway_winners"),
            *("paid_media", "gift", "unique_gift", "successful_payment", "something_of_next_year"),
        )
    ),
    ("nothing at all", {}, Gestured()),
    ("a file without a reference", {"voice": {"duration": 3}}, Gestured()),
    ("a file that is a number", {"voice": 7}, Gestured()),
    ("a photo without sizes", {"photo": []}, Gestured()),
    ("a photo of odd sizes", {"photo": [None, "x", {"width": "wide"}]}, Gestured()),
    ("a place off the map", {"location": {"latitude": 91, "longitude": 0}}, Gestured()),
    ("a place that is no number", {"location": {"latitude": float("nan"), "longitude": float("inf")}}, Gestured()),
    ("a place of huge numbers", {"location": {"latitude": 10**400, "longitude": True}}, Gestured()),
    ("a contact without a number", {"contact": {"first_name": "x"}}, Gestured()),
]


@pytest.mark.parametrize(
    ("fields", "event"), [row[1:] for row in SAID + CARRIED], ids=[row[0] for row in SAID + CARRIED]
)
def test_what_a_person_sends_becomes_an_event(fields: Raw, event: PersonEvent) -> None:
    """Whatever it is, it is understood or politely answered; none of it is trusted, none of it lost."""
    port: Translator = translate

    assert port(message(**fields), NOW) == PersonCame(SOKHA["id"], SOKHA["id"], event, AT, message=10)


EDITED: list[tuple[str, Raw, PersonEvent]] = [
    ("words", {"text": "x"}, Said(text="x", edited=True)),
    ("words into a start", {"text": "/start"}, Said(text="/start", edited=True)),
    ("a caption", {"photo": SIZES, "caption": "x"}, Sent(attachment=PHOTO, caption="x", edited=True)),
    ("a live location that moves", {"location": PLACE}, Located(**PLACE, live=True)),
]


@pytest.mark.parametrize(("fields", "event"), [row[1:] for row in EDITED], ids=[row[0] for row in EDITED])
def test_an_edit_is_a_new_version(fields: Raw, event: PersonEvent) -> None:
    """It never overwrites in silence, and is dated by the edit: an old message corrected now is news of now."""
    edited = came(message("edited_message", **fields, edit_date=DATE + 30))

    assert (edited.event, edited.at, edited.message) == (event, AT + timedelta(seconds=30), 10)


PRESSED: list[tuple[str, Raw, Pressed, int | None]] = [
    ("a button", {}, Pressed(data="3:s.m:1"), 9),
    ("hide", {"data": "!hide"}, Pressed(data="!hide"), 9),
    ("forged data", {"data": "999:../x:\ud800"}, Pressed(data="999:../x:\ufffd"), 9),
    ("forged data too long", {"data": "ក" * 22}, Pressed(data=""), 9),
    ("a game", {"data": None, "game_short_name": "x"}, Pressed(data=""), 9),
    ("empty data", {"data": ""}, Pressed(data=""), 9),
    (
        "a message too old to be seen",
        {"message": {"message_id": 9, "chat": PRIVATE, "date": 0}},
        Pressed(data="3:s.m:1", live=False),
        9,
    ),
    ("no message", {"message": None}, Pressed(data="3:s.m:1", live=False), None),
    ("an inline message", {"message": None, "inline_message_id": "x"}, Pressed(data="3:s.m:1", live=False), None),
]


@pytest.mark.parametrize(("fields", "event", "shown"), [row[1:] for row in PRESSED], ids=[row[0] for row in PRESSED])
def test_a_press_is_known_by_its_data_and_its_message(fields: Raw, event: Pressed, shown: int | None) -> None:
    """Every press can be answered, be it forged, stale or without a message."""
    pressed = came(press(**fields))

    assert (pressed.event, pressed.pressed, pressed.message) == (event, shown, None)
    assert (pressed.chat, pressed.person, pressed.at) == (SOKHA["id"], SOKHA["id"], NOW)
    assert pressed.callback == "4382bfdwdsb323b2d9"


def test_blocking_and_coming_back_are_events() -> None:
    """A chat that blocked us is paused, and reopened when it is unblocked."""
    blocked, back = came(member("kicked", chat=PRIVATE)), came(member("member", chat=PRIVATE))

    assert (blocked.event, back.event, blocked.chat, blocked.at) == (Blocked(), Unblocked(), SOKHA["id"], AT)


def test_an_operator_may_answer_a_card_in_private() -> None:
    """What a message answers is known by its id."""
    assert came(message(text="x", reply_to_message={"message_id": 77, "text": "card"})).replied_to == 77


@pytest.mark.parametrize(
    ("code", "hint"),
    [("en", "en"), ("en-GB", "en"), ("EN", "en"), ("km", "km"), ("th", "km"), ("xx", "km"), (None, "km"), (7, "km")],
)
def test_the_phones_language_is_a_hint(code: object, hint: str) -> None:
    """Khmer, unless the phone speaks English."""
    assert came(message(text="x", **{"from": SOKHA | {"language_code": code}})).hint == hint
    assert came(press(**{"from": SOKHA | {"language_code": code}})).hint == hint


@pytest.mark.parametrize("date", [0, -5, None, "yesterday", True, 1.5, 2**40, 10**30, DATE + 61, [DATE]])
def test_a_date_that_cannot_be_is_now(date: object) -> None:
    """Missing, zero or in the future: the server's own time counts."""
    assert came(message(text="x", date=date)).at == NOW


@pytest.mark.parametrize("number", [2**32 + 1, 2**52, 2**53 - 1])
def test_large_ids_are_kept_exactly(number: int) -> None:
    """Telegram promises 52 bits and uses them."""
    who = {"id": number, "is_bot": False}
    found = came(message(text="x", **{"from": who, "chat": PRIVATE | {"id": number}}))

    assert (found.chat, found.person) == (number, number)


# ── groups ───────────────────────────────────────────────────────────────────────────────────────────────────


def wrote(**fields: Any) -> GroupWrote:
    known: dict[str, Any] = {"chat": GROUP["id"], "person": 42, "message": 10, "at": AT}
    return GroupWrote(**known | fields)


ANON = {"id": ANONYMOUS, "is_bot": True, "username": "GroupAnonymousBot"}
IN_GROUP: list[tuple[str, Raw, GroupWrote]] = [
    ("an answer to a card", in_group(text="x", reply_to_message=CARD), wrote(text="x", replied_to=900)),
    ("idle talk", in_group(text="x\x00"), wrote(text="x")),
    ("a start in the group", in_group(text="/start@bot"), wrote(text="/start@bot")),
    (
        "a photo for the person",
        in_group(photo=SIZES, caption="see", reply_to_message=CARD),
        wrote(attachment=PHOTO, caption="see", replied_to=900),
    ),
    ("a voice note", in_group(voice=FILE, reply_to_message=CARD), wrote(attachment=plain("voice"), replied_to=900)),
    ("a sticker as an answer", in_group(sticker={}, reply_to_message=CARD), wrote(replied_to=900)),
    ("a place as an answer", in_group(location=PLACE, reply_to_message=CARD), wrote(replied_to=900)),
    (
        "a correction",
        in_group("edited_message", text="y", reply_to_message=CARD, edit_date=DATE),
        wrote(text="y", replied_to=900, edited=True),
    ),
    (
        "an anonymous administrator",
        in_group(text="x", **{"from": ANON}, sender_chat=GROUP),
        wrote(text="x", person=ANONYMOUS, anonymous=True),
    ),
    (
        "somebody writing as a channel",
        in_group(text="x", **{"from": {"id": 136817688, "is_bot": True}}, sender_chat=CHANNEL),
        wrote(text="x", person=136817688, anonymous=True),
    ),
    ("a plain group", in_group(text="x", chat=GROUP | {"type": "group"}), wrote(text="x")),
]


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in IN_GROUP], ids=[row[0] for row in IN_GROUP])
def test_what_operators_write_is_known_by_what_it_answers(raw: Raw, expected: GroupWrote) -> None:
    """Only numeric ids and the answered message count; who hides behind the group is marked."""
    assert translate(raw, NOW) == expected


CARD_PRESS = press(**{"from": DARA}, message=CARD, data="c:tok3n:t")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (CARD_PRESS, GroupPressed(GROUP["id"], 42, "c:tok3n:t", "4382bfdwdsb323b2d9", 900, NOW)),
        (press(data="c:tok3n:t"), GroupPressed(SOKHA["id"], SOKHA["id"], "c:tok3n:t", "4382bfdwdsb323b2d9", 9, NOW)),
        (press(data="r:key:y"), GroupPressed(SOKHA["id"], SOKHA["id"], "r:key:y", "4382bfdwdsb323b2d9", 9, NOW)),
        (
            press(data="c:t:t", message=None),
            GroupPressed(SOKHA["id"], SOKHA["id"], "c:t:t", "4382bfdwdsb323b2d9", None, NOW),
        ),
        (
            press(message=CARD, data="3:old:1", **{"from": DARA}),
            GroupPressed(GROUP["id"], 42, "3:old:1", "4382bfdwdsb323b2d9", 900, NOW),
        ),
        (
            press(message=CARD, data="c:t:t", **{"from": ANON}),
            GroupPressed(GROUP["id"], ANONYMOUS, "c:t:t", "4382bfdwdsb323b2d9", 900, NOW, anonymous=True),
        ),
    ],
    ids=["on a card", "on a card in private", "on a confirmation", "too old", "on something else", "anonymous"],
)
def test_presses_on_cards_are_the_desks(raw: Raw, expected: GroupPressed) -> None:
    """Wherever a card lies, its buttons are an operator's; the check of who pressed comes at the act."""
    assert translate(raw, NOW) == expected


def test_a_group_that_becomes_another_chat_is_followed() -> None:
    """Both messages of a migration say the same."""
    there = in_group(chat=GROUP | {"id": -5, "type": "group"}, migrate_to_chat_id=GROUP["id"])
    here = in_group(migrate_from_chat_id=-5)

    assert translate(there, NOW) == translate(here, NOW) == GroupMoved(-5, GROUP["id"], AT)


@pytest.mark.parametrize(
    ("raw", "present"),
    [
        (member("member"), True),
        (member("administrator", chat=CHANNEL), True),
        (member("restricted", is_member=True), True),
        (member("restricted", is_member=False), False),
        (member("left"), False),
        (member("kicked"), False),
    ],
)
def test_where_the_bot_is_and_is_not_is_known(raw: Raw, present: bool) -> None:
    """Groups that are not ours are left; a group we were thrown out of is alarming."""
    chat = raw["my_chat_member"]["chat"]["id"]
    assert translate(raw, NOW) == Joined(chat, present, AT)


def changed(now: str, before: str, *, chat: Raw = GROUP, **fields: Any) -> Raw:
    """Write that somebody's standing in a group became this."""
    old, new = {"user": DARA, "status": before}, {"user": DARA, "status": now} | fields
    body = {"chat": chat, "from": SOKHA, "date": DATE, "old_chat_member": old, "new_chat_member": new}
    return update("chat_member", body)


@pytest.mark.parametrize(
    ("raw", "present"),
    [
        (changed("member", "left"), True),
        (changed("administrator", "kicked"), True),
        (changed("left", "member"), False),
        (changed("kicked", "administrator"), False),
        (changed("restricted", "member", is_member=False), False),
        (changed("restricted", "left", is_member=True), True),
    ],
)
def test_who_comes_into_a_group_or_leaves_it_is_known(raw: Raw, present: bool) -> None:
    """Whoever did it: the one who came or went is meant."""
    assert translate(raw, NOW) == MemberChanged(GROUP["id"], DARA["id"], present, AT)


# ── neither ──────────────────────────────────────────────────────────────────────────────────────────────────

IGNORED: list[tuple[str, Raw]] = [
    *(
        (kind, update(kind, {"id": "1", "from": SOKHA, "chat": PRIVATE, "text": "x", "message_id": 1}))
        for kind in (
            *("channel_post", "edited_channel_post", "inline_query", "chosen_inline_result", "shipping_query"),
            *("pre_checkout_query", "poll", "poll_answer", "chat_member", "chat_join_request", "chat_boost"),
            *("removed_chat_boost", "message_reaction", "message_reaction_count", "business_connection"),
            *("business_message", "edited_business_message", "deleted_business_messages", "purchased_paid_media"),
            "something_of_next_year",
        )
    ),
    *((f"service: {name}", message(**{name: 7})) for name in sorted(SERVICE)),
    ("nothing but an id", {"update_id": 1}),
    ("a message that is none", update("message", "hello")),
    ("a message of nobody", message(text="x", **{"from": None})),
    ("a message of a bot", message(text="x", **{"from": OTHER_BOT})),
    ("a message as a channel", message(text="x", sender_chat=CHANNEL)),
    ("a message of Telegram itself", message(text="x", **{"from": {"id": 777000, "is_bot": False}})),
    ("an anonymous administrator in private", message(text="x", **{"from": {"id": ANONYMOUS}})),
    ("a message nowhere", message(text="x", chat=None)),
    ("a message in a channel", message(text="x", chat=CHANNEL)),
    ("a chat of a kind nobody knows", message(text="x", chat=PRIVATE | {"type": ["private"]})),
    ("ids that are no numbers", message(text="x", **{"from": SOKHA | {"id": "7"}})),
    ("ids beyond all bounds", message(text="x", **{"from": SOKHA | {"id": 2**63}})),
    ("an edited sticker", message("edited_message", sticker={})),
    ("an edited contact", message("edited_message", contact={"phone_number": "012"})),
    ("a sticker in the group", in_group(sticker={})),
    ("another bot in the group", in_group(text="x", **{"from": OTHER_BOT})),
    ("a post of the linked channel", in_group(text="x", sender_chat=CHANNEL, is_automatic_forward=True)),
    ("somebody came", in_group(new_chat_members=[DARA])),
    ("somebody went", in_group(left_chat_member=DARA)),
    ("somebody got other rights", changed("administrator", "member")),
    ("somebody without a number came", changed("member", "left", user={"id": "7"})),
    ("somebody came nowhere", changed("member", "left", chat={})),
    ("a press of nobody", press(**{"from": None})),
    ("a press of a bot", press(**{"from": OTHER_BOT})),
    ("a press in a channel", press(message=CARD | {"chat": CHANNEL})),
    ("a standing nobody knows", member("frozen", chat=PRIVATE)),
    ("a standing that is none", update("my_chat_member", {"chat": GROUP, "new_chat_member": {"status": 1}})),
]


@pytest.mark.parametrize("raw", [row[1] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_what_is_nobodys_message_is_ignored(raw: Raw) -> None:
    """It costs a row in the inbox and nothing else, and never stops the next one."""
    assert isinstance(translate(raw, NOW), Ignored)


@pytest.mark.parametrize("raw", [None, [], "x", 7, {}, {"update_id": "1"}, {"update_id": None}, {"update_id": True}])
def test_what_is_no_update_is_a_fault_of_the_peer(raw: Any) -> None:
    """Telegram never writes such a thing; whoever did is told apart from people."""
    with pytest.raises(PeerError):
        translate(raw, NOW)
