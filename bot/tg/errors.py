"""What an error of the Bot API means for a send: one table of the library's classes, one of Telegram's descriptions.

Three classes of our own tell apart what the library's do not: whether a call that failed can have had an effect.
"""

from collections.abc import Mapping
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    PassportDecryptionError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.core.sending import Failure
from bot.service.messaging import SendFailed


class NotSentError(NetworkError):
    """There was no connection: the call certainly had no effect."""


class PerhapsSentError(NetworkError):
    """The connection broke after the call was sent, or its answer cannot be read: it may have had its effect."""


class TooManyRequestsError(RetryAfter):
    """Telegram asks to wait. The library's own class warns whenever it is made; this one gives a timedelta at once."""

    def __init__(self, seconds: float) -> None:
        """Keep how long to wait."""
        self._wait = timedelta(seconds=seconds)
        super().__init__(self._wait)

    @property
    def retry_after(self) -> timedelta:
        """Give how long to wait."""
        return self._wait


FAILURES: Mapping[type[TelegramError], Failure] = {
    TelegramError: "unknown",
    NetworkError: "busy",  # 5xx, and error pages that are not Telegram's
    NotSentError: "unsent",
    PerhapsSentError: "unknown",
    TimedOut: "unknown",  # the library's: covers both, so the worse is assumed
    BadRequest: "malformed",  # unless it is described below
    Forbidden: "gone",  # unless it is described below
    InvalidToken: "revoked",
    EndPointNotFound: "malformed",
    ChatMigrated: "moved",
    RetryAfter: "wait",
    TooManyRequestsError: "wait",
    Conflict: "busy",  # only polling meets it, and looks for it by name
    PassportDecryptionError: "malformed",
}

MISSING = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
)
"""What we wanted to change is not there any more: it is to be sent anew, where it still matters."""

UNDELETABLE = ("message can't be deleted",)
"""Older than 48 hours, or not ours to delete: the person must clear it."""

# Source: tdlib/telegram-bot-api 10.0 (Client.cpp) and tdlib/td, read 2026-11. In lower case: the library changes case.
DESCRIPTIONS: Mapping[str, Failure] = {
    **dict.fromkeys(MISSING, "nothing"),
    **dict.fromkeys(UNDELETABLE, "nothing"),
    "message is not modified": "nothing",
    "message to delete not found": "nothing",
    "query is too old": "nothing",
    "bot was blocked by the user": "blocked",
    "user_is_blocked": "blocked",
    "bot can't initiate conversation": "blocked",
    "user is deactivated": "gone",
    "input_user_deactivated": "gone",
    "chat not found": "gone",
    "user not found": "gone",
    "peer_id_invalid": "gone",
    "was kicked from": "gone",
    "is not a member of": "gone",
    "group chat was deactivated": "gone",
    "group chat was deleted": "gone",
    "channel_private": "gone",
    "chat_write_forbidden": "gone",
    "chat_restricted": "gone",
    "have no rights to send": "gone",
    "have no write access": "gone",
    "not enough rights": "gone",
    "method not found": "malformed",  # 404 like a token that never was one
    "temporarily unavailable": "busy",  # a file of getFile's; the same id serves later
}


def failed(error: TelegramError) -> SendFailed:
    """Translate an error of the library; a class it adds later counts as the nearest one above it."""
    failure = next(FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
    if isinstance(error, BadRequest | Forbidden | InvalidToken):
        failure = next((meant for words, meant in DESCRIPTIONS.items() if says(error, words)), failure)
    moved = error.new_chat_id if isinstance(error, ChatMigrated) else None
    return SendFailed(failure, after=_wait(error), chat=moved, missing=says(error, *MISSING))


def says(error: TelegramError, *descriptions: str) -> bool:
    """Say whether Telegram's description holds one of these; they are in lower case."""
    said = error.message.lower()
    return any(description in said for description in descriptions)


def _wait(error: TelegramError) -> float:
    """Give the seconds to wait that Telegram asks for; 0 if it does not."""
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
