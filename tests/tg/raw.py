"""Updates as Telegram writes them, made from the little that a test is about."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

Raw: TypeAlias = dict[str, Any]  # Any: raw JSON

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DATE = int(NOW.timestamp()) - 60
SOKHA: Raw = {"id": 7_000_000_001, "is_bot": False, "first_name": "សុខា", "language_code": "km"}
DARA: Raw = {"id": 42, "is_bot": False, "first_name": "Dara"}
PRIVATE: Raw = {"id": SOKHA["id"], "type": "private", "first_name": "សុខា"}
GROUP: Raw = {"id": -1001234567890, "type": "supergroup", "title": "Operators"}
CHANNEL: Raw = {"id": -1009999999999, "type": "channel", "title": "News"}
OTHER_BOT: Raw = {"id": 555, "is_bot": True, "first_name": "gif", "username": "gif"}
CARD: Raw = {"message_id": 900, "chat": GROUP, "date": DATE - 60, "text": "card"}
FILE: Raw = {"file_id": "AwACAgUAAx", "file_unique_id": "AgADx", "file_size": 4096}
PLACE: Raw = {"latitude": 13.75, "longitude": 100.5}


def message(kind: str = "message", /, **fields: Any) -> Raw:
    """Write a private message of Sokha; what is None is left out."""
    body: Raw = {"message_id": 10, "from": SOKHA, "chat": PRIVATE, "date": DATE}
    return update(kind, {key: value for key, value in (body | fields).items() if value is not None})


def in_group(kind: str = "message", /, **fields: Any) -> Raw:
    """Write a message of Dara in the group."""
    return message(kind, **{"from": DARA, "chat": GROUP} | fields)


def press(**fields: Any) -> Raw:
    """Write a press of Sokha on a button of her screen."""
    shown = {"message_id": 9, "from": OTHER_BOT, "chat": PRIVATE, "date": DATE - 60, "text": "screen"}
    body: Raw = {"id": "4382bfdwdsb323b2d9", "from": SOKHA, "message": shown, "chat_instance": "1", "data": "3:s.m:1"}
    return update("callback_query", {key: value for key, value in (body | fields).items() if value is not None})


def member(status: str, *, chat: Raw = GROUP, **fields: Any) -> Raw:
    """Write that the bot's standing became this."""
    changed = {"user": OTHER_BOT, "status": status} | fields
    old = {"user": OTHER_BOT, "status": "left"}
    body = {"chat": chat, "from": SOKHA, "date": DATE, "old_chat_member": old, "new_chat_member": changed}
    return update("my_chat_member", body)


def update(kind: str, body: object) -> Raw:
    """Write a whole update."""
    return {"update_id": 731_000_001, kind: body}
