"""The webhook: nothing is believed before the secret, nothing is acknowledged before it was committed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.console.serving import listening
from bot.core.errors import MachineError
from bot.sandbox import Person, Sandbox
from bot.tg import webhook
from bot.tg.api import Api
from bot.tg.webhook import LARGEST, SECRET_HEADER, Update, Webhook
from tests.tg.conftest import Hands

SECRET = "an-invented_secret-of-40-characters-0000"
UPDATE = b'{"update_id": 7, "message": {}}'


class Inbox:
    """What was committed. `gate` closed: the commit takes long; `sick`: it fails so often."""

    def __init__(self) -> None:
        self.kept: list[Update] = []
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.sick = 0

    async def keep(self, update: Update) -> None:
        self.asked += 1
        await self.gate.wait()
        if self.sick:
            self.sick -= 1
            raise MachineError("The disk is full.")
        self.kept.append(update)


class Served:
    """A webhook that is listened to, and calls of it."""

    def __init__(self, at: str, hook: Webhook, client: aiohttp.ClientSession) -> None:
        self.url = f"http://{at}/hook"
        self.host, _, self.port = at.rpartition(":")
        self.hook = hook
        self._client = client

    async def post(self, body: object = UPDATE, secret: str | None = SECRET) -> tuple[int, bytes, str | None]:
        """Post; gives status, body and Retry-After."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self._client.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers.get("Retry-After")

    async def begin(self, *headers: str) -> str:
        """Send a request's head and never its body; gives the first line of the answer."""
        reader, writer = await asyncio.open_connection(self.host, int(self.port))
        writer.write("\r\n".join(("POST /hook HTTP/1.1", "Host: here", *headers, "", "")).encode("latin-1"))
        async with asyncio.timeout(5):  # who waits for the body waits for ever
            line = (await reader.readline()).decode()
        writer.close()
        await writer.wait_closed()
        return line.strip()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def served(inbox: Inbox, clock: Hands) -> AsyncIterator[Served]:
    hook = Webhook(SECRET, keep=inbox.keep, clock=clock)
    app = Starlette(routes=[Route("/hook", hook.take, methods=["POST"])])
    async with listening(app, ("127.0.0.1", 0)) as door, aiohttp.ClientSession() as client:
        yield Served(door.at, hook, client)


async def test_an_update_is_acknowledged_only_after_it_was_committed(
    served: Served, inbox: Inbox, clock: Hands
) -> None:
    """The answer waits for the commit, and is empty: Telegram would carry out what stands in one."""
    inbox.gate.clear()
    posting = asyncio.create_task(served.post())
    while not inbox.asked:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.001)
    before = (posting.done(), served.hook.last_kept)
    inbox.gate.set()

    assert await posting == (200, b"", None)
    assert before == (False, None)
    assert (inbox.kept, served.hook.last_kept) == ([json.loads(UPDATE)], clock.time)


FORGED = [
    None,
    "",
    " ",
    SECRET[:-1],
    SECRET + "0",
    SECRET.upper(),
    SECRET[::-1],
    "0" * len(SECRET),
    f"{SECRET},{SECRET}",
    f'"{SECRET}"',
    f"Bearer {SECRET}",
    "None",
    "é" * len(SECRET),
]


async def test_who_does_not_know_the_secret_is_refused(served: Served, inbox: Inbox) -> None:
    """Forged updates reach nothing."""
    for secret in FORGED:
        assert (secret, await served.post(secret=secret)) == (secret, (401, b"", None))

    assert inbox.asked == 0


async def test_a_secret_elsewhere_is_no_secret(served: Served, inbox: Inbox) -> None:
    """It counts in its header only: not in the address, the body or another header."""
    forged: tuple[tuple[str, dict[str, str], bytes], ...] = (
        (f"?secret_token={SECRET}", {}, UPDATE),
        ("", {"X-Telegram-Bot-Api-Secret": SECRET}, UPDATE),
        ("", {"Authorization": SECRET}, UPDATE),
        ("", {"Cookie": f"{SECRET_HEADER}={SECRET}"}, UPDATE),
        ("", {}, json.dumps({"update_id": 1, "secret_token": SECRET}).encode()),
    )
    async with aiohttp.ClientSession() as client:
        for query, headers, body in forged:
            async with client.post(served.url + query, data=body, headers=headers) as answer:
                assert answer.status == 401

    assert inbox.asked == 0


async def test_the_secret_is_looked_at_before_the_body_is_read(served: Served) -> None:
    """A stranger cannot make us wait for, or hold, what they say that they will send."""
    assert "401" in await served.begin("Content-Length: 1000")
    assert "401" in await served.begin("Transfer-Encoding: chunked")


async def test_a_body_too_large_is_refused_before_it_is_read(served: Served, inbox: Inbox) -> None:
    """Up to 1 MiB is read; more is refused as soon as it is announced, or has come."""

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 15)

    announced = await served.begin(f"{SECRET_HEADER}: {SECRET}", f"Content-Length: {LARGEST + 1}")
    largest = UPDATE.ljust(LARGEST)

    assert "413" in announced
    assert (await served.post(largest))[0] == 200
    with suppress(aiohttp.ClientConnectionError):  # it may be refused while it is still being sent
        assert (await served.post(drip()))[0] == 413
    assert len(inbox.kept) == 1


ODD = [b"", b"not JSON", UPDATE[:-1], b"\xff", b"null", b"7", b"[]", b"{}", b'{"update_id": "7"}', b"[" * 100_000]


async def test_what_is_no_update_is_refused_and_stops_nothing(served: Served, inbox: Inbox) -> None:
    """What arrived damaged is not confirmed, and so comes again; the next one is taken."""
    for body in ODD:
        assert (body[:30], await served.post(body)) == (body[:30], (400, b"", None))

    assert await served.post() == (200, b"", None)
    assert len(inbox.kept) == 1


async def test_a_body_that_never_ends_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a place among those under way for some seconds only."""
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.01)

    assert "408" in await served.begin(f"{SECRET_HEADER}: {SECRET}", "Content-Length: 1000")


async def test_too_many_at_once_are_asked_to_come_later(
    served: Served, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those under way are finished, and then there is room again."""
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 3)
    inbox.gate.clear()
    under_way = [asyncio.create_task(served.post()) for _ in range(3)]
    while inbox.asked < 3:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.001)

    assert await served.post() == (503, b"", "5")
    inbox.gate.set()
    assert [status for status, _, _ in await asyncio.gather(*under_way)] == [200] * 3
    assert (await served.post())[0] == 200


async def test_a_sick_machine_acknowledges_nothing(
    served: Served, inbox: Inbox, api: Api, box: Sandbox, sokha: Person
) -> None:
    """Telegram keeps what could not be committed and brings it again, in order."""
    inbox.sick = 2
    box.webhook.second = 0.001
    await api.call("setWebhook", {"url": served.url, "secret_token": SECRET})
    await sokha.says("one")
    await sokha.says("two")

    await box.until(lambda: not box.pending)

    messages = [update["message"] for update in inbox.kept]
    assert [message["text"] for message in messages if isinstance(message, dict)] == ["one", "two"]
    assert (inbox.asked, served.hook.last_kept is not None) == (4, True)


async def test_nothing_but_posts_is_taken(served: Served, inbox: Inbox) -> None:
    """A browser that finds the address learns nothing."""
    async with aiohttp.ClientSession() as client, client.get(served.url, headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 405

    assert inbox.asked == 0
