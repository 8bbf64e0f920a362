"""People who go through "I need help" to the end, over HTTP, and what each of them must have been shown.

What each chat is shown is compared with what the core alone decides for the same acts.
"""

import re
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from bot.core.content import Content
from bot.core.effects import Option, Screen
from bot.sandbox import Person
from bot.sandbox.chats import Message
from bot.store.schema import cases, inbox, is_unsettled, is_waiting, outbox
from tests.bench.crowd import do
from tests.bench.people import Act, Kind, Walker, language, masked
from tests.whole.house import NOON, House

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


def visitors(house: House, many: int) -> tuple[list[Person], list[list[Act]]]:
    """Make people, and everything each of them will do."""
    persons = [house.person(language=language(seed)) for seed in range(many)]
    return persons, walks(house.content, many, now=NOON, trial=False)


def walks(content: Content, many: int, *, now: datetime, trial: bool = True) -> list[list[Act]]:
    """Give everything that so many people will do, in the language of their number."""
    return [Visitor(content, seed, now, trial=trial).walk() for seed in range(many)]


def ends(person: Person) -> int:
    """Count the messages of the end that a person ever got, deleted or not."""
    messages = person.chat.messages.values()
    return sum(any(_step(button) == END for button in one.buttons()) for one in messages if one.from_bot)


def _step(button: dict[str, Any]) -> str:
    return str(button.get("callback_data")).partition(":")[2].partition(":")[0]


async def has_one_case_each(house: House, persons: Sequence[Person]) -> None:
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


async def persist(
    person: Person, acts: Sequence[Act], *, patience: float = PATIENCE, waits: list[float] | None = None
) -> None:
    """Do all acts; each when the last screen of the one before is there. `waits` takes the seconds until it was."""
    for act in acts:
        began = time.monotonic()
        if act.kind == "presses":
            message = await person.until(partial(_with_button, person, act.data), timeout=patience)
            await person.presses(act.data, message=message)
        else:
            await do(person, act)
        if act.screens:
            await person.until(partial(_with_text, person, act.screens[-1]), timeout=patience)
            if waits is not None:
                waits.append(time.monotonic() - began)


def _with_text(person: Person, text: str) -> Message | None:
    """Find a screen, wherever it lies: one whose answer was lost may lie again below the one that was pressed."""
    return next((one for one in person.chat.newest() if one.from_bot and masked(one.text) == text), None)


def _with_button(person: Person, data: str) -> Message | None:
    return next(
        (one for one in person.chat.newest() if any(b.get("callback_data") == data for b in one.buttons())), None
    )


def is_told(shown: Sequence[str], told: Sequence[str]) -> bool:
    """Say whether all was shown in order, and repeated in place at most."""
    runs, least = ([(text, len(list(run))) for text, run in groupby(screens)] for screens in (shown, told))
    return [text for text, _ in runs] == [text for text, _ in least] and all(
        have >= want for (_, have), (_, want) in zip(runs, least, strict=True)
    )
