"""Calls of the Bot API are counted by how they ended."""

from collections import Counter

import pytest
from telegram.error import TelegramError

from bot.sandbox import Person, Sandbox
from bot.sandbox.faults import Fault
from bot.tg.api import Api


async def test_calls_are_counted_by_how_they_ended(api: Api, box: Sandbox, sokha: Person) -> None:
    """A method and one of few words, so that figures stay few: neither a chat nor a text is among them."""
    box.faults.plan(Fault.LOST, method="sendMessage")
    lost, sent, elsewhere = (dict(chat_id=chat, text="hello") for chat in (sokha.id, sokha.id, 404))
    for parameters in (lost, elsewhere):
        with pytest.raises(TelegramError):
            await api.call("sendMessage", parameters)
    await api.call("sendMessage", sent)

    assert api.calls == Counter({("sendMessage", end): 1 for end in ("unknown", "gone", "ok")})
