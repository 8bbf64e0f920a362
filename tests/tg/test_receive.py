"""Polling: nothing is confirmed before it is committed, and no trouble turns into a busy loop."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram.error import Conflict

from bot.core.errors import MachineError
from bot.sandbox import Person, Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.refusals import conflict, too_many
from bot.tg.api import Api
from bot.tg.receive import WANTED, Poller, Update
from bot.tg.request import AiohttpRequest
from tests.tg.conftest import Hands, running


class Inbox:
    """What was committed, in batches, and what was rung. `gate` closed: the commit takes long; `sick`: it fails."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Update]] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.sick = 0
        self.rung: list[str] = []
        self.answers: list[tuple[int, bool]] = []

    async def receive(self, updates: Sequence[Update]) -> None:
        self.asked.set()
        if self.sick:
            self.sick -= 1
            raise MachineError("The disk is full.")
        await self.gate.wait()
        self.batches.append(updates)

    async def conflict(self) -> None:
        self.rung.append("conflict")

    async def revoked(self) -> None:
        self.rung.append("revoked")

    async def answered(self, at: datetime, more: bool) -> None:
        self.answers.append((len(self.batches), more))

    @property
    def words(self) -> list[object]:
        return [words_of(update) for batch in self.batches for update in batch]


def words_of(update: Update) -> object:
    message = update.get("message")
    return message.get("text") if isinstance(message, dict) else None


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def poller_of(api: Api, inbox: Inbox, clock: Hands) -> Poller:
    return Poller(
        api,
        receive=inbox.receive,
        on_conflict=inbox.conflict,
        on_revoked=inbox.revoked,
        on_answer=inbox.answered,
        clock=clock,
    )


@pytest.fixture
def poller(api: Api, inbox: Inbox, clock: Hands) -> Poller:
    return poller_of(api, inbox, clock)


async def test_an_update_is_confirmed_only_after_it_was_committed(
    poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person
) -> None:
    """Between arrival and commit Telegram still has it."""
    inbox.gate.clear()
    async with running(poller):
        await sokha.says("one")
        await inbox.asked.wait()
        assert (box.pending, inbox.words) == (1, [])

        inbox.gate.set()
        await box.until(lambda: box.pending == 0)

    assert inbox.words == ["one"]


async def test_what_was_not_committed_comes_again(
    poller: Poller, api: Api, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """Stopped in the middle of a commit, the next start gets the same updates, in order."""
    await sokha.says("one")
    await sokha.says("two")
    inbox.gate.clear()
    async with running(poller):
        await inbox.asked.wait()
        await asyncio.sleep(0)
    assert (box.pending, inbox.words) == (2, [])

    inbox.gate.set()
    async with running(poller_of(api, inbox, clock)):
        await box.until(lambda: box.pending == 0)

    assert inbox.words == ["one", "two"]


async def test_a_sick_machine_loses_nothing_and_is_asked_again_soon(
    poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """While the disk is full the batch stays with Telegram; the pauses never grow past a quarter of a minute."""
    inbox.sick = 6
    await sokha.says("one")
    async with running(poller):
        await box.until(lambda: box.pending == 0)

    assert (inbox.words, clock.waits) == (["one"], [1, 2, 4, 8, 15, 15])


async def test_no_offset_outlives_its_use(poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person) -> None:
    """Update ids go on anywhere after a quiet week: then an old offset would hide what is new."""
    async with running(poller):
        await sokha.says("before")
        await box.until(lambda: box.pending == 0 and box.polled)
        box.world.updates.end_poll()  # an empty answer, as after 50 s
        await box.until(lambda: "offset" not in box.calls[-1].params and box.polled)
        box.jump(5)
        await sokha.says("after")
        await box.until(lambda: box.pending == 0)

    polls = [call for call in box.calls if call.method == "getupdates"]
    assert inbox.words == ["before", "after"]
    assert ["offset" in call.params for call in polls[:4]] == [False, True, False, True]


async def test_only_what_is_read_is_asked_for(poller: Poller, box: Sandbox) -> None:
    """Telegram sends no kind that nobody here reads, and holds empty answers back as long as it can."""
    async with running(poller):
        await box.until(lambda: box.polled)

    assert box.world.updates.allowed == sorted(WANTED)
    assert (box.calls[-1].params["timeout"], box.calls[-1].params["limit"]) == (50, 100)


async def test_a_webhook_left_behind_is_taken_away_and_nothing_with_it(
    poller: Poller, api: Api, inbox: Inbox, box: Sandbox, sokha: Person
) -> None:
    """Going back to polling keeps what waited."""
    await api.call("setWebhook", {"url": "https://127.0.0.1:8443/x"})
    await sokha.says("one")
    async with running(poller):
        await box.until(lambda: box.pending == 0)

    assert inbox.words == ["one"]


async def test_a_second_poller_is_told_of_and_waited_for(
    poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """Two programs with one token: an operator hears it at once. Soon again, or the other gets what people write."""
    box.faults.plan(Fault.REFUSED, method="getUpdates", times=7, refusal=conflict("terminated by other"))
    await sokha.says("one")
    async with running(poller):
        await box.until(lambda: box.pending == 0)

    assert (inbox.rung, inbox.words) == (["conflict"] * 7, ["one"])
    assert clock.waits == [1, 2, 4, 8, 16, 30, 30]


async def test_one_poll_of_somebody_else_is_told_of_and_polling_taken_back(
    poller: Poller, api: Api, inbox: Inbox, box: Sandbox, clock: Hands
) -> None:
    """The alarm rings at its first poll; a second later ours ends theirs."""
    async with running(poller):
        await box.until(lambda: box.polled)
        with pytest.raises(Conflict):
            await api.call("getUpdates", {"timeout": 50})

    assert (inbox.rung, clock.waits) == (["conflict"], [1])


async def test_a_poll_of_our_own_that_broke_is_no_second_poller(
    poller: Poller, api: Api, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """Telegram may still hold the old connection: it ends that one, and the new one gets what comes, at once."""
    async with running(poller):
        await box.until(lambda: box.polled)
    async with running(poller_of(api, inbox, clock)):
        await box.until(lambda: any(call.code == 409 for call in box.calls))
        await sokha.says("one")
        await box.until(lambda: box.pending == 0)

    assert (inbox.words, inbox.rung, clock.waits) == (["one"], [], [])


async def test_a_webhook_that_somebody_sets_meanwhile_is_told_of_and_taken_away(
    poller: Poller, api: Api, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """Whoever sets one gets what people write, and the helpline nothing: it takes its updates back by itself."""
    async with running(poller):
        await box.until(lambda: box.polled)
        await api.call("setWebhook", {"url": "https://127.0.0.1:9/elsewhere"})
        await sokha.says("one")
        await box.until(lambda: box.pending == 0)

    assert (inbox.words, inbox.rung, clock.waits) == (["one"], ["conflict"], [1])


async def test_a_revoked_token_is_told_of(poller: Poller, inbox: Inbox, box: Sandbox, clock: Hands) -> None:
    """Nothing can be received until somebody puts a new token in; asking goes on slowly."""
    box.faults.revoked = True
    async with running(poller):
        await box.until(lambda: len(inbox.rung) == 3)

    assert set(inbox.rung) == {"revoked"} and clock.waits[:2] == [60, 60]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.ERROR, Fault.LOST, Fault.TRUNCATED])
async def test_a_bad_network_is_waited_for(
    fault: Fault, poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """A hide may wait there: nine tries in four seconds, then pauses that double; anew once Telegram has answered."""
    box.faults.plan(fault, method="getUpdates", times=15)
    await sokha.says("one")
    async with running(poller):
        await box.until(lambda: box.pending == 0)
        box.faults.plan(fault, method="getUpdates")
        box.world.updates.end_poll()
        await sokha.says("two")
        await box.until(lambda: box.pending == 0)

    assert clock.waits[:15] == [*[0.5] * 8, 1, 2, 4, 8, 15, 15, 15] and set(clock.waits[15:]) <= {0.5}


async def test_telegram_is_obeyed_when_it_asks_to_wait(
    poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """The pause is the one it names."""
    box.faults.plan(Fault.REFUSED, method="getUpdates", refusal=too_many(17))
    await sokha.says("one")
    async with running(poller):
        await box.until(lambda: box.pending == 0)

    assert clock.waits == [17]


async def test_the_last_answer_is_known(poller: Poller, box: Sandbox, clock: Hands) -> None:
    """A watchdog can tell a quiet night from a poll that died: only answers count, not attempts."""
    box.faults.plan(Fault.ERROR, method="getUpdates", times=3)
    async with running(poller):
        assert poller.last_answer is None
        await box.until(lambda: box.polled)
        box.world.updates.end_poll()
        await box.until(lambda: poller.last_answer)

    assert poller.last_answer == clock.time


ODD = [
    b"not JSON",
    b'{"ok":true,"result":"nothing"}',
    b'{"ok":true,"result":{"update_id":1}}',
    b'{"ok":true,"result":[1,null,"x",{"update_id":"7"},{"message":{}},{"update_id":true}]}',
    b'{"ok":true,"result":[' + b"[" * 100_000 + b"]}",
]


@pytest.mark.parametrize("body", ODD)
async def test_an_answer_too_odd_to_read_is_no_busy_loop(
    body: bytes, request_: AiohttpRequest, inbox: Inbox, clock: Hands
) -> None:
    """What cannot be read cannot be confirmed: it comes again, after pauses that grow."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body if request.path.endswith("getUpdates") else b'{"ok":true,"result":true}')

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        root = str(server.make_url("")).rstrip("/")
        async with running(poller_of(Api(request_, root=root, token="1:x"), inbox, clock)):
            await clock.waited(13)

    assert clock.waits[:13] == [*[0.5] * 8, 1, 2, 4, 8, 15] and not inbox.asked.is_set()


async def test_an_answer_is_told_of_after_its_commit(poller: Poller, inbox: Inbox, box: Sandbox, sokha: Person) -> None:
    """Whoever watches for absences hears of each answer once what came with it is safe, and whether there is more."""
    for number in range(101):
        await sokha.says(str(number))
    async with running(poller):
        await box.until(lambda: box.pending == 0)

    assert inbox.answers[:2] == [(1, True), (2, False)]
