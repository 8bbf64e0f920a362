"""One call of the Bot API: its parameters, however they were sent, read the way Telegram reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.refusals import bad


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that came with a call."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A call and, once it was made, what became of it: the ground truth that tests compare with.

    `outcome`: "ok", "refused" (an error answer of Telegram), or the fault that was played (see faults).
    `done`: it had its effect, whatever the caller was told. `message_id`: the message it made or changed.
    """

    method: str
    params: Mapping[str, object] = field(repr=False)
    uploads: Mapping[str, Upload] = field(default_factory=dict, repr=False)
    at: datetime | None = None
    chat_id: int | None = None
    message_id: int | None = None
    outcome: str = ""
    code: int = 200
    done: bool = False

    def text(self, name: str) -> str:
        """Read a text; "" if it is not there."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def flag(self, name: str) -> bool:
        """Read a boolean: true, "true", "yes" or "1"."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def number(self, name: str, default: int = 0) -> int:
        """Read a whole number; what is no number counts as 0, as at Telegram."""
        raw = self.text(name).strip()
        if not raw:
            return default
        try:
            return int(raw)
        except ValueError:
            return 0

    def json(self, name: str, what: str) -> object:
        """Read a JSON value sent as text or as it is; None if it is not there. `what` names it in the refusal.

        Raises: RefusedError.
        """
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            decoded: object = json.loads(value)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None
        return decoded

    def chat(self, name: str = "chat_id") -> int:
        """Read a chat's id; a @name is no chat the sandbox knows.

        Raises: RefusedError.
        """
        raw = self.text(name).strip()
        if not raw:
            raise bad("chat_id is empty")
        try:
            return int(raw)
        except ValueError:
            raise bad("chat not found") from None

    def message_ids(self, name: str = "message_ids") -> list[int]:
        """Read one to a hundred message ids.

        Raises: RefusedError.
        """
        value = self.json(name, name)
        if value is None:
            raise bad("message identifiers are not specified")
        if not isinstance(value, list):
            raise bad("expected an Array of message identifiers")
        if not value:
            raise bad("message identifiers are not specified")
        if len(value) > 100:
            raise bad("too many message identifiers specified")
        try:
            found = [int(item) for item in value]
        except (TypeError, ValueError):
            raise bad("can't parse message identifier as a Number") from None
        if min(found) <= 0:
            raise bad("invalid message identifier specified")
        return found
