"""Many conversations at once, over HTTP: nobody is forgotten, answered twice, or answered out of turn.

What each chat is shown is compared with what the core alone decides for the same acts. A thousand at once are played by
`./helpline bench`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from bot.core.effects import Option, Screen
from bot.sandbox import Person
from bot.sandbox.chats import Message
from bot.store.schema import cases, inbox, is_unsettled, is_waiting, outbox
from tests.bench.crowd import PHOTO, VOICE, Seen, converse, wanted
from tests.bench.people import Act, Kind, Walker, language, masked
from tests.whole.house import NOON, House

MANY = 300
FEWER = 40
MOST_ACTS = 60
PATIENCE = 30.0
END = "end.menu"
FIRST = {"start.menu": "help", "help.safe": "yes", "help.keep": "yes"}
"""What everybody chooses on the way in."""
PLAIN = ("ខ្ញុំនៅជិតផ្សារធំ ផ្ទះពណ៌ស ជាន់ទីពីរ", "I work in a rubber glove factory.", "ok thank you")
"""Words that name no danger, so that nothing leads off the way."""
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJKMNP-TV-Z]{8}(?![0-9A-Za-z])")


class Visitor(Walker):
    """Somebody who goes through "I need help" to the end, answering in every way there is."""

    def walk(self) -> list[Act]:
        """Give everything they do, the last of which leads to the end."""
        made = []
        for act in self.acts(MOST_ACTS):
            made.append(act)
            if self.screen is not None and self.screen.step == END:
                return made
        raise AssertionError(f"person {self.seed} has not come to the end in {MOST_ACTS} acts")

    def _choose(self) -> tuple[Kind, str]:
        screen, roll = self.screen, self.dice.random()
        assert screen is not None
        if screen.step in FIRST:
            return self._by_choice(screen, self._index(screen, FIRST[screen.step]), roll)
        if not screen.options:
            return self._in_own_words(screen, roll)
        if any(one.picked for one in screen.options):
            return "presses", f"{screen.rev}:{screen.step}:done"
        if roll > 0.97:
            return "voice", ""
        return self._by_choice(screen, self.dice.randrange(len(screen.options)), roll)

    def _index(self, screen: Screen, choice: str) -> int:
        return next(at for at, option in enumerate(screen.options) if option.id == choice)

    def _in_own_words(self, screen: Screen, roll: float) -> tuple[Kind, str]:
        if screen.step.endswith((".months", ".people")):
            return "says", self.dice.choice(("2", "៣", "three", "1"))
        if roll < 0.4:
            return self.dice.choice(("voice", "photo", "place")), ""
        return ("presses", f"{screen.rev}:{screen.step}:skip") if roll < 0.5 else ("says", self.dice.choice(PLAIN))

    def _by_choice(self, screen: Screen, at: int, roll: float) -> tuple[Kind, str]:
        option: Option = screen.options[at]
        if roll < 0.15:
            return "says", self._label(option)
        if roll < 0.3:
            return "says", str(at + 1)
        return "presses", option.data or f"{screen.rev}:{screen.step}:{at}"


def _visitors(house: House, many: int) -> tuple[list[Person], list[list[Act]]]:
    persons = [house.person(language=language(seed)) for seed in range(many)]
    return persons, [Visitor(house.content, seed, NOON).walk() for seed in range(many)]


async def test_many_at_once_are_each_answered_once_and_in_order(house: House) -> None:
    """Hundreds talk at the same time: each sees their own screens in order, none twice, and has one case at the end."""
    persons, walks = _visitors(house, MANY)
    assert {"says", "presses", "voice", "photo", "place"} == {act.kind for walk in walks for act in walk}
    seen = Seen(house.box)
    await asyncio.gather(*(converse(*one, seen=seen) for one in zip(persons, walks, strict=True)))
    await house.settled()

    wrong = [at for at, person in enumerate(persons) if seen.of(person.id) != wanted(walks[at])]
    assert wrong == []
    assert [person for person in persons if _ends(person) != 1] == []
    await _has_one_case_each(house, persons)


def _ends(person: Person) -> int:
    """Count the messages of the end that a person ever got, deleted or not."""
    messages = person.chat.messages.values()
    return sum(any(_step(button) == END for button in one.buttons()) for one in messages if one.from_bot)


def _step(button: dict[str, Any]) -> str:
    return str(button.get("callback_data")).partition(":")[2].partition(":")[0]


async def _has_one_case_each(house: House, persons: Sequence[Person]) -> None:
    """Compare the queue with the numbers that people were shown; and nothing waits in the store."""
    numbers = [_number(person) for person in persons]
    assert len(set(numbers)) == len(persons)
    assert {str(case["number"]) for case in await house.cases()} == set(numbers)
    counted = await house.store.database.read(_counted)
    assert counted == {"cases": len(persons), "lanes": len(persons), "inbox": 0, "outbox": 0}
    assert await house.store.inbox.aside() == 0


def _number(person: Person) -> str:
    """Give the one request number a person was shown."""
    texts = " ".join(message.text for message in person.messages() if message.from_bot)
    (number,) = set(_NUMBER.findall(texts))
    return str(number)


def _counted(connection: Connection) -> dict[str, int | None]:
    counts = {
        "cases": select(func.count()).select_from(cases),
        "lanes": select(func.count(cases.c.lane.distinct())),
        "inbox": select(func.count()).select_from(inbox).where(is_waiting),
        "outbox": select(func.count()).select_from(outbox).where(is_unsettled),
    }
    return {name: connection.scalar(count) for name, count in counts.items()}


async def test_many_at_once_while_telegram_fails(house: House) -> None:
    """Errors, lost answers and 429: nothing is missing, nothing out of turn, and repeated only what was lost."""
    persons, walks = _visitors(house, FEWER)
    seen = Seen(house.box)
    house.box.faults.switch(errors=0.05, lost=0.03, throttled=0.02)
    await asyncio.gather(*(_persist(*one) for one in zip(persons, walks, strict=True)))
    house.box.faults.switch(errors=0.0, lost=0.0, throttled=0.0)
    await house.settled()

    shown = {person.id: seen.of(person.id) for person in persons}
    wrong = [at for at, person in enumerate(persons) if not _is_told(shown[person.id], wanted(walks[at]))]
    assert wrong == []
    faults = Counter(call.outcome for call in house.box.calls if call.method != "getupdates")
    assert faults["error"] and faults["lost"] and faults["refused"]
    repeated = sum(len(shown[person.id]) - len(wanted(walk)) for person, walk in zip(persons, walks, strict=True))
    assert repeated <= faults["lost"]
    await _has_one_case_each(house, persons)


async def _persist(person: Person, acts: Sequence[Act]) -> None:
    """Do all acts; each when the last screen of the one before is there."""
    for act in acts:
        if act.kind == "presses":
            message = await person.until(partial(_with_button, person, act.data), timeout=PATIENCE)
            await person.presses(act.data, message=message)
        else:
            await _send(person, act)
        if act.screens:
            await person.until(partial(_with_text, person, act.screens[-1]), timeout=PATIENCE)


async def _send(person: Person, act: Act) -> None:
    match act.kind:
        case "voice":
            await person.sends_voice(VOICE)
        case "photo":
            await person.sends_photo(PHOTO)
        case "place":
            await person.sends_location(13.75, 100.5)
        case _:
            await person.says(act.data)


def _with_text(person: Person, text: str) -> Message | None:
    """Find a screen, wherever it lies: one whose answer was lost may lie again below the one that was pressed."""
    return next((one for one in person.chat.newest() if one.from_bot and masked(one.text) == text), None)


def _with_button(person: Person, data: str) -> Message | None:
    return next(
        (one for one in person.chat.newest() if any(b.get("callback_data") == data for b in one.buttons())), None
    )


def _is_told(shown: Sequence[str], told: Sequence[str]) -> bool:
    """Say whether all was shown in order, and repeated in place at most."""
    runs, least = ([(text, len(list(run))) for text, run in groupby(screens)] for screens in (shown, told))
    return [text for text, _ in runs] == [text for text, _ in least] and all(
        have >= want for (_, have), (_, want) in zip(runs, least, strict=True)
    )
