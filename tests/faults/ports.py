"""The ports of the service, each call of which is noted before and after; at one of these points the process dies.

Nothing inside `bot/` knows of it: what implements a port is wrapped, and what is no method of the port passes through.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, Literal, TypeVar, cast

from bot.service.backing_up import BackupFiles, Copier
from bot.service.messaging import Clock, Messenger
from bot.service.storing import Batch, Blobs, DeskStore, Gauges, Inbox, LaneReader, Outbox
from bot.service.vaulting import BackupSealer, Cipher, FileSealer, Sealer

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")
DEAD = 77
"""The exit code of a process that died at a point."""
WAITING_PORTS: tuple[type, ...] = (Inbox, Batch, Outbox, LaneReader, DeskStore, Blobs, Gauges, Messenger)
"""What a process waits for: a disk or Telegram."""
BACKUP_PORTS: tuple[type, ...] = (Copier, BackupFiles, BackupSealer)
"""What a night needs besides."""
PROMPT_PORTS: tuple[type, ...] = (Sealer, FileSealer, Cipher, Clock)
"""What answers at once and changes nothing; so does the translator, the one port that is a function."""
TRANSLATOR = "Translator"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """Before or after the nth call (from 1) of a port's method."""

    call: str
    nth: int
    side: Side

    def __str__(self) -> str:
        """Name it."""
        return f"{self.side} {self.call} {self.nth}"


def methods(port: type) -> frozenset[str]:
    """Name what a port declares."""
    return frozenset(name for name, value in vars(port).items() if callable(value) and not name.startswith("_"))


def declared(ports: tuple[type, ...]) -> frozenset[str]:
    """Name every call of these ports."""
    return frozenset(f"{port.__name__}.{name}" for port in ports for name in methods(port))


@dataclass
class Watch:
    """Count the calls of one process, write each into an open file, and die where it is due."""

    trace: int
    death: Point | None
    _made: Counter[str] = field(default_factory=Counter)

    def begins(self, call: str) -> int:
        """Note that a call begins; gives which one it is."""
        self._made[call] += 1
        self._passes(Point(call, self._made[call], "before"))
        return self._made[call]

    def ends(self, call: str, nth: int) -> None:
        """Note that a call has ended."""
        self._passes(Point(call, nth, "after"))

    def _passes(self, point: Point) -> None:
        os.write(self.trace, f"{point.side} {point.call} {point.nth}\n".encode())
        if point == self.death:
            os._exit(DEAD)

    def port(self, kind: type, port: T) -> T:
        """Wrap what implements a port."""
        return cast(T, _Watched(self, kind, port))

    def function(self, call: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function that answers at once."""
        return partial(_prompt, self, call, function)


class _Watched:
    """Something that implements a port, with the port's methods watched."""

    def __init__(self, watch: Watch, kind: type, port: object) -> None:
        self._watch = watch
        self._kind = kind
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in methods(self._kind):
            return found
        call = f"{self._kind.__name__}.{name}"
        wrap = _OPENING.get(call) or (
            _coroutine if iscoroutinefunction(found) else _stream if isasyncgenfunction(found) else _prompt
        )
        return partial(wrap, self._watch, call, found)


def _prompt(watch: Watch, call: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    nth = watch.begins(call)
    given = method(*args, **kwargs)
    watch.ends(call, nth)
    return given


async def _coroutine(watch: Watch, call: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    nth = watch.begins(call)
    given = await method(*args, **kwargs)
    watch.ends(call, nth)
    return given


async def _stream(
    watch: Watch, call: str, method: Callable[..., AsyncIterator[bytes]], *args: Any, **kwargs: Any
) -> AsyncIterator[bytes]:
    nth = watch.begins(call)
    async for chunk in method(*args, **kwargs):
        yield chunk
    watch.ends(call, nth)


@asynccontextmanager
async def _batch(
    watch: Watch, call: str, method: Callable[..., AbstractAsyncContextManager[Batch]], *args: Any, **kwargs: Any
) -> AsyncIterator[Batch]:
    """A batch is opened; its own methods are watched too."""
    nth = watch.begins(call)
    async with method(*args, **kwargs) as batch:
        watch.ends(call, nth)
        yield watch.port(Batch, batch)


def _file(watch: Watch, call: str, method: Callable[..., FileSealer], *args: Any, **kwargs: Any) -> FileSealer:
    """A file's sealing is begun; its own methods are watched too."""
    sealer: FileSealer = _prompt(watch, call, method, *args, **kwargs)
    return watch.port(FileSealer, sealer)


_OPENING: Mapping[str, Callable[..., Any]] = {"Inbox.batch": _batch, "Sealer.file": _file}


def points(trace: bytes) -> Iterator[Point]:
    """Read what a process wrote."""
    for line in trace.decode().splitlines():
        side, call, nth = line.split()
        yield Point(call, int(nth), cast(Side, side))
