"""Close and open what the bot itself must read: conversations, chat ids, inbox bodies, undelivered texts.

Every place is bound to its ciphertext, so that a row copied elsewhere does not open.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import cast

from pydantic_core import PydanticSerializationError, to_json

from bot.core.state import Conversation
from bot.service.vaulting import Cipher

NO_CHAT = 0
"""Kept as the chat of who calls or comes; Telegram has no such chat. Only who holds the server key can tell."""
TALKS_KEPT = 1000
"""Conversations remembered as they were closed last: who writes now will probably write again. About 2 MB."""


class Closer:
    """Encode and encrypt values of the service with the server key."""

    def __init__(self, cipher: Cipher) -> None:
        """Use this cipher for everything."""
        self._cipher = cipher
        self._talks: OrderedDict[str, tuple[bytes, Conversation]] = OrderedDict()

    def lane(self, chat: int) -> str:
        """Give the lane of a private chat: a keyed index, opaque without the server key."""
        return self._cipher.index("chat", str(chat))

    def caller(self, key: str) -> str:
        """Give the lane of somebody who calls or comes, by the key under which they were received."""
        return self._cipher.index("caller", key)

    def digest(self, written: str) -> str:
        """Give the keyed digest of an update's body."""
        return self._cipher.index("body", written)

    def talk(self, lane: str, talk: Conversation) -> bytes:
        """Close a conversation."""
        clear = talk.model_dump_json(exclude_defaults=True).encode()
        closed = self._cipher.close(f"conversations|{lane}", clear)
        self._talks[lane] = (closed, talk)
        self._talks.move_to_end(lane)
        if len(self._talks) > TALKS_KEPT:
            self._talks.popitem(last=False)
        return closed

    def open_talk(self, lane: str, body: bytes | None) -> Conversation:
        """Open a conversation; a new one if there is none. One that was closed here lately is known still."""
        if body is None:
            return Conversation()
        closed, talk = self._talks.get(lane, (b"", None))
        if talk is not None and closed == body:
            return talk
        return Conversation.model_validate_json(self._cipher.open(f"conversations|{lane}", body))

    def chat(self, lane: str, chat: int) -> bytes:
        """Close the id of the chat that a lane writes to."""
        return self._cipher.close(f"chat|{lane}", str(chat).encode())

    def open_chat(self, lane: str, body: bytes) -> int:
        """Open a chat id."""
        return int(self._cipher.open(f"chat|{lane}", body))

    def message_id(self, lane: str, message: int) -> bytes:
        """Close a message id for the ledger."""
        return self._cipher.close(f"ledger|{lane}", str(message).encode())

    def open_message_id(self, lane: str, body: bytes) -> int:
        """Open a message id of the ledger."""
        return int(self._cipher.open(f"ledger|{lane}", body))

    def body(self, place: str, value: Mapping[str, object]) -> bytes:
        """Close a JSON object, core's values within it too, at a place such as `inbox|lane` or `outbox|key`."""
        return self._cipher.close(place, _written(value))

    def update(self, lane: str, written: str, *, case: str | None) -> bytes:
        """Close an update, written as JSON already, for the inbox, with the case it names; it opens as a body does."""
        clear = f'{{"update":{written},"case":{json.dumps(case)}}}'
        return self._cipher.close(f"inbox|{lane}", clear.encode("utf-8", "surrogatepass"))

    def open_body(self, place: str, body: bytes) -> dict[str, object]:
        """Open a JSON object."""
        return cast(dict[str, object], json.loads(self._cipher.open(place, body)))


def _written(value: Mapping[str, object]) -> bytes:
    """Write as JSON. Half a surrogate pair, which only what came from outside can hold, is kept as an escape."""
    try:
        return to_json(value)
    except PydanticSerializationError:
        return json.dumps(value).encode()
