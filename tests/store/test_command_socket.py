"""A running helpline answers the commands of its own user, one line each, and sealed files in frames."""

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.store import command_socket
from bot.store.command_socket import LONGEST_FRAME, Reply, Request, ask, fetch, serve
from tests.store.making import frames


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the socket lies."""
    return tmp_path / "helpline.sock"


def mode(path: Path) -> int | None:
    """Give the rights of a file; None if there is none."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def echo(request: Request) -> Mapping[str, Any]:
    """Answer with what was asked."""
    return {"asked": dict(request)}


async def test_a_request_is_answered(path: Path) -> None:
    """Whatever JSON holds comes and goes, line breaks and Khmer included."""
    request = {"command": "case", "number": "ABCD1234", "text": 'ជំនួយ\n"', "n": [1, None]}
    async with serve(path, echo):
        answers = await asyncio.gather(*(ask(path, request) for _ in range(5)))

    assert answers == [{"asked": request}] * 5


async def test_the_socket_is_private_and_leaves_with_the_helpline(path: Path) -> None:
    """Only its own user speaks to it."""
    async with serve(path, echo):
        found = mode(path)

    assert found == 0o600
    assert mode(path) is None


async def test_a_file_comes_in_frames(path: Path) -> None:
    """A big file arrives whole, cut as the wire likes it."""
    given = os.urandom(2 * LONGEST_FRAME + 5)

    async def handler(_: Request) -> Reply:
        return frames(given[:7], given[7:])

    async with serve(path, handler), fetch(path, {}) as chunks:
        got = [chunk async for chunk in chunks]

    assert b"".join(got) == given
    assert max(len(chunk) for chunk in got) == LONGEST_FRAME


async def test_a_file_cut_short_is_noticed(path: Path) -> None:
    """Half a voice note is not a voice note."""

    async def breaking() -> AsyncIterator[bytes]:
        yield b"some"
        raise MachineError("the disk is sick")

    async def handler(_: Request) -> Reply:
        return breaking()

    async with serve(path, handler), fetch(path, {}) as chunks:
        assert await anext(chunks) == b"some"
        with pytest.raises(MachineError, match="broke off"):
            await anext(chunks)


@pytest.mark.parametrize("error", [OperatorError("no such case: look at ./helpline cases"), MachineError("disk full")])
async def test_errors_reach_the_caller(path: Path, error: OperatorError | MachineError) -> None:
    """A mistake is told as it would be without the socket."""

    async def handler(_: Request) -> Reply:
        raise error

    async with serve(path, handler):
        with pytest.raises(type(error), match=str(error)):
            await ask(path, {})
        with pytest.raises(type(error), match=str(error)):
            async with fetch(path, {}):
                pass


async def test_a_fault_of_ours_ends_nothing_and_tells_nothing(path: Path) -> None:
    """The helpline goes on; what went wrong is in its log, not in the answer."""

    async def handler(request: Request) -> Reply:
        if request:
            raise ZeroDivisionError("a person's words")
        return {}

    async with serve(path, handler):
        with pytest.raises(MachineError, match="see its log") as told:
            await ask(path, {"command": "case"})
        again = await ask(path, {})

    assert "words" not in str(told.value)
    assert again == {}


async def test_a_word_for_a_file_is_told(path: Path) -> None:
    """An older helpline that does not know the request is not taken for an empty file."""
    async with serve(path, echo):
        with pytest.raises(OperatorError, match="restart it"):
            async with fetch(path, {}):
                pass


@pytest.mark.parametrize("line", [b"nonsense\n", b"[1]\n", b"\xff\n", b"\n"])
async def test_nonsense_is_refused(path: Path, line: bytes) -> None:
    """Only JSON objects are requests."""
    async with serve(path, echo):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        answer = await reader.readline()
        writer.close()

    assert b"one JSON object a line" in answer


async def test_a_caller_that_says_nothing_is_let_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stuck command does not hold a place for ever."""
    monkeypatch.setattr(command_socket, "REQUEST_SECONDS", 0.01)
    async with serve(path, echo):
        reader, writer = await asyncio.open_unix_connection(path)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()

    assert answer == b""


async def test_stopping_does_not_wait_for_callers(path: Path) -> None:
    """A helpline that stops lets a waiting command go."""
    asked = asyncio.Event()

    async def never(_: Request) -> Reply:
        asked.set()
        await asyncio.Event().wait()
        return {}

    async with asyncio.timeout(5):
        async with serve(path, never):
            waiting = asyncio.create_task(ask(path, {}))
            await asked.wait()
        with pytest.raises(MachineError, match="broke off"):
            await waiting


async def test_nobody_listening_is_told(path: Path) -> None:
    """The message says what to start."""
    with pytest.raises(OperatorError, match="no helpline answers"):
        await ask(path, {})


async def test_a_stale_socket_is_replaced(path: Path) -> None:
    """What a killed helpline left behind is in nobody's way; the lock says that it is dead."""
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with pytest.raises(OperatorError, match="no helpline answers"):
        await ask(path, {})
    async with serve(path, echo):
        assert await ask(path, {}) == {"asked": {}}


async def test_something_else_in_its_place_is_not_removed(tmp_path: Path) -> None:
    """A wrong path must not cost anything."""
    with pytest.raises(OperatorError, match="in the way"):
        async with serve(tmp_path, echo):
            pass

    assert mode(tmp_path) is not None


async def test_a_long_path_works(tmp_path: Path) -> None:
    """A socket's address holds 108 bytes; HELPLINE_DATA may be longer."""
    path = tmp_path / ("long" * 40) / "helpline.sock"
    path.parent.mkdir()
    async with serve(path, echo):
        assert await ask(path, {}) == {"asked": {}}


async def test_a_long_path_is_refused_where_it_cannot_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside Linux the remedy is a shorter folder."""
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(OperatorError, match="shorten HELPLINE_DATA"):
        await ask(tmp_path / ("long" * 40) / "helpline.sock", {})


async def test_strangers_are_not_heard(path: Path) -> None:
    """Another user of the machine gets no answer, even where modes are not kept."""
    async with serve(path, echo, users={os.geteuid() + 1}):
        with pytest.raises(MachineError, match="broke off"):
            await ask(path, {})
