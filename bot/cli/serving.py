"""`./helpline run`: the real thing, until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.cli.app import app
from bot.cli.reaching import settings_for
from bot.cli.signing import refusal
from bot.console.serving import Door, listening
from bot.content.shelf import Shelf
from bot.content.signed import missing_sign_offs
from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.service.requests import Request
from bot.settings import ROOT, TELEGRAM, Settings
from bot.store.command_socket import Handler, Reply, serve
from bot.store.opening import Store, open_store, socket_path
from bot.wiring import Helpline, RealClock, build, upgrade_backup

Framer = Annotated[
    int | None,
    typer.Option(min=1, max=65535, hidden=True, help="The port of `try`'s page, which shows the console in a frame."),
]
NoDotenv = Annotated[bool, typer.Option("--dotenv/--no-dotenv", help="Read .env beside the environment.", hidden=True)]
log = structlog.get_logger()


@app.command()
def run(
    *,
    trial: Annotated[bool, typer.Option("--trial", help="Serve with a trial line on every screen.")] = False,
    framer: Framer = None,
    dotenv: NoDotenv = True,
) -> None:
    """Serve people, from .env or the environment, until stopped."""
    if framer is not None and not trial:
        raise OperatorError("--framer is for ./helpline try: in earnest no page may frame the console. Leave it out.")
    set_up_logs()
    settings = settings_for(dotenv=dotenv)
    settings.required_token()
    asyncio.run(serve_people(settings, trial=trial, framer=framer))


def set_up_logs() -> None:
    """Write events as one line each, with ids and never words; libraries only warn, so that no token is logged."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    quieten_libraries()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def quieten_libraries() -> None:
    """Keep those from telling more that would log rows and messages if somebody turned all levels up."""
    for name in ("sqlalchemy", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


def settle_memory() -> None:
    """Keep what was loaded out of garbage collection: it all stays, and walking through it is 5 % of a busy day."""
    gc.collect()
    gc.freeze()


async def serve_people(settings: Settings, *, trial: bool, framer: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Raises OperatorError, AuthorError or MachineError if it cannot start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    content = Shelf(ROOT, RealClock())  # read by another process while the store is opened
    store = await open_store(settings.database, settings.data, before_upgrade=upgrade_backup(settings))
    try:
        trial = trial or must_be_trial(settings, content(), ROOT)
        async with (
            build(settings, store, trial=trial, content=content, framer=framer) as helpline,
            listening(helpline.site, settings.console) as door,
        ):
            await _serve(helpline, store, settings, door=door, stop=stop)
    finally:
        await store.close()


def must_be_trial(settings: Settings, content: Content, root: Path) -> bool:
    """Say whether it can only be a trial, because humans have not signed everything off.

    Raises OperatorError at Telegram's own API root, where people could be anybody; elsewhere only testers are.
    """
    missing = missing_sign_offs(content, root)
    if missing and settings.bot_api == TELEGRAM:
        raise OperatorError(refusal(missing))
    return bool(missing)


async def _serve(helpline: Helpline, store: Store, settings: Settings, *, door: Door, stop: asyncio.Event) -> None:
    unclean = await store.begin_run()
    settle_memory()
    async with _reachable(helpline, store, settings):
        running = asyncio.create_task(helpline.run(unclean=unclean))
        stopping = asyncio.create_task(stop.wait())
        log.info("run.serving", console=door.at, webhook=settings.is_webhook, unclean=unclean)
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        door.close()  # what was posted already is committed while the parts end
        stopping.cancel()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    await store.end_run()
    log.info("run.stopped")


def _reachable(helpline: Helpline, store: Store, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Let commands reach the lone process that has the database; a shared one they open themselves."""
    if store.peers is not None:
        return contextlib.nullcontext()
    return serve(socket_path(settings.database), _handler(helpline, store))


def _handler(helpline: Helpline, store: Store) -> Handler:
    async def handle(request: Request) -> Reply:
        if request.get("do") == "blob":
            return store.blobs.read(str(request.get("blob")))
        if request.get("do") == "backup" and helpline.backups is not None:
            return await helpline.backups.sealed()
        return await helpline.office.answer(request)

    return handle
