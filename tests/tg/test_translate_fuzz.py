"""Updates nobody thought of: fields dropped, swapped, doubled and invented."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import PeerError
from bot.service.messaging import GroupWrote, Incoming, PersonCame
from bot.tg.translate import translate
from tests.tg.raw import CARD, FILE, NOW, PLACE, Raw, in_group, member, message, press

KNOWN = [
    message(text="/start operator"),
    message(text="x", forward_origin={}, via_bot={}, reply_to_message=CARD),
    message(voice=FILE, caption="x", media_group_id="1"),
    message(photo=[FILE, FILE], animation=FILE, document=FILE),
    message(venue={"location": PLACE, "title": "x"}, location=PLACE),
    message(contact={"phone_number": "1", "first_name": "x", "user_id": 7}),
    message("edited_message", location=PLACE, edit_date=1),
    in_group(text="x", reply_to_message=CARD, sender_chat={}),
    in_group(migrate_to_chat_id=-5, migrate_from_chat_id=-6),
    press(),
    press(message=CARD, data="c:t:t"),
    member("kicked"),
    member("restricted", is_member=True),
]
WORDS = st.text(st.characters(exclude_categories=()), max_size=80) | st.sampled_from(["/start", "\ud800", "c:", "\0"])
NUMBERS = st.integers() | st.sampled_from([0, 2**52, 2**63, -(2**63), 10**400]) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | WORDS
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))


def paths(value: object, so_far: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Give the way to every field within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, one in inner for path in ((*so_far, key), *paths(one, (*so_far, key)))]


@st.composite
def spoiled(draw: st.DrawFn) -> Raw:
    """Take an update and drop, swap or invent up to four of its fields."""
    raw = copy.deepcopy(draw(st.sampled_from(KNOWN)))
    for _ in range(draw(st.integers(1, 4))):
        where = draw(st.sampled_from(paths(raw)))
        holder: Any = raw
        for key in where[:-1]:
            holder = holder[key]
        match draw(st.sampled_from(["drop", "swap", "invent"])):
            case "drop" if len(where) > 1:
                del holder[where[-1]]
            case "invent" if isinstance(holder, dict):
                holder[draw(st.sampled_from(sorted(FIELDS)))] = draw(ANYTHING)
            case _:
                holder[where[-1]] = draw(ANYTHING)
    return raw


FIELDS = {str(key) for raw in KNOWN for path in paths(raw) for key in path}


def check_storable(found: Incoming) -> None:
    """Whatever was made of it can be written to any database, and its ids fit into a column."""
    if isinstance(found, PersonCame):
        found.event.model_dump_json().encode()
        (found.callback or "").encode()
    if isinstance(found, PersonCame | GroupWrote):
        assert all(abs(number) < 2**63 for number in (found.chat, found.person, found.message or 0))
    assert found.at.tzinfo is not None and found.at <= NOW


@settings(max_examples=200, deadline=None)
@given(spoiled() | ANYTHING)
def test_no_update_can_do_harm(raw: object) -> None:
    """Nothing anybody can send raises anything but the one error for what is no update at all."""
    try:
        found = translate(raw, NOW)
    except PeerError:
        assert not isinstance(raw, dict) or type(raw.get("update_id")) is not int
    else:
        check_storable(found)
