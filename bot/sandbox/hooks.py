"""What the sandbox lets its page do beyond Telegram: end and start the bot, and look into cases."""

from dataclasses import dataclass
from typing import Protocol


class Process(Protocol):
    """The bot's process, as the page may handle it."""

    @property
    def running(self) -> bool:
        """Say whether it runs."""

    async def kill(self) -> None:
        """End it at once, as a power cut would."""

    async def start(self) -> None:
        """Start it again; does nothing while it runs."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A file a command brought out of a case."""

    name: str
    mime: str
    content: bytes


class Command(Protocol):
    """A command of the helpline that the page may run: "cases", "case" or "save".

    Raises: HelplineError, whose message the page shows.
    """

    async def __call__(self, name: str, *, number: str | None, item: int | None) -> str | Saved:
        """Give what it printed, or the file it saved."""


class Console(Protocol):
    """The operators' console, with somebody logged in. Raises: HelplineError, whose message the page shows."""

    async def __call__(self) -> tuple[str, str]:
        """Give its address (http://host:port), and the Set-Cookie header that lets a browser in."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is registered; None is answered with 501."""

    process: Process | None = None
    command: Command | None = None
    console: Console | None = None
