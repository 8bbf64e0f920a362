"""HTTP to Telegram when it is well, when it is odd, and when it is not there."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest
from telegram import Bot
from telegram.error import TelegramError

from bot.core.sending import Failure
from bot.sandbox import Person, Sandbox
from bot.tg.api import Api
from bot.tg.errors import failed
from bot.tg.request import CHUNK, AiohttpRequest

TOKEN = "123456:never-to-be-seen-in-any-error-or-log"
Answering: TypeAlias = Callable[[bytes | None], Awaitable[str]]


def http(status: str, body: bytes, *, length: int | None = None, extra: str = "") -> bytes:
    """Write an answer; `length` may lie about the body."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{extra}Content-Length: {size}\r\nConnection: close\r\n\r\n".encode() + body


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """Start servers that answer every request with the given bytes, or never; gives their address."""
    servers: list[asyncio.Server] = []
    over = asyncio.Event()

    async def start(answer: bytes | None) -> str:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            await (over.wait() if answer is None else asyncio.sleep(0))
            writer.write(answer or b"")
            writer.close()

        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return f"http://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield start
    over.set()
    for server in servers:
        server.close()
        await server.wait_closed()


async def failure_of(
    root: str, *, connect_seconds: float = 5.0, read_seconds: float = 5.0
) -> tuple[Failure, float, int | None]:
    """Make one call and give what its error means."""
    async with AiohttpRequest(connect_seconds=connect_seconds, read_seconds=read_seconds) as request:
        with pytest.raises(TelegramError) as caught:
            await Api(request, root=root, token=TOKEN).call("sendMessage", {"chat_id": 1, "text": "x"})
    error = failed(caught.value)
    return error.failure, error.after, error.chat


def refused(code: int, description: str, parameters: str = "") -> bytes:
    more = f',"parameters":{parameters}' if parameters else ""
    body = f'{{"ok":false,"error_code":{code},"description":"{description}"{more}}}'
    return http(f"{code} Refused", body.encode())


ANSWERS: list[tuple[str, bytes, tuple[Failure, float, int | None]]] = [
    ("no answer", b"", ("unknown", 0, None)),
    ("no HTTP", b"\x16\x03\x01 what is this\r\n\r\n", ("unknown", 0, None)),
    ("half a header", b"HTTP/1.1 200 OK\r\nContent-Le", ("unknown", 0, None)),
    ("half a body", http("200 OK", b'{"ok":true,"resu', length=400), ("unknown", 0, None)),
    ("half the JSON", http("200 OK", b'{"ok":true,"resu'), ("unknown", 0, None)),
    ("HTML that says OK", http("200 OK", b"<html>Please log in</html>"), ("unknown", 0, None)),
    ("a list", http("200 OK", b"[1]"), ("unknown", 0, None)),
    ("no result", http("200 OK", b'{"ok":true}'), ("unknown", 0, None)),
    ("no end of brackets", http("200 OK", b"[" * 100_000), ("unknown", 0, None)),
    ("no UTF-8", http("200 OK", b'{"ok":true,"result":"\xff'), ("unknown", 0, None)),
    ("bad gateway", http("502 Bad Gateway", b"<html>502</html>"), ("busy", 0, None)),
    ("an error page", http("500 Oh", b'{"half'), ("busy", 0, None)),
    ("nothing but a code", http("504 Gateway Timeout", b""), ("busy", 0, None)),
    ("a code nobody knows", http("599 Odd", b""), ("busy", 0, None)),
    ("elsewhere", http("302 Found", b"", extra="Location: http://127.0.0.1:9/\r\n"), ("busy", 0, None)),
    ("an odd refusal", http("400 Bad", b'{"ok":false,"description":[1],"parameters":7}'), ("malformed", 0, None)),
    ("a refused list", http("400 Bad", b"[]"), ("malformed", 0, None)),
    ("wait", refused(429, "Too Many Requests: retry after 7", '{"retry_after":7}'), ("wait", 7, None)),
    ("wait, unsaid", http("429 Too Many", b"<html>slow down</html>"), ("wait", 5, None)),
    ("wait, oddly", refused(429, "Too Many Requests", '{"retry_after":"soon"}'), ("wait", 5, None)),
    ("moved", refused(400, "Bad Request: upgraded", '{"migrate_to_chat_id":-1001}'), ("moved", 0, -1001)),
    ("moved, oddly", refused(400, "Bad Request: upgraded", '{"migrate_to_chat_id":"x"}'), ("malformed", 0, None)),
    ("unauthorized", refused(401, "Unauthorized"), ("revoked", 0, None)),
    ("no such bot", refused(404, "Not Found"), ("revoked", 0, None)),
    ("blocked", refused(403, "Forbidden: bot was blocked by the user"), ("blocked", 0, None)),
    ("conflict", refused(409, "Conflict: terminated by other getUpdates request"), ("busy", 0, None)),
]


@pytest.mark.parametrize(("name", "answer", "expected"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
async def test_every_answer_has_a_meaning(
    name: str, answer: bytes, expected: tuple[Failure, float, int | None], answering: Answering
) -> None:
    """Whatever comes back, the send policy gets one of its kinds of failure, and never another error."""
    assert await failure_of(await answering(answer)) == expected


async def test_silence_after_the_call_is_unknown(answering: Answering) -> None:
    """Telegram may have taken what it never confirmed."""
    assert (await failure_of(await answering(None), read_seconds=0.1))[0] == "unknown"


async def test_a_closed_door_is_certainly_not_sent(answering: Answering) -> None:
    """Without a connection nothing went out, and nothing can come twice."""
    assert (await failure_of("http://127.0.0.1:9"))[0] == "unsent"
    no_tls = (await answering(None)).replace("http:", "https:")
    assert (await failure_of(no_tls, connect_seconds=0.1))[0] == "unsent"
    assert (await failure_of("http://[not-an-address"))[0] == "unsent"


async def test_waiting_for_a_free_connection_in_vain_is_certainly_not_sent(answering: Answering) -> None:
    """A call that never left the pool had no effect."""
    root = await answering(None)
    async with AiohttpRequest(connections=1, connect_seconds=0.1, read_seconds=30) as request:
        api = Api(request, root=root, token=TOKEN)
        first = asyncio.create_task(api.call("sendMessage", {"chat_id": 1}))
        await asyncio.sleep(0)
        with pytest.raises(TelegramError) as caught:
            await api.call("sendMessage", {"chat_id": 2})
        first.cancel()
    assert failed(caught.value).failure == "unsent"


async def test_calls_before_the_start_and_after_the_end_are_not_sent() -> None:
    """Stopping is not a reason for another kind of error."""
    request = AiohttpRequest()
    with pytest.raises(TelegramError) as caught:
        await Api(request, root="http://127.0.0.1:9", token=TOKEN).call("getMe")
    assert failed(caught.value).failure == "unsent"


def everything_said_by(error: BaseException | None) -> str:
    """Give all an error and its causes would print."""
    if error is None:
        return ""
    said = f"{error} {error!r} {error.args!r}"
    return said + everything_said_by(error.__cause__) + everything_said_by(error.__context__)


async def said_about(answer: bytes, answering: Answering) -> str:
    """Give all that is said when a call and a download meet an answer."""
    async with AiohttpRequest(read_seconds=5) as request:
        api = Api(request, root=await answering(answer), token=TOKEN)
        said = repr(api) + repr(request)
        try:
            await api.call("getMe")
        except TelegramError as error:
            said += everything_said_by(error) + everything_said_by(failed(error))
        try:
            said += str([len(chunk) async for chunk in api.file("voice/1.oga")])
        except TelegramError as error:
            said += everything_said_by(error)
    return said


async def test_the_token_is_in_no_error_and_no_log(answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    """The token is part of every address, and addresses like to be printed."""
    caplog.set_level(logging.DEBUG)
    page = http("403 Forbidden", f"<html>You may not read /bot{TOKEN}/getMe</html>".encode())
    said = "".join([await said_about(answer, answering) for answer in (page, *(answer for _, answer, _ in ANSWERS))])
    gc.collect()  # what was left open would complain now

    assert len(said) > 1000 and TOKEN not in said + caplog.text


async def test_no_ones_words_go_into_the_log(answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    """An answer cut short may repeat what a person wrote; the library's own reader would log it."""
    caplog.set_level(logging.DEBUG)
    await failure_of(await answering(http("200 OK", b'{"ok":true,"result":{"text":"secret wor')))

    assert "secret" not in caplog.text


async def test_the_librarys_own_bot_runs_on_it(box: Sandbox, sokha: Person) -> None:
    """It is a whole request class of the library: JSON, forms and files, in both directions."""
    both = AiohttpRequest(), AiohttpRequest()
    roots = f"{box.root}/bot", f"{box.root}/file/bot"
    async with Bot(box.token, *roots, request=both[0], get_updates_request=both[1]) as bot:
        await bot.send_message(sokha.id, "ជំរាបសួរ")
        sent = await bot.send_document(sokha.id, b"content", filename="ឯកសារ.txt", caption="ok")
        assert sent.document is not None
        content = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()

    assert [message.text for message in sokha.messages()[1:2]] == ["ជំរាបសួរ"]
    assert (bytes(content), str(sent.document.file_name)) == (b"content", "ឯកសារ.txt")


async def test_files_come_in_whole_chunks(box: Sandbox, sokha: Person, api: Api) -> None:
    """However the network cuts a file, each chunk but the last is full: every chunk becomes a sealed frame."""
    content = bytes(range(256)) * 1000
    await sokha.sends_document("a.bin", "application/octet-stream", content)
    found = await api.call("getFile", {"file_id": sokha.messages()[-1].content["document"]["file_id"]})
    assert isinstance(found, dict)

    chunks = [chunk async for chunk in api.file(found["file_path"])]

    assert [len(chunk) for chunk in chunks[:-1]] == [CHUNK] * (len(content) // CHUNK) and b"".join(chunks) == content
