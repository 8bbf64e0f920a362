"""A thousand conversations at once."""

import asyncio

import aiohttp

from bot.sandbox import Person, Sandbox


async def answer_all(box: Sandbox, http: aiohttp.ClientSession, *, wanted: int) -> None:
    """Be a bot: answer every message with its own number, until so many were answered."""
    offset = answered = 0
    while answered < wanted:
        async with http.get(f"/bot{box.token}/getUpdates", params={"offset": offset, "timeout": 10}) as found:
            updates = (await found.json())["result"]
        offset = updates[-1]["update_id"] + 1 if updates else offset
        sends = [
            http.post(
                f"/bot{box.token}/sendMessage",
                json={"chat_id": update["message"]["chat"]["id"], "text": f"re {update['message']['text']}"},
            )
            for update in updates
        ]
        for answer in await asyncio.gather(*sends):
            answer.release()
        answered += len(updates)


async def converse(person: Person) -> list[str]:
    """Write three times, each time after the answer."""
    for number in range(3):
        await person.says(str(number))
        await person.sees(f"re {number}", timeout=30)
    return [message.text for message in person.messages()]


async def test_a_thousand_conversations_at_once_are_kept_apart() -> None:
    """All are answered, each in its order, and nothing is left over."""
    async with Sandbox() as box, aiohttp.ClientSession(base_url=box.root) as http:
        people = [box.add_person(f"Person {number}") for number in range(1000)]
        bot = asyncio.create_task(answer_all(box, http, wanted=3000))

        stories = await asyncio.gather(*(converse(person) for person in people))
        await bot

        assert {tuple(story) for story in stories} == {("0", "re 0", "1", "re 1", "2", "re 2")}
        assert sum(call.method == "sendmessage" for call in box.calls) == 3000
