"""People with phones: what tests, `try` and the page let them do, and what they see."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.chats import PRESENT, Chat, Message, Role, Standing, User
from bot.sandbox.files import content_of
from bot.sandbox.formatting import TEXT_LIMIT, spotted
from bot.sandbox.refusals import NotPossibleError
from bot.sandbox.wire import Wire
from bot.sandbox.world import Press, World

Found = TypeVar("Found")
PATIENCE = 5.0  # seconds a test waits before it fails


async def until(
    world: World,
    predicate: Callable[[], Found | None],
    *,
    chat_id: int | None = None,
    timeout: float = PATIENCE,  # noqa: ASYNC109  # how long a test is patient
) -> Found:
    """Wait until the predicate gives something true, looking again at every change (of one chat, if given).

    Raises: TimeoutError.
    """
    try:
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await world.changes.next(chat_id)
            return found
    except TimeoutError:
        raise TimeoutError(f"nothing in the sandbox made this true within {timeout} s: {predicate}") from None


class Group:
    """A group with the bot in it; follows the chat when it migrates."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """Give the chat's id as it is now."""
        return self.chat.id

    def messages(self) -> list[Message]:
        """Give what is there and not deleted, oldest first."""
        return list(self.chat.newest())[::-1]

    def joins(self, person: "Person", standing: Standing = "member") -> None:
        """Let someone in, or change their standing; the bot is told if it is an administrator and asked for that."""
        self._world.set_member(self.chat, person.user, standing)

    def loses(self, person: "Person", *, by: "Person | None" = None) -> None:
        """Let someone go, or be removed by somebody else."""
        gone: Standing = "left" if by is None else "kicked"
        self._world.set_member(self.chat, person.user, gone, by=None if by is None else by.user)

    def sets_bot(self, standing: Standing, *, by: "Person", may_delete: bool = True) -> None:
        """Change the bot's standing (added, made administrator, kicked); it is told."""
        self._world.set_bot(self.chat, standing, by=by.user, may_delete=may_delete)

    def migrates(self, *, by: "Person") -> None:
        """Become a supergroup with another id; only a group of kind "group" can."""
        self.chat = self._world.migrate(self.chat, by=by.user)


@dataclass(frozen=True, slots=True)
class Toast:
    """What a press was answered with."""

    text: str
    alert: bool


class Person:
    """Someone with Telegram on a phone. Without `chat` everything happens in the private chat with the bot.

    Raises: NotPossibleError for what a phone does not offer: a button that is not there, writing to a blocked bot.
    """

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self._presses: list[Press] = []
        self.user = user

    @property
    def id(self) -> int:
        """Give the account's id, which is also the private chat's."""
        return self.user.id

    @property
    def name(self) -> str:
        """Give the name."""
        return self.user.name

    @property
    def role(self) -> Role:
        """Give the part they play in the sandbox; Telegram knows nothing of it."""
        return self.user.role

    @property
    def chat(self) -> Chat:
        """Give the private chat with the bot."""
        return self._world.chats[self.user.id]

    @property
    def toasts(self) -> list[Toast]:
        """Give the non-empty answers to their presses, in the order of the presses."""
        return [Toast(press.text, press.alert) for press in self._presses if press.text]

    async def says(self, text: str, *, chat: "Group | Chat | None" = None, reply_to: Message | None = None) -> Message:
        """Write; a text over the limit goes out in parts, as phones do it. Gives the last part."""
        parts = [text[at : at + TEXT_LIMIT] for at in range(0, len(text), TEXT_LIMIT)]
        if not parts:
            raise NotPossibleError("a phone sends no empty message")
        sent = [await self.sends(_words(part), chat=chat, reply_to=reply_to) for part in parts]
        return sent[-1]

    async def sends(
        self,
        content: Wire,
        *,
        chat: "Group | Chat | None" = None,
        reply_to: Message | None = None,
        album: str | None = None,
    ) -> Message:
        """Send a message with this content, as Telegram writes it: a sticker, a poll, a contact, anything."""
        place = self._place(chat)
        self.user.started = self.user.started or place.is_private
        return self._world.post(place, self.user, content, reply_to=reply_to.id if reply_to else None, album=album)

    async def sends_file(
        self,
        kind: str,
        content: bytes,
        *,
        name: str = "",
        mime: str = "",
        caption: str = "",
        duration: int | None = None,
        size: int | None = None,
        chat: "Group | Chat | None" = None,
        reply_to: Message | None = None,
        album: str | None = None,
    ) -> Message:
        """Send a file as `kind` (voice, photo, document, video, audio, video_note); `size` may claim to be larger."""
        place = self._place(chat)
        file = self._world.files.add(content, kind=kind, name=name, mime=mime, size=size)
        words: Wire = {"caption": caption} if caption else {}
        return await self.sends(content_of(file, duration=duration) | words, chat=place, reply_to=reply_to, album=album)

    async def sends_voice(self, content: bytes, *, duration: int = 3, chat: "Group | Chat | None" = None) -> Message:
        """Send a voice note."""
        return await self.sends_file("voice", content, duration=duration, chat=chat)

    async def sends_photo(
        self, content: bytes, *, caption: str = "", album: str | None = None, chat: "Group | Chat | None" = None
    ) -> Message:
        """Send a photo; photos with the same `album` belong together."""
        return await self.sends_file("photo", content, caption=caption, album=album, chat=chat)

    async def sends_document(
        self, name: str, mime: str, content: bytes, *, caption: str = "", size: int | None = None
    ) -> Message:
        """Send a file under a name."""
        return await self.sends_file("document", content, name=name, mime=mime, caption=caption, size=size)

    async def sends_location(self, latitude: float, longitude: float, *, live: int | None = None) -> Message:
        """Send a point on the map; `live` for so many seconds."""
        return await self.sends({"location": _point(latitude, longitude) | ({"live_period": live} if live else {})})

    async def moves(self, message: Message, latitude: float, longitude: float) -> None:
        """Move a live location; the bot gets it as an edit."""
        point = message.content["location"] | _point(latitude, longitude)
        self._world.edit(self._mine(message), {"location": point})

    async def stops_sharing(self, message: Message) -> None:
        """End a live location; the bot gets it as an edit without a live period."""
        place = message.content["location"]
        self._world.edit(self._mine(message), {"location": _point(place["latitude"], place["longitude"])})

    async def sends_contact(self, phone: str, *, of: "Person | None" = None) -> Message:
        """Send a contact: their own card, or that of somebody else."""
        owner = of or self
        return await self.sends({"contact": {"phone_number": phone, "first_name": owner.name, "user_id": owner.id}})

    async def edits(self, message: Message, text: str) -> None:
        """Change the words of an own message."""
        key = "text" if "text" in message.content else "caption"
        self._world.edit(self._mine(message), message.content | {key: text})

    async def deletes(self, message: Message) -> None:
        """Delete a message for both sides; the bot is not told."""
        if not message.chat.is_private:
            self._mine(message)
        self._place(message.chat, blocked_too=True)
        self._world.delete(message.chat, [message])

    async def presses(
        self, button: str | int, *, message: Message | None = None, chat: "Group | Chat | None" = None
    ) -> Press:
        """Press a button by its label, its data or its number (0 is the first), on the screen or on `message`."""
        message = message or self.screen(chat)
        if message is None:
            raise NotPossibleError("there is no message of the bot to press a button on", status=404)
        return self._press(message, _button(message, button))

    async def forges(self, data: str, *, message: Message | None = None) -> Press:
        """Press with data no button has, as a modified Telegram program can."""
        message = message or self.screen()
        if message is None:
            raise NotPossibleError("there is no message of the bot to press a button on", status=404)
        return self._press(message, data)

    def blocks(self) -> None:
        """Block the bot."""
        self._world.block(self.user, True)

    def unblocks(self) -> None:
        """Unblock the bot."""
        self._world.block(self.user, False)

    def leaves_telegram(self) -> None:
        """Delete the account; the bot learns it when it writes."""
        self.user.gone = True

    def screen(self, chat: "Group | Chat | None" = None) -> Message | None:
        """Give the newest message of the bot that was not deleted."""
        place = self._chat(chat)
        return next((message for message in place.newest() if message.from_bot), None)

    def messages(self, chat: "Group | Chat | None" = None) -> list[Message]:
        """Give what is on the phone and not deleted, oldest first."""
        return list(self._chat(chat).newest())[::-1]

    async def until(self, predicate: Callable[[], Found | None], *, timeout: float = PATIENCE) -> Found:  # noqa: ASYNC109  # as above
        """Wait for something to become true, looking again when this person's private chat changes."""
        return await until(self._world, predicate, chat_id=self.id, timeout=timeout)

    async def sees(self, words: str, *, timeout: float = PATIENCE) -> Message:  # noqa: ASYNC109  # as above
        """Wait until the screen says these words somewhere, and give it."""

        def shown() -> Message | None:
            screen = self.screen()
            return screen if screen is not None and words in screen.text else None

        return await self.until(shown, timeout=timeout)

    def _chat(self, chat: "Group | Chat | None") -> Chat:
        if isinstance(chat, Group):
            return chat.chat
        return self.chat if chat is None else chat

    def _place(self, chat: "Group | Chat | None", *, blocked_too: bool = False) -> Chat:
        """Find where this person may write."""
        place = self._chat(chat)
        if place.is_private:
            if place.user is not self.user:
                raise NotPossibleError(f"chat {place.id} is not one of person {self.id}", status=404)
            if self.user.blocked and not blocked_too:
                raise NotPossibleError(f"person {self.id} has blocked the bot; unblock it first", status=403)
        elif place.members.get(self.id, "left") not in PRESENT:
            raise NotPossibleError(f"person {self.id} is not in chat {place.id}", status=403)
        return place

    def _mine(self, message: Message) -> Message:
        if message.sender is not self.user or message.deleted:
            where = f"message {message.id} in chat {message.chat.id}"
            raise NotPossibleError(f"{where} is not one of person {self.id}", status=404)
        return message

    def _press(self, message: Message, data: str) -> Press:
        self._place(message.chat)
        if message.deleted:
            raise NotPossibleError(f"message {message.id} in chat {message.chat.id} was deleted", status=404)
        press = self._world.press(self.user, message, data)
        self._presses.append(press)
        return press


def _words(text: str) -> Wire:
    entities = spotted(text)
    return {"text": text} | ({"entities": entities} if entities else {})


def _point(latitude: float, longitude: float) -> Wire:
    return {"latitude": latitude, "longitude": longitude}


def _button(message: Message, wanted: str | int) -> str:
    """Find a button's data by label, data or number."""
    buttons = list(message.buttons())
    if isinstance(wanted, int):
        found: Mapping[str, object] | None = buttons[wanted] if -len(buttons) <= wanted < len(buttons) else None
    else:
        found = next((button for button in buttons if wanted in (button.get("callback_data"), button["text"])), None)
    if found is None:
        raise NotPossibleError(f"there is no button {wanted!r}; there are {message.labels}", status=404)
    if "callback_data" not in found:
        raise NotPossibleError(f"button {wanted!r} opens something and tells the bot nothing")
    return str(found["callback_data"])
