"""Delivery to a webhook: the secret, the order, the second try, and what an answer's body can do."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from bot.sandbox import Person, Sandbox
from tests.sandbox.conftest import Hands


class Receiver:
    """A bot's webhook that notes what it gets and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, dict[str, dict[str, object]]]] = []
        self.answer: Callable[[], web.Response] = web.Response
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return self.answer()

    @property
    def texts(self) -> list[str]:
        return [str(update["message"]["text"]) for _, update in self.got]


@pytest.fixture
async def receiver(box: Sandbox) -> AsyncIterator[Receiver]:
    box.webhook.second = 0.01
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await box.webhook.close()
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret_and_then_gone(
    bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver
) -> None:
    """What waited and what comes is delivered; a 2xx confirms it."""
    await sokha.says("before")
    await bot.set_webhook(receiver.url, secret_token="s" * 32)
    await sokha.says("after")

    await box.until(lambda: not box.pending)

    assert receiver.texts == ["before", "after"]
    assert {secret for secret, _ in receiver.got} == {"s" * 32}


async def test_a_refused_update_is_tried_again_and_holds_up_only_its_chat(
    bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver
) -> None:
    """Order within a chat is kept; others go on."""
    mary = box.add_person("Mary")
    answers = iter([500, 503, 500])
    receiver.answer = lambda: web.Response(status=next(answers, 200))
    await bot.set_webhook(receiver.url)
    await sokha.says("one")
    await sokha.says("two")
    await mary.says("three")

    await box.until(lambda: not box.pending)

    texts = [text for text in receiver.texts if text != "three"]
    assert texts == sorted(texts, key=["one", "two"].index) and texts.count("two") >= 1
    assert len(receiver.got) == 6 and "three" in receiver.texts


async def test_retry_after_is_honoured(bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver) -> None:
    """An overloaded receiver says when to come again, and is asked no sooner."""
    box.webhook.second = 0.05
    answers = iter([web.Response(status=503, headers={"Retry-After": "3"})])
    receiver.answer = lambda: next(answers, web.Response())
    await bot.set_webhook(receiver.url)
    began = asyncio.get_running_loop().time()
    await sokha.says("one")

    await box.until(lambda: not box.pending)

    assert asyncio.get_running_loop().time() - began >= 0.15 and len(receiver.got) == 2


async def test_a_method_in_the_answer_is_carried_out(bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver) -> None:
    """Telegram does this, so a bot that echoes its input is dangerous; getX and setWebhook are ignored."""
    answers = iter(
        [
            web.json_response({"method": "sendMessage", "chat_id": sokha.id, "text": "from the body"}),
            web.json_response({"method": "deleteWebhook"}),
        ]
    )
    receiver.answer = lambda: next(answers, web.Response())
    await bot.set_webhook(receiver.url)
    await sokha.says("one")
    await sokha.says("two")

    await box.until(lambda: not box.pending)

    screen = sokha.screen()
    assert screen is not None and screen.text == "from the body"
    assert (await bot.get_webhook_info()).url == receiver.url


async def test_an_update_is_dropped_when_its_time_is_over(
    bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver, clock: Hands
) -> None:
    """A day of failures ends it, and what went wrong can be read."""
    receiver.answer = lambda: web.Response(status=500)
    await bot.set_webhook(receiver.url)
    await sokha.says("one")
    await box.until(lambda: bool(receiver.got))

    clock.forward(hours=24)
    await box.until(lambda: not box.pending)

    assert "500" in str((await bot.get_webhook_info()).last_error_message)


async def test_polling_and_webhook_exclude_each_other(
    bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver
) -> None:
    """getUpdates conflicts while a webhook is set, and works again after."""
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    await sokha.says("one")

    assert len(await bot.get_updates()) == 1


async def test_setting_a_webhook_ends_a_waiting_poll(bot: Bot, box: Sandbox, receiver: Receiver) -> None:
    """The poller is told why."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await box.until(lambda: box.polled)
    await bot.set_webhook(receiver.url)

    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await asyncio.wait_for(poll, 2)


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("http://127.0.0.1/a", "s" * 257, "Secret token is too long"),
        ("http://127.0.0.1/a", "a b", "Secret token contains unallowed characters"),
        ("nonsense", "", "Invalid webhook url specified"),
        ("https://example.org/a", "", "Bad webhook"),
    ],
)
async def test_a_bad_webhook_is_refused(bot: Bot, url: str, secret: str, words: str) -> None:
    """And nothing is ever posted to another machine."""
    with pytest.raises(BadRequest, match=words):
        await bot.set_webhook(url, secret_token=secret)


async def test_410_for_23_hours_removes_the_webhook(
    bot: Bot, box: Sandbox, sokha: Person, receiver: Receiver, clock: Hands
) -> None:
    """The update stays for whoever polls."""
    receiver.answer = lambda: web.Response(status=410)
    await bot.set_webhook(receiver.url)
    await sokha.says("one")
    await box.until(lambda: bool(receiver.got))

    clock.forward(hours=23, seconds=1)
    await box.until(lambda: box.webhook.address is None)

    assert len(await bot.get_updates()) == 1
