"""What is at hand while one inbox row is decided and carried out, and what is answered from memory afterwards."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.effects import Toast
from bot.service.house import To


@dataclass(slots=True)
class Job:
    """One inbox row being carried out. `chat` is the person's; `pressed` the message whose button was pressed.

    `kept` is where among the changes the person's own message stands, if this row is one.
    """

    row: int
    lane: str
    chat: int | None
    now: datetime
    pressed: int | None = None
    callback: str | None = None
    desk_chat: int | None = None
    made: int = 0
    kept: int | None = None
    toast: Toast | None = None

    @property
    def person(self) -> To | None:
        """Give the person's own chat; None if it is not known."""
        return (self.lane, self.chat) if self.chat is not None else None


@dataclass(slots=True)
class Answer:
    """A press to be answered from memory after the commit."""

    callback: str
    text: str = ""
    alert: bool = False
