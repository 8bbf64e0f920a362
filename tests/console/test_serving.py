"""Listening: an address of our own, a clear word if it cannot be had, and an end in good order."""

import asyncio
import socket

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.console.serving import listening
from bot.core.errors import OperatorError

HERE = ("127.0.0.1", 0)


class Slow:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def answer(self, _: Request) -> Response:
        self.asked.set()
        await self.gate.wait()
        return PlainTextResponse("done")


async def get(at: str, path: str = "/") -> str:
    async with aiohttp.ClientSession() as client, client.get(f"http://{at}{path}") as answer:
        return await answer.text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_port_0_is_a_free_one_and_is_told(host: str) -> None:
    """Several helplines on one machine need no ports written down."""
    async with listening(Starlette(), (host, 0)) as door:
        assert not door.at.endswith(":0")
        assert await get(door.at) == "Not Found"


async def test_an_address_in_use_is_refused_with_what_to_do() -> None:
    """The helpline does not start, and says which setting it is."""
    with socket.create_server(HERE) as other:
        port = other.getsockname()[1]
        with pytest.raises(OperatorError, match=f"HELPLINE_CONSOLE is 127.0.0.1:{port}.*choose another port"):
            async with listening(Starlette(), ("127.0.0.1", port)):
                pass


async def test_an_address_of_another_machine_is_refused() -> None:
    """A slip in the setting is no reason to listen elsewhere."""
    with pytest.raises(OperatorError, match=r"HELPLINE_CONSOLE is 192\.0\.2\.1:0"):
        async with listening(Starlette(), ("192.0.2.1", 0)):
            pass


async def test_what_is_under_way_is_answered_and_nothing_new_is_taken() -> None:
    """Stopping breaks nobody's request off."""
    slow = Slow()
    async with listening(Starlette(routes=[Route("/", slow.answer)]), HERE) as door:
        asking = asyncio.create_task(get(door.at))
        await slow.asked.wait()
        door.close()
        with pytest.raises(aiohttp.ClientConnectionError):
            while True:
                await get(door.at, "/elsewhere")
        slow.gate.set()
        answered = await asking

    assert answered == "done"
