"""The command socket: how `cases`, `case` and `operators` speak to a running helpline, which holds the database's lock.

A request is one line of JSON, the answer another. An answer of bytes (a sealed file) follows its line in frames of four
bytes of length and that many bytes; a frame of length 0 ends it, so that a file cut short is noticed. The socket has
mode 0600, and where the system tells who calls, only the same user and root are heard. What passes is what the caller
could read in the folder itself: sealed records stay sealed.
"""

import asyncio
import json
import os
import socket
import stat
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Set
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog

from bot.core.errors import HelplineError, MachineError, OperatorError
from bot.store.folder import FILE_MODE

Request = Mapping[str, Any]
Reply = Mapping[str, Any] | AsyncIterator[bytes]
Handler = Callable[[Request], Awaitable[Reply]]

LONGEST_LINE = 16 * 1024 * 1024
"""A dossier of many sealed records fits; a stuck or hostile caller cannot fill the memory."""
LONGEST_FRAME = 1024 * 1024
REQUEST_SECONDS = 10.0
# sun_path of Linux is 108 bytes with its closing NUL; of macOS 104.
LONGEST_PATH = 103
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")

log = structlog.get_logger()


@asynccontextmanager
async def serve(path: Path, handler: Handler, *, users: Set[int] | None = None) -> AsyncIterator[None]:
    """Answer requests of these users (None: ourselves and root) until the block is left; replaces a stale socket.

    What the handler raises as HelplineError is told to the caller; any other error is logged and told without detail.
    Only for whoever holds the lock beside it. Raises OperatorError if something else lies there.
    """
    listening = _listen(path)
    heard = {os.geteuid(), 0} if users is None else users
    running: set[asyncio.Task[None]] = set()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            running.add(task)
            task.add_done_callback(running.discard)
        await _meet(handler, heard, reader=reader, writer=writer)

    server = await asyncio.start_unix_server(meet, sock=listening, limit=LONGEST_LINE)
    try:
        yield
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        _remove(path)


async def ask(path: Path, request: Request) -> Mapping[str, Any]:
    """Send a request and give the answer; raises what the handler raised, or OperatorError if nobody listens."""
    async with _call(path, request) as (answer, _):
        return answer


@asynccontextmanager
async def fetch(path: Path, request: Request) -> AsyncIterator[AsyncIterator[bytes]]:
    """Send a request that is answered with bytes and give them in chunks; raises MachineError if they are cut short."""
    async with _call(path, request) as (answer, reader):
        if answer:
            raise OperatorError("the running helpline answered in words where a file was asked for: restart it")
        yield _frames(reader)


# ── the side that runs ───────────────────────────────────────────────────────────────────────────────────────


def _listen(path: Path) -> socket.socket:
    try:
        if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
            raise OperatorError(f"{path} is in the way of the command socket: move it away")
        # We hold the lock, so whoever made it is gone.
        _remove(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _reachable(path) as address:
            listening.bind(address)
        path.chmod(FILE_MODE)
        listening.setblocking(False)
    except OSError as refused:
        raise OperatorError(f"socket {path} cannot be made ({refused.strerror}): look at its folder") from refused
    return listening


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _meet(
    handler: Handler, users: Set[int], *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        if _caller(writer) in {*users, None}:
            async with asyncio.timeout(REQUEST_SECONDS):
                line = await reader.readline()
            await _answer(handler, line, writer)
    except (HelplineError, TimeoutError, OSError, ValueError) as lost:
        log.warning("socket.broken_off", error=type(lost).__name__)
    finally:
        writer.close()


async def _answer(handler: Handler, line: bytes, writer: asyncio.StreamWriter) -> None:
    try:
        reply = await handler(_request(line))
    except HelplineError as error:
        await _say(writer, {"error": str(error), "machine": isinstance(error, MachineError)})
    except Exception as error:  # noqa: BLE001 - beyond is only asyncio, which would log the error's own words: its type is logged, the command told
        log.error("socket.request_failed", error=type(error).__name__)
        await _say(writer, {"error": "the running helpline could not do it: see its log", "machine": True})
    else:
        await (_say(writer, {"reply": dict(reply)}) if isinstance(reply, Mapping) else _stream(reply, writer))


def _request(line: bytes) -> Request:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise OperatorError("the command socket takes one JSON object a line: use ./helpline of this release")
    return request


async def _stream(chunks: AsyncIterator[bytes], writer: asyncio.StreamWriter) -> None:
    """Send frames; if the chunks fail midway there is no last frame, and the caller knows."""
    await _say(writer, {"reply": {}})
    async for chunk in chunks:
        for start in range(0, len(chunk), LONGEST_FRAME):
            await _frame(writer, chunk[start : start + LONGEST_FRAME])
    await _frame(writer, b"")


def _caller(writer: asyncio.StreamWriter) -> int | None:
    """Give the user who calls; None where the system does not tell, and the socket's mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    connection = writer.get_extra_info("socket")
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(told)[1])


async def _say(writer: asyncio.StreamWriter, said: Mapping[str, Any]) -> None:
    writer.write(json.dumps(said).encode() + b"\n")
    await writer.drain()


async def _frame(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    writer.write(_LENGTH.pack(len(chunk)) + chunk)
    await writer.drain()


# ── the side that asks ───────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _call(path: Path, request: Request) -> AsyncIterator[tuple[Mapping[str, Any], asyncio.StreamReader]]:
    reader, writer = await _connect(path)
    try:
        with _breaking_off():
            await _say(writer, request)
            line = await reader.readline()
        yield _heard(line), reader
    finally:
        writer.close()


@contextmanager
def _breaking_off() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, ValueError) as lost:
        raise MachineError("the running helpline broke off: see its log, then try again") from lost


async def _connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        with _reachable(path) as address:
            return await asyncio.open_unix_connection(address, limit=LONGEST_LINE)
    except OSError as refused:
        raise OperatorError(
            f"no helpline answers at {path} ({refused.strerror}): start ./helpline run, or wait until it has started"
        ) from refused


def _heard(line: bytes) -> Mapping[str, Any]:
    with _breaking_off():
        said: dict[str, Any] = json.loads(line)
    if "error" in said:
        raise (MachineError if said.get("machine") else OperatorError)(said["error"])
    reply: dict[str, Any] = said["reply"]
    return reply


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await _next_frame(reader):
        yield chunk


async def _next_frame(reader: asyncio.StreamReader) -> bytes:
    with _breaking_off():
        (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if size > LONGEST_FRAME:
            raise ValueError
        return await reader.readexactly(size)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """Give an address for a socket: the path itself, or on Linux a short way to a folder whose name is too long."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    if sys.platform != "linux":
        raise OperatorError(f"{path} is longer than a socket may be ({LONGEST_PATH} bytes): shorten HELPLINE_DATA")
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
