"""Never repeat: nothing a person wrote, was called or sent comes back from the bot, to them or to anybody else."""

import asyncio
import json
import random
import re
from collections.abc import Iterator

import pytest

from bot.core.khmer import fold
from bot.sandbox import Person
from bot.sandbox.calls import Call
from bot.sandbox.refusals import NotPossibleError
from tests.whole.house import House

CANARY = re.compile("zq[a-z]+zq|98127364554|4K7XWMZQ")
ACCOUNT = "zqaccountzq"
WORDS = (
    "zqplainzq ខ្ញុំ",
    "zqdangerzq they hit me",
    "zqkhmerzq គេវាយខ្ញុំ",
    "+855 98127364554",
    "4K7XWMZQ",
    "zqbraceszq {number} %s",
)
ACTS = 25
PEOPLE = 6
OUT = ("send", "edit", "answer", "copy", "forward", "set", "pin")
"""What the methods that show something to somebody begin with."""


async def _acts(person: Person, dice: random.Random) -> None:
    """Press something there is, or send anything that carries a canary."""
    roll, words = dice.random(), dice.choice(WORDS)
    screen = person.screen()
    buttons = [str(one["callback_data"]) for one in screen.buttons()] if screen else []
    if roll < 0.45 and buttons and screen is not None:
        await person.presses(dice.choice(buttons), message=screen)
    elif roll < 0.65:
        await person.says(words)
    elif roll < 0.70:
        await person.says(dice.choice(("/start", "help", "back", "1", f"/start {ACCOUNT}", "remove", "person")))
    elif roll < 0.75:
        await person.forges(f"9:{words.split()[0]}:1"[:60])
    elif roll < 0.85:
        kind = dice.choice(("voice", "photo", "document", "video"))
        await person.sends_file(kind, b"zqbyteszq", name="zqfilenamezq.pdf", caption=words)
    elif roll < 0.92:
        point = {"latitude": 13.75, "longitude": 100.5}
        await person.sends({"venue": {"location": point, "title": words, "address": "zqstreetzq"}, "location": point})
    else:
        await person.sends({"contact": {"phone_number": "+85598127364554", "first_name": "zqcontactzq"}})


async def _lives(house: House, person: Person, dice: random.Random) -> None:
    for _ in range(ACTS):
        try:
            await _acts(person, dice)
        except NotPossibleError:
            continue  # the button went while it was looked for
        await asyncio.sleep(0.01)


def _shown(house: House) -> Iterator[tuple[str, str]]:
    """Give all that was ever sent: each call's method, and everything in it, folded too."""
    for call in house.box.calls:
        if call.method.startswith(OUT):
            written = _written(call)
            yield call.method, f"{written}\n{fold(written)}"


def _written(call: Call) -> str:
    return json.dumps(dict(call.params), ensure_ascii=False) + "".join(upload.name for upload in call.uploads.values())


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_comes_back(house: House, seed: int) -> None:
    """People press and send whatever they like, operators look and answer: no call carries a word of theirs."""
    people = [house.person(f"{ACCOUNT} {at}", language=("km", "en")[at % 2]) for at in range(PEOPLE)]
    await asyncio.gather(*(_lives(house, person, random.Random(f"{seed}.{at}")) for at, person in enumerate(people)))
    await house.settled()
    for number in [str(case["number"]) for case in await house.cases()]:
        if any(number in card.text for card in house.cards()):
            await house.after(house.desk(house.dara, "t", number))
            await house.replies(house.dara, number, "We are here")
    await house.passes(hours=2)

    sent = list(_shown(house))
    assert len(sent) > PEOPLE * 5
    assert [(method, found.group()) for method, text in sent if (found := CANARY.search(text))] == []


def test_the_search_would_find_it() -> None:
    """Each canary is found in a call that carries it, folded or not: a search that finds nothing is worth something."""
    for word in (*WORDS, ACCOUNT, "zqfilenamezq.pdf", "zqstreetzq", "zqcontactzq"):
        call = Call("sendmessage", {"text": f"You wrote: {word}"})
        assert CANARY.search(_written(call)), word
