"""HTTP to Telegram: python-telegram-bot's request interface on aiohttp, which costs a third of its own.

What failed is told apart by whether the call can have had an effect, because a message has no idempotency key. The
token is part of every address and aiohttp's errors name addresses: none of them leaves this file, not even as a cause.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, NoReturn

import aiohttp
from pydantic_core import PydanticSerializationError, to_json
from telegram.error import BadRequest, NetworkError
from telegram.request import BaseRequest, RequestData

from bot.tg.errors import NotSentError, PerhapsSentError, TooManyRequestsError

CONNECT_SECONDS = 10.0
"""For a place in the pool, the name, the connection and TLS together."""
READ_SECONDS = 20.0
"""Without a single byte from Telegram."""
KEEPALIVE_SECONDS = 75.0
"""A quiet helpline must not pay for TLS with every message."""
CHUNK = 1 << 16
FILE_LIMIT = 20 << 20
"""Bytes; more cannot be fetched by a bot, and a server that sends more is not followed."""
FILE_SECONDS = 600.0
"""For a whole file, however slowly it drips."""
UNSAID_WAIT_SECONDS = 5.0

_BROKEN = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class AiohttpRequest(BaseRequest):
    """Make requests over at most `connections` kept-alive connections; open while in `async with`.

    Raises, besides the library's classes for what Telegram refuses: NotSentError, PerhapsSentError,
    TooManyRequestsError.
    """

    def __init__(
        self, *, connections: int = 32, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self._connections = connections
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._open: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Give the seconds without a byte after which an answer is given up."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Open the pool; connections are made when they are needed."""
        if self._open is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEPALIVE_SECONDS)
            self._open = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._open = self._open, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917  # the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; gives status and body. Only `read_timeout` (seconds) is heard, the others are ours."""
        read = float(read_timeout) if isinstance(read_timeout, int | float) else self._read_seconds
        body = _body(request_data)
        headers = {"Content-Type": "application/json"} if isinstance(body, bytes) else None
        problem: Exception
        try:
            async with self._session().request(
                method, url, data=body, headers=headers, timeout=self._patience(read), allow_redirects=False
            ) as response:
                return _judged(response.status, await response.read())
        except _BROKEN as error:
            problem = _translated(error)
        raise problem

    async def stream(self, url: str) -> AsyncGenerator[bytes, None]:
        """Fetch a file in chunks of 64 KiB (the last may be shorter). Close it when leaving it early.

        Raises NetworkError if it is refused or breaks off, BadRequest if it is larger than 20 MB.
        """
        left = FILE_LIMIT
        problem: Exception | None = None
        try:
            timeout = self._patience(self._read_seconds, total=FILE_SECONDS)
            async with self._session().get(url, timeout=timeout, allow_redirects=False) as response:
                if response.status != 200:
                    _refuse_file(response.status)
                while chunk := await _chunk(response.content):
                    left -= len(chunk)
                    if left < 0:
                        raise BadRequest("file is too big")
                    yield chunk
        except _BROKEN as error:
            problem = _translated(error)
        if problem is not None:
            raise problem

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:  # Any: as the library declares it
        """Read an answer of Telegram, in the shape that the library then trusts it to have.

        Raises PerhapsSentError if it is none; unlike the library's own it writes no one's words into the log.
        """
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise PerhapsSentError("Telegram's answer cannot be read")
        parameters = answer.get("parameters")
        moved = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
        answer["parameters"] = {"migrate_to_chat_id": moved} if isinstance(moved, int) else None
        if not isinstance(answer.get("description"), str):
            answer["description"] = None
        return answer

    def _patience(self, read: float, *, total: float | None = None) -> aiohttp.ClientTimeout:
        # The whole is longer than its parts: it must never end a call of which the parts could say more.
        whole = total or self._connect_seconds + 2 * read
        return aiohttp.ClientTimeout(total=whole, connect=self._connect_seconds, sock_read=read)

    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise NotSentError("the connections to Telegram are closed")
        return self._open


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    """Write the parameters as JSON, or as a form if there are files to upload."""
    if data is None:
        return None
    if not data.contains_files:
        return _json(data.parameters)
    form = aiohttp.FormData(quote_fields=False)  # Telegram reads names as they are
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


def _json(parameters: Mapping[str, object]) -> bytes:
    try:
        return to_json(parameters)
    except PydanticSerializationError:  # half a surrogate pair, which Telegram would refuse
        return json.dumps(parameters, ensure_ascii=False).encode(errors="replace")


def _judged(status: int, body: bytes) -> tuple[int, bytes]:
    """Raise what the library would get wrong; pages of proxies, which may repeat the address, are left out."""
    if status == 429:
        raise TooManyRequestsError(_asked_wait(body))
    is_ours = 200 <= status < 300 or body[:1] == b"{"
    return status, body if is_ours else b""


def _asked_wait(body: bytes) -> float:
    try:
        wait = json.loads(body)["parameters"]["retry_after"]
    except (ValueError, TypeError, KeyError, RecursionError):
        wait = None
    return float(wait) if isinstance(wait, int | float) and 0 <= wait <= 86_400 else UNSAID_WAIT_SECONDS


def _translated(error: Exception) -> NetworkError:
    """Name what happened without any address."""
    kind = type(error).__name__
    if isinstance(error, _NOT_SENT):
        return NotSentError(f"no connection to Telegram ({kind})")
    return PerhapsSentError(f"the connection to Telegram broke ({kind})")


def _refuse_file(status: int) -> NoReturn:
    if status == 429:
        raise TooManyRequestsError(UNSAID_WAIT_SECONDS)
    raise NetworkError(f"a file was refused with status {status}")


async def _chunk(content: aiohttp.StreamReader) -> bytes:
    """Fill one whole chunk: what the network hands over is smaller, and every chunk becomes a sealed frame."""
    chunk = bytearray()
    while len(chunk) < CHUNK and (part := await content.read(CHUNK - len(chunk))):
        chunk += part
    return bytes(chunk)
