"""The ports to the messenger: what comes in, and what can be sent. `bot.tg` speaks Telegram behind them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.errors import PeerError
from bot.core.events import Attachment, Blocked, Gestured, Located, Pressed, Said, Sent, Shared, Started, Unblocked
from bot.core.render import Button, Message
from bot.core.sending import Failure
from bot.core.values import Language

PersonEvent = Started | Said | Pressed | Sent | Located | Shared | Gestured | Blocked | Unblocked


@dataclass(frozen=True, slots=True)
class PersonCame:
    """Something a person did in their private chat. `message` is their own message's id (None for presses).

    `pressed` is the id of the message whose button was pressed, `callback` the press to be answered. `replied_to` is
    the message they answered, if any (an operator may answer a card in a private chat).
    """

    chat: int
    person: int
    event: PersonEvent
    at: datetime
    message: int | None = None
    pressed: int | None = None
    callback: str | None = None
    replied_to: int | None = None
    hint: Language = "km"


@dataclass(frozen=True, slots=True)
class GroupPressed:
    """A member of a group, or somebody in a private chat, pressed a button of a card or of a confirmation.

    `data` begins with `c:` (a card's token) or `r:` (an operator's reply). `anonymous` members cannot be known.
    """

    chat: int
    person: int
    data: str
    callback: str
    message: int | None
    at: datetime
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class GroupWrote:
    """A member of a group wrote; it matters only as an answer to a card.

    At most one of text and attachment is given; neither: it answers something and carries nothing that can be passed
    on (a sticker, a place, ...). `caption` is what was written under the attachment.
    """

    chat: int
    person: int
    message: int
    at: datetime
    replied_to: int | None = None
    text: str | None = None
    attachment: Attachment | None = None
    caption: str = ""
    anonymous: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """A group became another chat."""

    chat: int
    to: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot was added to, or taken out of, a chat that is not private; `present` says which."""

    chat: int
    present: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Somebody came into a group, or is not in it any more; told only where the bot is an administrator."""

    chat: int
    person: int
    present: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that means nothing here (inline queries, channel posts, payments, unknown kinds, ...)."""

    at: datetime


Incoming = PersonCame | GroupPressed | GroupWrote | GroupMoved | Joined | MemberChanged | Ignored


class Translator(Protocol):
    """Read one raw update. Never raises for what a client can send; what cannot be read at all raises PeerError."""

    def __call__(self, update: dict[str, object], now: datetime) -> Incoming:
        """Translate; `now` replaces dates that are missing or in the future."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in a group: there or not, and whether they may delete what others wrote."""

    present: bool
    may_delete: bool = False


class SendFailed(PeerError):
    """A call did not succeed; `failure` says what that means, `after` is in seconds, `chat` where a group moved to.

    `missing` with failure `nothing`: the message to edit is not there any more, or cannot be edited; it is not as
    wanted until it is sent anew. (Not modified and already deleted are as good as done.)
    """

    def __init__(self, failure: Failure, *, after: float = 0.0, chat: int | None = None, missing: bool = False) -> None:
        """Keep what the policy needs; never the words that were to be sent."""
        super().__init__(f"The messenger did not take a message: {failure}. It is tried again or shown to operators.")
        self.failure: Failure = failure
        self.after = after
        self.chat = chat
        self.missing = missing


class Messenger(Protocol):
    """Send through the messenger. Every method may raise SendFailed and nothing else."""

    async def send(self, chat: int, message: Message, *, reply_to: int | None = None) -> int:
        """Send text with buttons, protected from forwarding; gives the message id."""

    async def send_file(self, chat: int, attachment: Attachment, caption: str, rows: Sequence[Sequence[Button]]) -> int:
        """Pass on a file that an operator sent to the bot, by its own reference; gives the message id."""

    async def edit(self, chat: int, message_id: int, message: Message) -> None:
        """Replace a message's text and buttons."""

    async def edit_buttons(self, chat: int, message_id: int, rows: Sequence[Sequence[Button]]) -> None:
        """Replace a message's buttons only."""

    async def delete(self, chat: int, message_ids: Sequence[int]) -> tuple[int, ...]:
        """Delete messages, in hundreds; those already gone count as deleted. Gives those too old to be deleted."""

    async def answer(self, callback: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press; one too old to answer is not an error."""

    def download(self, file: str) -> AsyncIterator[bytes]:
        """Stream a file's bytes in chunks."""

    async def leave(self, chat: int) -> None:
        """Leave a chat that is not ours."""

    async def standing(self, chat: int, person: int) -> Standing:
        """Tell what somebody, or the bot itself, is in a group."""

    async def name(self) -> tuple[int, str]:
        """Give the bot's id and username."""


class Clock(Protocol):
    """Tell the time and wait for it. Tests set it."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""

    async def until(self, moment: datetime) -> None:
        """Wait until an instant has come."""
