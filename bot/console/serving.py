"""Listen on the console's address, and end in good order: what is under way is answered, nothing new is begun."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.core.errors import OperatorError

STOP_SECONDS = 4
KEEPALIVE_SECONDS = 75
"""Longer than a proxy keeps its own connections, so that it never posts into one that is being closed."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to who runs the helpline."""
        yield


class Door:
    """An address that is ours. `at` is host:port as it came to be, if any free port was asked for."""

    def __init__(self, listening: socket.socket, app: Starlette) -> None:
        host, port = listening.getsockname()[:2]
        self.at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._socket = listening
        self._server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",  # a traceback may hold a person's words; faults are logged by name
                access_log=False,
                proxy_headers=False,  # where a request came from is not for its sender to say
                server_header=False,
                timeout_keep_alive=KEEPALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )

    def close(self) -> None:
        """Take no more requests; what is under way is answered."""
        self._server.should_exit = True

    async def serve(self) -> None:
        """Serve until closed and everything under way was answered, at most four seconds longer."""
        await self._server.serve(sockets=[self._socket])


@asynccontextmanager
async def listening(app: Starlette, address: tuple[str, int]) -> AsyncIterator[Door]:
    """Serve the application on (host, port) until left. Raises OperatorError if the address cannot be had."""
    with _bound(*address) as bound:
        door = Door(bound, app)
        serving = asyncio.create_task(door.serve())
        try:
            yield door
        finally:
            door.close()
            await serving


def _bound(host: str, port: int) -> socket.socket:
    """Take the address; from now on who connects waits to be answered."""
    try:
        family, _, _, _, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(found[:2], family=family, backlog=512)
    except OSError as error:
        raise OperatorError(
            f"HELPLINE_CONSOLE is {host}:{port}, and nothing can listen there ({error.strerror or error}): "
            "end the program that does, or choose another port (0 picks a free one)"
        ) from error
