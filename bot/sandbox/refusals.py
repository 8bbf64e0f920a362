"""How Telegram says no: codes and descriptions, word for word, because programs compare them.

Source: github.com/tdlib/telegram-bot-api (Client.cpp) and github.com/tdlib/td, Bot API 10.0, read 2026-11.
"""

from bot.core.errors import OperatorError, PeerError
from bot.sandbox.wire import Wire


class RefusedError(PeerError):
    """Carry one error answer of the Bot API: HTTP code, description and, for two kinds, parameters."""

    def __init__(self, code: int, description: str, *, parameters: Wire | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Wire:
        """Give the JSON body of the answer."""
        body: Wire = {"ok": False, "error_code": self.code, "description": self.description}
        return body if self.parameters is None else body | {"parameters": self.parameters}


class NotPossibleError(OperatorError):
    """A person in the sandbox cannot do this on a phone either; `status` is the control API's HTTP code."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def bad(what: str) -> RefusedError:
    """Make a 400; `what` follows "Bad Request: "."""
    return RefusedError(400, f"Bad Request: {what}")


def forbidden(what: str) -> RefusedError:
    """Make a 403; `what` follows "Forbidden: "."""
    return RefusedError(403, f"Forbidden: {what}")


def conflict(what: str) -> RefusedError:
    """Make a 409; `what` follows "Conflict: "."""
    return RefusedError(409, f"Conflict: {what}")


def too_many(retry_after: int) -> RefusedError:
    """Make a 429 that asks to wait `retry_after` seconds."""
    return RefusedError(429, f"Too Many Requests: retry after {retry_after}", parameters={"retry_after": retry_after})


def migrated(chat_id: int) -> RefusedError:
    """Make the 400 of a group that has become the supergroup `chat_id`."""
    return RefusedError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        parameters={"migrate_to_chat_id": chat_id},
    )
