"""From one raw update to what it means here. Never raises for what a client can send.

Trust is in numeric ids alone: names, usernames and the words of a button are whatever somebody made them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.errors import PeerError
from bot.core.events import Blocked, Pressed, Said, Sent, Started, Unblocked
from bot.core.values import Language
from bot.service.messaging import (
    GroupMoved,
    GroupPressed,
    GroupWrote,
    Ignored,
    Incoming,
    Joined,
    MemberChanged,
    PersonCame,
    PersonEvent,
)
from bot.tg.contents import Carried, carried
from bot.tg.fields import Raw, is_present, moment, number, part, text

ANONYMOUS = 1087968824
"""The sender Telegram names for administrators who write as their group."""
_NOBODY = frozenset({777000, 136817688, ANONYMOUS})
"""Telegram itself, channels and anonymous administrators: no person to answer in a private chat."""

_GROUPS = frozenset({"group", "supergroup"})
_DESK = ("c:", "r:")
_DATA_BYTES = 64
_START = re.compile(r"/start(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def translate(update: object, now: datetime) -> Incoming:
    """Translate one update; `now` replaces dates that are missing or in the future.

    Raises PeerError if it is not an object with a numeric update_id: Telegram never writes such a thing.
    """
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise PeerError("Telegram sent something that is no update; it is set aside and the others go on.")
    for name, read in _KINDS.items():
        body = update.get(name)
        if isinstance(body, dict):
            return read(body, now) or Ignored(now)
    return Ignored(now)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────


def _message(message: Raw, now: datetime) -> Incoming | None:
    return _came(message, moment(message, "date", now), edited=False)


def _edited_message(message: Raw, now: datetime) -> Incoming | None:
    # Dated by the edit: a correction made now is an answer to be given now, however old the message.
    return _came(message, moment(message, "edit_date", now), edited=True)


def _came(message: Raw, at: datetime, *, edited: bool) -> Incoming | None:
    chat = part(message, "chat")
    chat_id, kind = number(chat, "id"), text(chat, "type")
    sender = part(message, "from")
    person = number(sender, "id")
    if chat_id is None:
        return None
    if kind in _GROUPS:
        return _moved(message, chat_id, at) or _in_group(message, at, chat=chat_id, edited=edited)
    is_person = person is not None and person > 0 and not sender.get("is_bot") and person not in _NOBODY
    if kind != "private" or person is None or not is_person or "sender_chat" in message:
        return None
    return _in_private(message, at, chat=chat_id, person=person, edited=edited)


def _in_private(message: Raw, at: datetime, *, chat: int, person: int, edited: bool) -> PersonCame | None:
    event: PersonEvent | None = carried(message, edited=edited)
    if isinstance(event, Said) and not edited and not event.forwarded:
        event = _started(event)
    if event is None:
        return None
    return PersonCame(
        chat=chat,
        person=person,
        event=event,
        at=at,
        message=number(message, "message_id"),
        replied_to=number(part(message, "reply_to_message"), "message_id"),
        hint=_hint(part(message, "from")),
    )


def _started(said: Said) -> Said | Started:
    """Recognise a start; its payload is kept only if it may be one of ours."""
    found = _START.fullmatch(said.text.strip()) if said.text.lstrip()[:1] == "/" else None
    if found is None:
        return said
    payload = (found[1] or "").strip()
    return Started(payload=payload if _PAYLOAD.fullmatch(payload) else "")


def _in_group(message: Raw, at: datetime, *, chat: int, edited: bool) -> GroupWrote | None:
    sender = part(message, "from")
    person, written = number(sender, "id"), number(message, "message_id")
    anonymous = person == ANONYMOUS or "sender_chat" in message
    if person is None or written is None or "is_automatic_forward" in message:
        return None
    if sender.get("is_bot") and not anonymous:
        return None
    replied_to = number(part(message, "reply_to_message"), "message_id")
    event = carried(message, edited=edited)
    if event is None or (replied_to is None and not isinstance(event, Said | Sent)):
        return None
    wrote = GroupWrote(chat, person, written, at, replied_to=replied_to, anonymous=anonymous, edited=edited)
    return _with_content(wrote, event)


def _with_content(wrote: GroupWrote, event: Carried) -> GroupWrote:
    match event:
        case Said():
            return replace(wrote, text=event.text)
        case Sent():
            return replace(wrote, attachment=event.attachment, caption=event.caption)
        case _:
            return wrote


def _moved(message: Raw, chat: int, at: datetime) -> GroupMoved | None:
    if to := number(message, "migrate_to_chat_id"):
        return GroupMoved(chat, to, at)
    if old := number(message, "migrate_from_chat_id"):
        return GroupMoved(old, chat, at)
    return None


# ── presses and membership ───────────────────────────────────────────────────────────────────────────────────


def _callback_query(query: Raw, now: datetime) -> Incoming | None:
    sender = part(query, "from")
    person = number(sender, "id")
    if person is None or person < 0:
        return None
    message = part(query, "message")
    chat = part(message, "chat")
    kind = text(chat, "type") if chat else "private"
    chat_id, pressed = number(chat, "id") or person, number(message, "message_id")
    callback, data = text(query, "id"), _data(query)
    if kind in _GROUPS or (kind == "private" and data.startswith(_DESK)):
        return GroupPressed(chat_id, person, data, callback, pressed, now, anonymous=person == ANONYMOUS)
    if kind != "private" or sender.get("is_bot"):
        return None
    # A message too old or deleted is told with date 0: nothing can be edited there.
    live = pressed is not None and bool(number(message, "date"))
    return PersonCame(
        chat=chat_id,
        person=person,
        event=Pressed(data=data, live=live),
        at=now,
        pressed=pressed,
        callback=callback or None,
        hint=_hint(sender),
    )


def _data(query: Raw) -> str:
    """Read what a button carries; it may be forged, and what is too long to be ours is nothing."""
    data = text(query, "data")
    return data if len(data.encode()) <= _DATA_BYTES else ""


def _my_chat_member(change: Raw, now: datetime) -> Incoming | None:
    at = moment(change, "date", now)
    chat, sender = part(change, "chat"), part(change, "from")
    chat_id, person = number(chat, "id"), number(sender, "id")
    member = part(change, "new_chat_member")
    status = member.get("status")
    if chat_id is None or not isinstance(status, str):
        return None
    if text(chat, "type") != "private":
        return Joined(chat_id, is_present(member), at)
    if person is None or status not in {"kicked", "member"}:
        return None
    event = Blocked() if status == "kicked" else Unblocked()
    return PersonCame(chat=chat_id, person=person, event=event, at=at, hint=_hint(sender))


def _chat_member(change: Raw, now: datetime) -> Incoming | None:
    """Read that somebody came or went; a change of rights is none."""
    chat, member = part(change, "chat"), part(change, "new_chat_member")
    chat_id, person = number(chat, "id"), number(part(member, "user"), "id")
    present = is_present(member)
    if chat_id is None or person is None or present == is_present(part(change, "old_chat_member")):
        return None
    return MemberChanged(chat_id, person, present, moment(change, "date", now))


def _hint(sender: Raw) -> Language:
    """Guess a language from the phone's: whoever has not chosen English reads Khmer."""
    return "en" if text(sender, "language_code").lower().startswith("en") else "km"


_KINDS: Mapping[str, Callable[[Raw, datetime], Incoming | None]] = {
    "message": _message,
    "edited_message": _edited_message,
    "callback_query": _callback_query,
    "my_chat_member": _my_chat_member,
    "chat_member": _chat_member,
}
