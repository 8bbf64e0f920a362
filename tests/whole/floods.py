"""A flood of updates among which some are spoiled: fields dropped, swapped or invented by dice, or sheer poison."""

import copy
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bot.core.content import Content
from bot.sandbox import Person
from tests.whole.house import NOON, House

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1.5,
    "",
    "\ud800",
    "\0",
    "x" * 5000,
    [],
    {},
    [[]],
    {"id": {}},
)
AT_ONCE = 100
POISON = "help"


@dataclass(frozen=True, slots=True)
class Flooded:
    """What became of a flood: updates answered, of these that must be; rows set aside, of which poison; alarms."""

    answered: int
    aside: int
    poison: int
    alarms: int


async def flood(house: House, updates: int, *, spoiled: int, people: int) -> Flooded:
    """Let people write in turn, one in so many updates be odd, and every other of these be poison.

    Raises AssertionError if anybody who wrote was not answered as often as the core would, or poison was not set aside.
    """
    house.content = _without_help(house.content)
    dice = random.Random(7)
    crowd = [house.person(f"Person {number}") for number in range(people)]
    written: Counter[int] = Counter()
    poison = 0
    for person in crowd:
        person.user.started = True
    for number in range(updates):
        person = crowd[number % people]
        if number % spoiled:
            raw = _said(person, number, "/start")
            written[person.id] += 1
        elif number % (2 * spoiled):
            raw = _spoil(_said(person, number, "/start"), dice)
        else:
            raw = _said(person, number, POISON)
            poison += 1
        house.box.inject(raw)
        if number % AT_ONCE == AT_ONCE - 1:
            await house.box.until(lambda: house.box.pending < AT_ONCE * 5 or None, timeout=60.0)
    await house.until_quiet()
    answered = Counter(call.chat_id for call in house.box.calls if call.method == "sendmessage" and call.done)
    aside = await house.store.inbox.aside()
    assert [one for one, count in written.items() if answered[one] < count] == []
    assert 0 < poison <= aside
    return Flooded(sum(written.values()), aside, poison, house.helpline.alarm.raised["poison"])


def _without_help(content: Content) -> Content:
    """Give content that cannot answer POISON: deciding it fails."""
    return content.model_copy(update={"phrases": {k: v for k, v in content.phrases.items() if k != "help_line"}})


def _said(person: Person, number: int, text: str) -> dict[str, Any]:
    chat = {"id": person.id, "type": "private", "first_name": "Sokha"}
    sender = {"id": person.id, "is_bot": False, "first_name": "Sokha", "language_code": "en"}
    message = {
        "message_id": 1000 + number,
        "date": int(NOON.timestamp()),
        "chat": chat,
        "from": sender,
        "text": text,
    }
    return {"message": message}


def _spoil(raw: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    spoiled = copy.deepcopy(raw)
    for _ in range(dice.randint(1, 3)):
        holder: Any = spoiled["message"] if isinstance(spoiled.get("message"), dict) else spoiled
        inner = [one for one in holder.values() if isinstance(one, dict) and one]
        holder = dice.choice([holder, *inner])
        key = dice.choice([*holder, "reply_to_message", "photo", "voice", "entities"])
        if dice.random() < 0.3:
            holder.pop(key, None)
        else:
            holder[key] = copy.deepcopy(dice.choice(ODD))
    return spoiled
