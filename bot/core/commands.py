"""Commands that are legal at every wait, in words too. Only a whole message is a command."""

from typing import Literal

from bot.core.content import Content
from bot.core.khmer import fold

CommandId = Literal["hide", "stop", "danger", "back", "skip", "language", "person", "help", "start", "done", "km", "en"]


def recognise(content: Content, text: str) -> CommandId | None:
    """Give the command that a whole message is, in any language; None if it is none."""
    folded = fold(text)
    if not folded:
        return None
    return next((command.id for command in content.commands if folded in command.forms), None)
