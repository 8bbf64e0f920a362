"""Hears all that is logged, down to DEBUG, in every test of a process: nothing that is a person's may be in it.

What is a person's is known from the sandboxes that a test opened: what people wrote and sent, their names, ids and
phone numbers, the addresses of their files, and the bot's token.
"""

import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from bot.cli.serving import quieten_libraries
from bot.sandbox.box import TOKEN
from bot.sandbox.chats import Message
from bot.sandbox.world import World

SHORTEST = 6
"""Characters: shorter words than these are in our own events, too."""
CLIENTS = ("httpx", "httpcore")
"""Only tests call the sandbox with these: what they log is not the helpline's."""
_FIELDS = (("contact", "phone_number"), ("document", "file_name"), ("document", "file_id"), ("voice", "file_id"))


class Ear(logging.Handler):
    """Keep what is logged, by the program and by its libraries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a library logs, with the error it came with."""
        self.heard.append(self.format(record))

    def keep(self, _: object, level: str, event: MutableMapping[str, Any]) -> str:
        """Keep what the program logs; the last of structlog's processors."""
        self.heard.append(f"{level} {dict(event)!r}")
        return ""


@contextmanager
def listening(ear: Ear) -> Iterator[list[World]]:
    """Hear everything until left; gives the sandboxes' worlds as they are made."""
    worlds: list[World] = []
    make = World.__init__

    def remembered(self: World, **parts: Any) -> None:
        make(self, **parts)
        worlds.append(self)

    root = logging.getLogger()
    level = root.level
    before = structlog.get_config()
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    quieten_libraries()
    for name in CLIENTS:
        logging.getLogger(name).setLevel(logging.WARNING)
    setattr(World, "__init__", remembered)  # noqa: B010 - mypy holds a method to be fixed
    structlog.configure(
        processors=[structlog.processors.format_exc_info, ear.keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    try:
        yield worlds
    finally:
        structlog.configure(**before)
        setattr(World, "__init__", make)  # noqa: B010 - as above
        root.setLevel(level)
        root.removeHandler(ear)


def told(heard: list[str], worlds: list[World]) -> list[str]:
    """Name the kinds of secrets that were logged; never the secrets themselves."""
    everything = "\n".join(heard)
    return sorted({kind for kind, secret in _secrets(worlds) if secret in everything})


def _secrets(worlds: list[World]) -> Iterator[tuple[str, str]]:
    yield "the token", TOKEN
    yield "the token", TOKEN.partition(":")[2]
    for world in worlds:
        people = [user for user in world.users.values() if not user.is_bot]
        for user in people:
            yield "an id", str(user.id)
            if len(user.name) >= SHORTEST:
                yield "a name", user.name
        for chat in world.chats.values():
            for message in chat.messages.values():
                if not message.from_bot:
                    yield from _said(message)


def _said(message: Message) -> Iterator[tuple[str, str]]:
    if len(message.text) >= SHORTEST and not message.text.startswith("/"):
        yield "a person's words", message.text
    for kind, field in _FIELDS:
        content = message.content.get(kind)
        if isinstance(content, dict) and len(str(content.get(field, ""))) >= SHORTEST:
            yield f"a {kind}'s {field}", str(content[field])
