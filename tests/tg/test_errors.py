"""What each error means, for every class and every description of the library and of Telegram."""

import inspect
from typing import get_args

import pytest
import telegram.error
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.core.sending import Failure
from bot.tg.errors import DESCRIPTIONS, FAILURES, NotSentError, PerhapsSentError, TooManyRequestsError, failed


def classes() -> list[type[TelegramError]]:
    """Walk every error the library has."""
    found = [kind for _, kind in inspect.getmembers(telegram.error, inspect.isclass)]
    return [kind for kind in found if issubclass(kind, TelegramError)]


def test_every_error_class_of_the_library_has_a_meaning() -> None:
    """A class that a new version adds does not pass unnoticed."""
    assert {kind.__name__ for kind in classes()} == set(telegram.error.__all__)
    assert [kind for kind in classes() if kind not in FAILURES] == []


def test_every_meaning_is_one_the_send_policy_knows_and_can_come_about() -> None:
    """No failure of the policy is a dead letter, and none is invented here."""
    assert {*FAILURES.values(), *DESCRIPTIONS.values()} == set(get_args(Failure))


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("message is not modified: specified new message content and reply markup are exactly the same", "nothing"),
        ("message to edit not found", "nothing"),
        ("message can't be edited", "nothing"),
        ("message to delete not found", "nothing"),
        ("message can't be deleted for everyone", "nothing"),
        ("query is too old and response timeout expired or query ID is invalid", "nothing"),
        ("chat not found", "gone"),
        ("PEER_ID_INVALID", "gone"),
        ("group chat was deactivated", "gone"),
        ("not enough rights to send text messages to the chat", "gone"),
        ("have no rights to send a message", "gone"),
        ("wrong file_id or the file is temporarily unavailable", "busy"),
        ("file is too big", "malformed"),
        ("message is too long", "malformed"),
        ("message text is empty", "malformed"),
        ("can't parse entities: unsupported start tag", "malformed"),
        ("BUTTON_DATA_INVALID", "malformed"),
        ("something nobody has heard of", "malformed"),
    ],
)
def test_a_bad_request_means_what_its_description_says(said: str, failure: Failure) -> None:
    """Telegram has one code for very different things; programs must compare words."""
    assert failed(BadRequest(f"Bad Request: {said}")).failure == failure


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("bot was blocked by the user", "blocked"),
        ("bot can't initiate conversation with a user", "blocked"),
        ("user is deactivated", "gone"),
        ("bot was kicked from the supergroup chat", "gone"),
        ("bot is not a member of the supergroup chat", "gone"),
        ("the group chat was deleted", "gone"),
        ("bots can't send messages to bots", "gone"),
    ],
)
def test_a_refusal_tells_the_blocked_from_the_gone(said: str, failure: Failure) -> None:
    """Who blocked us may come back; a chat that is gone does not."""
    assert failed(Forbidden(f"Forbidden: {said}")).failure == failure


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (NotSentError("x"), "unsent"),
        (PerhapsSentError("x"), "unknown"),
        (TimedOut(), "unknown"),
        (NetworkError("Bad Gateway (502)"), "busy"),
        (TooManyRequestsError(7.5), "wait"),
    ],
)
def test_certainly_not_sent_and_perhaps_sent_stay_apart(error: TelegramError, failure: Failure) -> None:
    """A message has no idempotency key: only what certainly had no effect may be repeated without a thought."""
    assert failed(error).failure == failure


def test_a_method_telegram_does_not_know_is_no_revoked_token() -> None:
    """Both are a 404; only one of them stops all sending."""
    assert failed(InvalidToken("Not Found: method not found")).failure == "malformed"
    assert failed(InvalidToken("Not Found")).failure == failed(InvalidToken()).failure == "revoked"


def test_what_the_policy_needs_is_kept() -> None:
    """How long to wait and where a group went come along."""
    assert failed(TooManyRequestsError(7.5)).after == 7.5
    assert (failed(ChatMigrated(-100123)).failure, failed(ChatMigrated(-100123)).chat) == ("moved", -100123)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("message to edit not found", True),
        ("message can't be edited", True),
        ("message is not modified: specified new", False),
        ("message to delete not found", False),
    ],
)
def test_a_message_that_must_be_sent_anew_is_known(said: str, missing: bool) -> None:
    """An edit of nothing leaves the person without a screen; an edit without a change does not."""
    assert failed(BadRequest(f"Bad Request: {said}")).missing is missing


def test_a_class_of_a_later_library_counts_as_its_nearest_ancestor() -> None:
    """The helpline goes on, carefully, when the library grows."""

    class NewlyInventedError(Forbidden):
        pass

    assert failed(NewlyInventedError("x")).failure == "gone"
