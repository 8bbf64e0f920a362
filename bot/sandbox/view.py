"""What the page sees: people, chats and messages in the few fields a phone shows."""

from collections.abc import Iterable
from itertools import islice

from bot.sandbox.chats import Chat, Message, User
from bot.sandbox.wire import Wire

KEPT = 200  # messages of a chat the page is given at first

_FILES = ("voice", "photo", "document", "video", "audio", "animation", "video_note", "sticker")


def people_view(users: Iterable[User]) -> list[Wire]:
    """Show every person; bots are not people."""
    return [
        {
            "id": user.id,
            "name": user.name,
            "role": user.role,
            "language_code": user.language_code,
            "blocked": user.blocked,
        }
        for user in users
        if not user.is_bot
    ]


def chat_view(chat: Chat) -> Wire:
    """Show a chat with its newest messages, oldest first."""
    newest = list(islice(chat.newest(), KEPT))
    return {
        "id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "person": None if chat.user is None else chat.user.id,
        "messages": [message_view(message) for message in reversed(newest)],
    }


def message_view(message: Message) -> Wire:
    """Show one message."""
    sender = message.sender
    view: Wire = {
        "message_id": message.id,
        "date": message.date,
        "from": {"id": sender.id, "name": sender.name, "bot": sender.is_bot},
        "edited": message.edit_date is not None,
    }
    content = message.content
    view |= {key: content[key] for key in ("text", "caption", "entities", "location") if key in content}
    kind = next((kind for kind in _FILES if kind in content), None)
    if kind is not None:
        view |= _file_view(kind, content)
    elif "text" not in content and "location" not in content:
        # A poll, a contact, a service message: named, so that the page never shows an empty bubble.
        view["text"] = f"[{next(iter(content), 'message')}]"
    if message.reply_to:
        view["reply_to"] = message.reply_to
    if message.rows:
        view["keyboard"] = [[_button_view(button) for button in row] for row in message.rows]
    return view


def _file_view(kind: str, content: Wire) -> Wire:
    file = content[kind][-1] if kind == "photo" else content[kind]
    view: Wire = {
        "url": f"/sandbox/file/{file.get('file_id', '')}",
        "name": file.get("file_name", kind),
        "mime": file.get("mime_type", "image/jpeg" if kind == "photo" else "application/octet-stream"),
        "size": file.get("file_size", 0),
    }
    if "duration" in file:
        view["duration"] = file["duration"]
    known = kind if kind in ("voice", "photo", "document", "video") else "document"
    return {known: view}


def _button_view(button: Wire) -> Wire:
    view: Wire = {"text": button["text"]}
    if "callback_data" in button:
        view["data"] = button["callback_data"]
    if "url" in button:
        view["url"] = button["url"]
    return view
