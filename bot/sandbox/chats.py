"""Who and what is in the sandbox's Telegram: users, chats and messages, and how each is written on the wire."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.sandbox.wire import Wire

Role: TypeAlias = Literal["worker", "sister", "operator"]
Standing: TypeAlias = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

PRESENT: frozenset[Standing] = frozenset({"creator", "administrator", "member", "restricted"})

_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


@dataclass(slots=True, eq=False)
class User:
    """An account. `started`: has written to the bot; `gone`: the account was deleted."""

    id: int
    name: str
    is_bot: bool = False
    username: str | None = None
    language_code: str | None = None
    role: Role = "worker"
    started: bool = False
    blocked: bool = False
    gone: bool = False

    def wire(self) -> Wire:
        """Write the account as Telegram's User."""
        wire: Wire = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        if self.username:
            wire["username"] = self.username
        if self.language_code:
            wire["language_code"] = self.language_code
        return wire


@dataclass(slots=True, eq=False)
class Message:
    """One message; a deleted one stays, marked, for oracles.

    `content` holds the fields Telegram writes for its kind.
    """

    chat: "Chat"
    id: int
    date: int
    sender: User
    content: Wire
    reply_to: int | None = None
    rows: list[list[Wire]] | None = None
    replaces_keyboard: bool = False
    protected: bool = False
    album: str | None = None
    edit_date: int | None = None
    deleted: bool = False
    service: bool = False

    @property
    def from_bot(self) -> bool:
        """Say whether the bot sent it."""
        return self.sender.is_bot

    @property
    def text(self) -> str:
        """Give its words: the text, or the caption, or nothing."""
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def labels(self) -> list[list[str]]:
        """Give the labels of its buttons, row by row."""
        return [[str(button["text"]) for button in row] for row in self.rows or []]

    def buttons(self) -> Iterator[Wire]:
        """Go through its buttons, row by row."""
        for row in self.rows or []:
            yield from row

    def wire(self, *, deep: bool = True) -> Wire:
        """Write it as Telegram's Message; the message it answers is included one level deep."""
        wire: Wire = {
            "message_id": self.id,
            "from": self.sender.wire(),
            "chat": self.chat.wire(),
            "date": self.date,
        }
        if self.edit_date is not None:
            wire["edit_date"] = self.edit_date
        answered = self.chat.find(self.reply_to) if deep and self.reply_to else None
        if answered:
            wire["reply_to_message"] = answered.wire(deep=False)
        if self.album:
            wire["media_group_id"] = self.album
        wire |= self.content
        if self.rows:
            wire["reply_markup"] = {"inline_keyboard": self.rows}
        if self.protected:
            wire["has_protected_content"] = True
        return wire


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat (with `user`; its id is theirs), a group or a supergroup, with everything ever sent in it."""

    id: int
    type: Literal["private", "group", "supergroup"]
    title: str
    user: User | None = None
    members: dict[int, Standing] = field(default_factory=dict)
    bot: Standing = "member"
    bot_may_delete: bool = True
    migrated_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """Say whether this is a chat of one person with the bot."""
        return self.user is not None

    def wire(self) -> Wire:
        """Write it as Telegram's Chat."""
        if self.user is None:
            return {"id": self.id, "type": self.type, "title": self.title}
        wire: Wire = {"id": self.id, "type": "private", "first_name": self.user.name}
        return wire | {"username": self.user.username} if self.user.username else wire

    def find(self, message_id: int | None) -> Message | None:
        """Find a message that was not deleted."""
        message = self.messages.get(message_id or 0)
        return None if message is None or message.deleted else message

    def newest(self) -> Iterator[Message]:
        """Go through what was not deleted, newest first."""
        return (message for message in reversed(self.messages.values()) if not message.deleted)


def member_wire(user: User, standing: Standing, *, may_delete: bool = True) -> Wire:
    """Write someone's place in a chat as Telegram's ChatMember."""
    wire: Wire = {"user": user.wire(), "status": standing}
    match standing:
        case "creator":
            return wire | {"is_anonymous": False}
        case "administrator":
            rights = dict.fromkeys(_RIGHTS, True) | {"can_delete_messages": may_delete}
            return wire | {"can_be_edited": False, "is_anonymous": False} | rights
        case "kicked":
            return wire | {"until_date": 0}
        case _:
            return wire
