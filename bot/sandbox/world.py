"""The sandbox's Telegram as it stands: who is there, what was said, and what the bot is to be told of it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.changes import Changes
from bot.sandbox.chats import PRESENT, Chat, Message, Role, Standing, User, member_wire
from bot.sandbox.files import Files
from bot.sandbox.refusals import NotPossibleError
from bot.sandbox.updates import MESSAGE_LIFE, PRESS_LIFE, Updates
from bot.sandbox.view import message_view, people_view
from bot.sandbox.wire import Clock, Wire, unix

_FIRST_PERSON = 5_000_000_000  # beyond 32 bits, as real ids are by now
_SUPERGROUP = -1_000_000_000_000


@dataclass(slots=True, eq=False)
class Press:
    """One press of a button, and what the bot answered to it; `at` in Unix seconds."""

    id: str
    user: User
    chat: Chat
    at: int
    answered: bool = False
    text: str = ""
    alert: bool = False


class World:
    """Hold everything, and keep the queue of updates and the page's feed in step with it."""

    def __init__(self, *, bot: User, clock: Clock, chance: random.Random) -> None:
        self.bot = bot
        self.chance = chance
        self.clock = clock
        self.files = Files(chance=chance)
        self.changes = Changes()
        self.updates = Updates(chance=chance, now=lambda: clock().timestamp())
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.profile: Wire = {}  # what setMyCommands, setMyName and their like stored
        self.updates.on_change = self.changes.ring

    @property
    def now(self) -> int:
        """Give the time in Unix seconds."""
        return unix(self.clock())

    # Who and where

    def add_user(self, name: str, *, role: Role, language_code: str | None, user_id: int | None) -> User:
        """Add a person and their private chat with the bot, which they have not started yet."""
        user_id = user_id or _FIRST_PERSON + self.chance.randrange(2_000_000_000)
        while user_id in self.users:
            user_id += 1
        user = User(user_id, name, role=role, language_code=language_code)
        self.users[user_id] = user
        self.chats[user_id] = Chat(user_id, "private", name, user=user)
        self._tell_people()
        return user

    def add_group(
        self, title: str, *, kind: Literal["group", "supergroup"], members: dict[int, Standing], bot: Standing
    ) -> Chat:
        """Add a "group" or a "supergroup" in which the bot has the standing `bot`; nobody is told."""
        number = self.chance.randrange(1_000_000_000, 4_000_000_000)
        if kind == "group":
            chat = Chat(-number, "group", title, members=members, bot=bot)
        else:
            chat = Chat(_SUPERGROUP - number, "supergroup", title, members=members, bot=bot)
        self.chats[chat.id] = chat
        self._tell_people()
        return chat

    # What is said

    def post(
        self,
        chat: Chat,
        sender: User,
        content: Wire,
        *,
        reply_to: int | None = None,
        rows: list[list[Wire]] | None = None,
        replaces_keyboard: bool = False,
        protected: bool = False,
        album: str | None = None,
        service: bool = False,
    ) -> Message:
        """Put a new message into a chat; the bot is told of what others send, as far as it may see it."""
        message = Message(
            chat,
            len(chat.messages) + 1,
            self.now,
            sender,
            content,
            reply_to=reply_to,
            rows=rows,
            replaces_keyboard=replaces_keyboard,
            protected=protected,
            album=album,
            service=service,
        )
        chat.messages[message.id] = message
        self.changes.tell("message", _shown(message), chat_id=chat.id)
        if not sender.is_bot and self._is_seen(message):
            self.updates.push("message", message.wire(), lane=str(chat.id), expires=message.date + MESSAGE_LIFE)
        return message

    def edit(self, message: Message, content: Wire) -> None:
        """Give a person's message new content and tell the bot."""
        message.content = content
        message.edit_date = self.now
        self.changes.tell("edited", _shown(message), chat_id=message.chat.id)
        if self._is_seen(message):
            expires = message.edit_date + MESSAGE_LIFE
            self.updates.push("edited_message", message.wire(), lane=str(message.chat.id), expires=expires)

    def rewrite(self, message: Message, content: Wire, rows: list[list[Wire]] | None) -> None:
        """Give the bot's own message new content and buttons."""
        message.content = content
        message.rows = rows
        message.edit_date = self.now
        self.changes.tell("edited", _shown(message), chat_id=message.chat.id)

    def delete(self, chat: Chat, messages: Sequence[Message]) -> None:
        """Delete messages for everyone; bots are never told of a deletion."""
        for message in messages:
            message.deleted = True
        if message_ids := [message.id for message in messages]:
            self.changes.tell("deleted", lambda: {"chat": chat.id, "message_ids": message_ids}, chat_id=chat.id)

    def press(self, user: User, message: Message, data: str) -> Press:
        """Press a button with this data and tell the bot."""
        press = Press(str(self.chance.getrandbits(63)), user, message.chat, self.now)
        self.presses[press.id] = press
        body: Wire = {
            "id": press.id,
            "from": user.wire(),
            "message": message.wire(),
            "chat_instance": str(message.chat.id * 31),
            "data": data,
        }
        self.updates.push("callback_query", body, lane=f"press {user.id}", expires=press.at + PRESS_LIFE)
        self.changes.ring(message.chat.id)
        return press

    def toast(self, press: Press, text: str, *, alert: bool) -> None:
        """Show the bot's answer to a press."""
        press.answered, press.text, press.alert = True, text, alert
        self.changes.tell(
            "toast",
            lambda: {"chat": press.chat.id, "person": press.user.id, "text": text, "alert": alert},
            chat_id=press.chat.id,
        )

    # Who may

    def block(self, user: User, blocked: bool) -> None:
        """Block or unblock the bot; it is told."""
        if user.blocked == blocked:
            return
        user.blocked = blocked
        user.started = True
        self._tell_people()
        standings: tuple[Standing, Standing] = ("member", "kicked")
        old, new = standings if blocked else standings[::-1]
        self._tell_standing(self.chats[user.id], user, old=member_wire(self.bot, old), new=member_wire(self.bot, new))

    def set_bot(self, chat: Chat, standing: Standing, *, by: User, may_delete: bool = True) -> None:
        """Change the bot's standing in a group; it is told."""
        old = member_wire(self.bot, chat.bot, may_delete=chat.bot_may_delete)
        chat.bot, chat.bot_may_delete = standing, may_delete
        self._tell_standing(chat, by, old=old, new=member_wire(self.bot, standing, may_delete=may_delete))

    def set_member(self, chat: Chat, user: User, standing: Standing, *, by: User | None = None) -> None:
        """Change a person's standing in a group; the bot is told of it only where it is an administrator."""
        old = member_wire(user, chat.members.get(user.id, "left"))
        chat.members[user.id] = standing
        if chat.bot == "administrator":
            self._tell_standing(chat, by or user, old=old, new=member_wire(user, standing), kind="chat_member")

    def migrate(self, chat: Chat, *, by: User) -> Chat:
        """Turn a group into a supergroup with another id, leaving the old one behind.

        Raises: NotPossibleError for anything but a group that has not migrated yet.
        """
        if chat.type != "group" or chat.migrated_to is not None:
            raise NotPossibleError(f"chat {chat.id} is no group that could migrate; make one with kind='group'")
        new = self.add_group(chat.title, kind="supergroup", members=dict(chat.members), bot=chat.bot)
        self.post(chat, by, {"migrate_to_chat_id": new.id}, service=True)
        chat.migrated_to = new.id
        self._tell_people()
        self.post(new, by, {"migrate_from_chat_id": chat.id}, service=True)
        return new

    def _tell_standing(self, chat: Chat, by: User, *, old: Wire, new: Wire, kind: str = "my_chat_member") -> None:
        body: Wire = {
            "chat": chat.wire(),
            "from": by.wire(),
            "date": self.now,
            "old_chat_member": old,
            "new_chat_member": new,
        }
        self.updates.push(kind, body, lane=f"standing {chat.id}", expires=self.now + MESSAGE_LIFE)
        self.changes.ring(chat.id)

    def _tell_people(self) -> None:
        self.changes.tell("people", lambda: {"people": people_view(self.users.values())})

    def _is_seen(self, message: Message) -> bool:
        """Apply privacy mode: in a group a bot without rights sees commands, answers to it and service messages."""
        chat = message.chat
        if chat.is_private or chat.bot == "administrator" or message.service:
            return chat.is_private or chat.bot in PRESENT
        if chat.bot not in PRESENT:
            return False
        answered = chat.messages.get(message.reply_to or 0)
        return message.text.startswith("/") or (answered is not None and answered.from_bot)


def _shown(message: Message) -> Callable[[], Wire]:
    return lambda: {"chat": message.chat.id, "message": message_view(message)}
