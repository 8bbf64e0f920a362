"""Commands that are legal at every wait, in words too. Only a whole message is a command."""

from bot.core.content import CommandId, Content
from bot.core.khmer import fold


def recognise(content: Content, text: str) -> CommandId | None:
    """Give the command that a whole message is, in any language; None if it is none."""
    return content.command_forms.get(fold(text))
