"""What HTTP costs: one call of the Bot API, by our own messenger, to a sandbox in a process of its own."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import typer

from bot.core.content import Content
from bot.core.render import Message, render
from bot.core.screens import present
from bot.core.state import Conversation
from bot.sandbox import Sandbox
from bot.service.outbox import IN_FLIGHT
from bot.settings import ROOT
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.request import AiohttpRequest


@dataclass(frozen=True, slots=True)
class Calls:
    """CPU milliseconds of a call, one after the other and side by side, and how many were made."""

    alone: float
    together: float
    made: int


async def measure(content: Content, *, calls: int) -> Calls:
    """Send the first screen so many times one after the other, then as often side by side."""
    message = render(content, present(content, Conversation()), "km")
    async with _telegram() as (root, token, chat), AiohttpRequest() as request:
        messenger = TelegramMessenger(Api(request, root=root, token=token))
        await _send(messenger, chat, message, calls=IN_FLIGHT)  # opens the connections
        began = time.process_time()
        for _ in range(calls):
            await messenger.send(chat, message)
        alone = time.process_time() - began
        began = time.process_time()
        made = await _send(messenger, chat, message, calls=calls)
        together = time.process_time() - began
    return Calls(1000 * alone / calls, 1000 * together / made, calls + made)


async def _send(messenger: TelegramMessenger, chat: int, message: Message, *, calls: int) -> int:
    """Send as the sender does: so many calls in flight at once. Gives how many were made."""
    made = 0
    while made < calls:
        await asyncio.gather(*(messenger.send(chat, message) for _ in range(IN_FLIGHT)))
        made += IN_FLIGHT
    return made


@asynccontextmanager
async def _telegram() -> AsyncIterator[tuple[str, str, int]]:
    """Start a sandbox in another process; gives its address, the bot's token, and a chat that may be written to."""
    command = (sys.executable, "-m", "tests.bench.calls")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout is not None
        root, token, chat = json.loads(await process.stdout.readline())
        yield root, token, chat
    finally:
        await process.communicate(b"")  # which closes its input, and that ends it


async def serve() -> None:
    """Be that sandbox until the input ends."""
    async with Sandbox() as box:
        person = box.add_person("Sokha")
        await person.says("/start")
        typer.echo(json.dumps([box.root, box.token, person.id]))  # which flushes
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
