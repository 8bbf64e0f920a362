"""The webhook is set, stays set, and somebody hears of it if it does not."""

from datetime import datetime

import pytest

from bot.sandbox import Person, Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.refusals import too_many
from bot.tg.api import Api
from bot.tg.receive import WANTED, Update
from bot.tg.webhook import Webhook
from bot.tg.webhook_watch import CONNECTIONS, WebhookWatch
from tests.tg.conftest import Hands, running

SECRET = "s" * 40
URL = "http://127.0.0.1:9/of/the%20helpline"
"""Nobody listens there: what is posted stays with Telegram."""


class Bells:
    """What was rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.answers: list[datetime] = []

    async def conflict(self) -> None:
        self.rung.append("conflict")

    async def revoked(self) -> None:
        self.rung.append("revoked")

    async def answer(self, at: datetime) -> None:
        self.answers.append(at)


async def keep(update: Update) -> None:
    """Keep nothing."""


@pytest.fixture
def bells() -> Bells:
    return Bells()


@pytest.fixture
def hook(clock: Hands) -> Webhook:
    return Webhook(SECRET, keep=keep, clock=clock)


@pytest.fixture
def watch(api: Api, hook: Webhook, bells: Bells, clock: Hands) -> WebhookWatch:
    told = {"on_conflict": bells.conflict, "on_revoked": bells.revoked}
    return WebhookWatch(api, hook, url=URL, secret=SECRET, clock=clock, on_answer=bells.answer, **told)


def sets(box: Sandbox) -> list[dict[str, object]]:
    return [dict(call.params) for call in box.calls if call.method == "setwebhook"]


async def test_it_is_set_once_with_everything_that_matters(watch: WebhookWatch, box: Sandbox, clock: Hands) -> None:
    """The secret, the kinds that are read, how many at once; and nothing that waits is dropped."""
    async with running(watch):
        await clock.waited(3)

    assert sets(box) == [
        {
            "url": URL,
            "secret_token": SECRET,
            "allowed_updates": list(WANTED),
            "max_connections": CONNECTIONS,
            "drop_pending_updates": False,
        }
    ]
    assert clock.waits == [60, 60, 60]


async def test_what_waited_is_not_dropped(watch: WebhookWatch, box: Sandbox, sokha: Person, clock: Hands) -> None:
    """Going from polling to a webhook loses nobody's words, and going back does not either."""
    await sokha.says("one")
    async with running(watch):
        await clock.waited(1)

    assert box.pending == 1


async def test_who_takes_it_away_is_told_of_and_it_is_set_again(
    watch: WebhookWatch, api: Api, box: Sandbox, bells: Bells, clock: Hands
) -> None:
    """A second program with our token would read what people write: a human must know."""
    async with running(watch):
        await clock.waited(1)
        await api.call("deleteWebhook")
        seen = len(clock.waits)
        await clock.waited(seen + 2)

    assert bells.rung == ["conflict"]
    assert len(sets(box)) == 2 and box.webhook.address is not None


@pytest.mark.parametrize(
    "change",
    [
        {"allowed_updates": ["callback_query"], "secret_token": SECRET},
        {"allowed_updates": list(WANTED), "secret_token": SECRET, "certificate": "of their own"},
    ],
    ids=["fewer kinds", "a certificate"],
)
async def test_who_changes_it_below_the_same_address_is_told_of(
    change: dict[str, object], watch: WebhookWatch, api: Api, box: Sandbox, bells: Bells, clock: Hands
) -> None:
    """With a stolen token people's words could be kept from us, or taken elsewhere, while the address looks right."""
    async with running(watch):
        await clock.waited(1)
        await api.call("setWebhook", {"url": URL, **change})
        await clock.waited(len(clock.waits) + 2)

    assert bells.rung == ["conflict"]
    assert len(sets(box)) == 3 and box.webhook.info()["allowed_updates"] == sorted(WANTED)


async def test_another_secret_is_told_of_by_what_is_refused_here(
    watch: WebhookWatch, box: Sandbox, bells: Bells, clock: Hands
) -> None:
    """Telegram does not tell a secret, only that our answer was 401."""
    async with running(watch):
        await clock.waited(1)
        box.webhook.last_error = (1, "Wrong response from the webhook: 401 Unauthorized")
        await clock.waited(len(clock.waits) + 2)

    assert bells.rung == ["conflict"] and box.webhook.last_error is None


async def test_a_revoked_token_is_told_of(watch: WebhookWatch, box: Sandbox, bells: Bells, clock: Hands) -> None:
    """Nothing can arrive until somebody puts a new token in; asking goes on slowly."""
    box.faults.revoked = True
    async with running(watch):
        await clock.waited(2)

    assert set(bells.rung) == {"revoked"} and clock.waits[:2] == [60, 60]


async def test_a_bad_network_at_the_start_is_waited_for(watch: WebhookWatch, box: Sandbox, clock: Hands) -> None:
    """The helpline starts without Telegram, and asks again after pauses that grow."""
    box.faults.plan(Fault.RESET, method="setWebhook", times=3)
    box.faults.plan(Fault.REFUSED, method="getWebhookInfo", refusal=too_many(17))
    async with running(watch):
        await clock.waited(5)

    assert clock.waits[:5] == [1, 2, 4, 17, 60]


async def test_receiving_works_while_nothing_waits_or_something_was_kept(
    watch: WebhookWatch, hook: Webhook, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """A quiet night is well; updates that wait at Telegram, and of which none is committed, are not."""
    before = watch.last_answer
    async with running(watch):
        await clock.waited(1)
        quiet = watch.last_answer
        await sokha.says("one")
        await clock.waited(4)
        stuck = watch.last_answer
        hook.last_kept = clock.time

    assert before is None and quiet is not None and stuck is not None
    assert (clock.time - stuck).total_seconds() >= 60
    assert watch.last_answer == hook.last_kept


async def test_only_an_empty_queue_is_an_answer(
    watch: WebhookWatch, box: Sandbox, bells: Bells, sokha: Person, clock: Hands
) -> None:
    """As long as Telegram has updates that do not arrive the helpline may be away."""
    async with running(watch):
        await clock.waited(1)
        empty = len(bells.answers)
        await sokha.says("one")
        await clock.waited(4)

    assert empty == 1 and len(bells.answers) <= 2


def test_it_is_served_where_telegram_calls(watch: WebhookWatch) -> None:
    """The path of the public address, as it arrives."""
    assert [(route.path, route.methods) for route in watch.routes()] == [("/of/the helpline", {"POST"})]
