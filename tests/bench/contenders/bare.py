"""The ceiling: a loop on asyncio and aiohttp, without framework and without storage; what it knows dies with it."""

import asyncio
from typing import Any

import aiohttp

from tests.bench.contenders.plan import API, CARD, GROUP, SCREENS, TOKEN

Raw = dict[str, Any]


def _keyboard(number: int) -> list[list[Raw]]:
    rows = SCREENS[number][1]
    return [
        [{"text": label, "callback_data": f"{number}:{row}:{at}"} for at, label in enumerate(labels)]
        for row, labels in enumerate(rows)
    ]


class Bare:
    """Answer updates. `places` is who stands where, `shown` the message with the screen, `answers` what was said."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.places: dict[int, int] = {}
        self.shown: dict[int, int] = {}
        self.answers: dict[int, list[str]] = {}

    async def call(self, method: str, **values: object) -> Any:
        """Call a method and give its result."""
        async with self.session.post(f"{API}/bot{TOKEN}/{method}", json=values) as answer:
            return (await answer.json())["result"]

    async def run(self) -> None:
        """Ask for updates and answer them, each in a task of its own, until cancelled."""
        offset, tasks = 0, set()
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                task = asyncio.create_task(self.answer(update))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def answer(self, update: Raw) -> None:
        """Answer one update with the next screen."""
        if query := update.get("callback_query"):
            chat, said = query["from"]["id"], query["data"]
        elif message := update.get("message"):
            chat, said = message["chat"]["id"], message["text"]
        else:
            return
        if said == "/start":
            self.places[chat], self.answers[chat] = -1, []
            self.shown.pop(chat, None)
        place = self.places[chat] = self.places[chat] + 1
        self.answers[chat].append(said)
        screen = {"chat_id": chat, "text": SCREENS[place][0], "reply_markup": {"inline_keyboard": _keyboard(place)}}
        if query:
            await asyncio.gather(
                self.call("answerCallbackQuery", callback_query_id=query["id"]),
                self.call("editMessageText", message_id=query["message"]["message_id"], **screen),
            )
        else:
            old = self.shown.get(chat)
            self.shown[chat] = (await self.call("sendMessage", **screen))["message_id"]
            if old is not None:
                await self.call("deleteMessage", chat_id=chat, message_id=old)
        if place == len(SCREENS) - 1:
            await self.call("sendMessage", chat_id=GROUP, text=CARD)


async def main() -> None:
    """Run until killed."""
    async with aiohttp.ClientSession() as session:
        await Bare(session).run()


if __name__ == "__main__":
    asyncio.run(main())
