"""`run` in processes that die at a port call: `python -m tests.faults.mortal` forks one for each line it reads.

A fork spares each of them the seconds of a start; it shares nothing with the one before. The answer to a line is the
number of the process, and, when it has ended, its exit code.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.content.loading import load
from bot.core.content import Content
from bot.service.backing_up import BackupFiles, Copier
from bot.service.messaging import Clock, Messenger
from bot.service.storing import Blobs, DeskStore, Gauges, Inbox, LaneReader, Outbox
from bot.service.vaulting import BackupSealer, Cipher, Sealer
from bot.settings import ROOT, Settings
from bot.store.opening import Store, open_store
from bot.wiring import backing_up, build, building
from tests.faults.ports import TRANSLATOR, Point, Watch
from tests.whole import house

TODAY = date(2026, 3, 2)


def main() -> None:
    """Fork a process for each line, one after the other."""
    content = load(ROOT, today=TODAY)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(json.loads(line), content)
        print(child, flush=True)  # noqa: T201 - this is the answer
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - so is this


def _live(order: Mapping[str, Any], content: Content) -> None:
    """Be the process, to the end."""
    folder = Path(order["folder"])
    printed = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    trace = os.open(folder / "trace", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    watch = Watch(trace, Point(*order["death"]) if order["death"] else None)
    clock = house.Clock(begun=order["begun"], ahead=timedelta(seconds=order["ahead"]))
    asyncio.run(_serve(Settings.model_validate(order["settings"]), content, clock=clock, watch=watch))


async def _serve(settings: Settings, content: Content, *, clock: Clock, watch: Watch) -> None:
    """Serve people as `run` does, on ports that are watched."""
    store = _watched(await open_store(settings.database, settings.data), watch)
    _wrap_what_is_built(watch)
    async with build(settings, store, clock=watch.port(Clock, clock), content=lambda: content) as helpline:
        unclean = await store.begin_run()
        await helpline.vitals.readings()
        await helpline.run(unclean=unclean)


def _watched(store: Store, watch: Watch) -> Store:
    return replace(
        store,
        inbox=watch.port(Inbox, store.inbox),
        outbox=watch.port(Outbox, store.outbox),
        lanes=watch.port(LaneReader, store.lanes),
        desk=watch.port(DeskStore, store.desk),
        blobs=watch.port(Blobs, store.blobs),
        gauges=watch.port(Gauges, store.gauges),
    )


def _wrap_what_is_built(watch: Watch) -> None:
    """Wrap what `build` makes by itself."""
    _wrap(backing_up, watch, {"StoreCopier": Copier, "BackupFolder": BackupFiles, "StreamBackupSealer": BackupSealer})
    _wrap(building, watch, {"TelegramMessenger": Messenger, "CaseSealer": Sealer})
    made = vars(building)
    open_cipher = made["open_cipher"]

    async def opened(settings: Settings, store: Store) -> tuple[Cipher, bool]:
        cipher, is_new = await open_cipher(settings, store)
        return watch.port(Cipher, cipher), is_new

    made["open_cipher"] = opened
    made["translate"] = watch.function(TRANSLATOR, made["translate"])


def _wrap(module: ModuleType, watch: Watch, kinds: Mapping[str, type]) -> None:
    """Wrap whatever a module makes of these classes."""
    made = vars(module)
    for name, kind in kinds.items():
        made[name] = partial(_made, watch, kind, made[name])


def _made(watch: Watch, kind: type, make: Callable[..., object], *args: object) -> object:
    return watch.port(kind, make(*args))


if __name__ == "__main__":
    main()
