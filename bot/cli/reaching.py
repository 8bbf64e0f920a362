"""Reach the helpline from a command: over its socket while it runs, else on the store itself, under the lock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import settings as configuration
from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.service.closing import Closer
from bot.service.receiving import Receiver
from bot.service.requests import Request
from bot.settings import Settings
from bot.store.command_socket import ask, fetch
from bot.store.folder import LockedError
from bot.store.opening import Store, open_store, socket_path
from bot.tg.translate import translate
from bot.wiring import RealClock, backups_of, office_of, open_cipher

_NO_FILE = Path("/nonexistent/.env")


@dataclass(frozen=True, slots=True)
class Reached:
    """The way to the helpline: requests are answered, sealed files and backups streamed.

    `running` tells which way it is.
    """

    answer: Callable[[Request], Awaitable[Mapping[str, Any]]]
    blob: Callable[[str], AbstractAsyncContextManager[AsyncIterator[bytes]]]
    backup: Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
    running: bool


def settings_for(*, dotenv: bool) -> Settings:
    """Read the settings; without `dotenv` from the environment alone. Raises OperatorError."""
    return configuration.load() if dotenv else configuration.load(dotenv=_NO_FILE)


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[Reached]:
    """Open the way to the helpline, running or not. Raises OperatorError."""
    try:
        store = await open_store(settings.database, settings.data)
    except LockedError:
        path = socket_path(settings.database)
        yield Reached(
            answer=lambda request: ask(path, request),
            blob=lambda name: fetch(path, {"do": "blob", "blob": name}),
            backup=lambda: fetch(path, {"do": "backup"}),
            running=True,
        )
        return
    try:
        yield await _here(settings, store)
        if store.peers is not None:
            await store.peers.announce()
    finally:
        await store.close()


async def _here(settings: Settings, store: Store) -> Reached:
    cipher, _ = await open_cipher(settings, store)
    receiver = Receiver(
        content=_no_content,
        closer=Closer(cipher),
        inbox=store.inbox,
        desk=store.desk,
        translate=translate,
        clock=RealClock(),
    )
    office = office_of(store, cipher=cipher, receiver=receiver, clock=RealClock(), changed=lambda: None)

    @asynccontextmanager
    async def blob(name: str) -> AsyncIterator[AsyncIterator[bytes]]:
        yield store.blobs.read(name)

    @asynccontextmanager
    async def backup() -> AsyncIterator[AsyncIterator[bytes]]:
        async with aclosing(await backups_of(settings, RealClock()).sealed()) as sealed:
            yield sealed

    return Reached(answer=office.answer, blob=blob, backup=backup, running=False)


def _no_content() -> Content:
    raise OperatorError("A command reads no updates; this is a fault of the helpline.")
