"""Ways to every question of every flow, taken from the stories, walked by people in the sandbox, and hidden there."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.cli.story_files import load_stories
from bot.core.content import Content
from bot.core.effects import Hide, Show
from bot.core.events import Event, Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.flow import Ask, Menu
from bot.core.render import render
from bot.core.values import LANGUAGES, Language
from bot.sandbox import Person
from bot.sandbox.stories import Player, Story
from tests.bench.people import masked
from tests.whole.house import House

STORIES = Path(__file__).parents[1] / "stories"
BY_HAND = Started | Said | Pressed | Sent | Located | Shared | Gestured
"""What a person does with a phone; what time and operators do is not on these ways."""
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done on the way, and the words of the screen that must follow it; "" if none does."""

    event: Event
    shown: str


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody comes to a question."""

    step: str
    language: Language
    deeds: tuple[Deed, ...]


class Guide(Player):
    """Plays a story, and notes how each question of it was reached."""

    def __init__(self, content: Content, story: Story, language: Language) -> None:
        """Begin at the beginning."""
        super().__init__(content, story, language)
        self.ways: list[Way] = []
        self._deeds: list[Deed] = []
        self._by_hand = True

    def _decide(self, event: Event) -> None:
        before = len(self.effects)
        super()._decide(event)
        self._by_hand = self._by_hand and isinstance(event, BY_HAND) and not getattr(event, "edited", False)
        shown = [one.screen for one in self.effects[before:] if isinstance(one, Show | Hide) and one.screen]
        speaks = self.session.conversation.speaks
        text = masked(render(self.content, shown[-1], speaks).text) if shown else ""
        self._deeds.append(Deed(event, text))
        if self._by_hand and shown:
            self.ways.append(Way(shown[-1].step, self.language, tuple(self._deeds)))


def ways(content: Content) -> list[Way]:
    """Give the shortest way to each question and menu of every flow, in each language, in a fixed order."""
    stories = load_stories(STORIES)
    shortest: dict[tuple[str, Language], Way] = {}
    for way in _all(content, stories):
        known = shortest.setdefault((way.step, way.language), way)
        if len(way.deeds) < len(known.deeds):
            shortest[way.step, way.language] = way
    return [shortest[key] for key in sorted(shortest) if not key[0].startswith("hidden.")]


def _all(content: Content, stories: Sequence[Story]) -> Iterator[Way]:
    for story in stories:
        for language in LANGUAGES if not story.roster else ():
            guide = Guide(content, story, language)
            guide.play()
            yield from guide.ways


def steps(content: Content) -> set[str]:
    """Give every question and menu of every flow that has a chat; who calls has nothing to hide here."""
    flows = (flow for flow in content.flows.values() if not flow.by_hand)
    return {f"{flow.id}.{one.id}" for flow in flows for one in flow.steps if isinstance(one, Ask | Menu)}


async def goes(person: Person, way: Way, *, hasty: bool) -> None:
    """Go a way; `hasty`: without waiting for what the last deed leads to."""
    for number, deed in enumerate(way.deeds, start=1):
        await _does(person, deed.event)
        if deed.shown and not (hasty and number == len(way.deeds)):
            await person.until(partial(_shows, person, deed.shown), timeout=PATIENCE)


def _shows(person: Person, text: str) -> bool:
    return any(one.from_bot and masked(one.text) == text for one in person.chat.newest())


async def _does(person: Person, event: Event) -> None:
    match event:
        case Started(payload=payload):
            await person.says(f"/start {payload}".strip())
        case Pressed(data=data):
            await person.forges(data)
        case Said(text=text):
            await person.says(text)
        case Sent(attachment=file, caption=caption, album=album):
            await person.sends_file(file.kind, b"a file", caption=caption, album=album)
        case Located():
            await person.sends_location(event.latitude, event.longitude, live=600 if event.live else None)
        case Shared(number=number):
            await person.sends({"contact": {"phone_number": number, "first_name": "Sokha"}})
        case Gestured():
            await person.sends({"sticker": {"file_id": "S", "emoji": "x"}})


async def hides(house: House, way: Way, dice: random.Random) -> tuple[Person, float]:
    """Go a way and hide there, by button or word; gives the seconds until nothing was left that could be deleted."""
    person = house.person(language=way.language)
    await goes(person, way, hasty=dice.random() < 0.5)
    began = house.clock.now()
    by_button = dice.random() < 0.5 and person.screen() is not None
    await (person.forges("!hide") if by_button else person.says("hide"))
    await person.until(lambda: _is_bare(house, person), timeout=PATIENCE)
    seconds = (house.clock.now() - began).total_seconds()
    await person.until(lambda: house.is_innocent(person), timeout=PATIENCE)
    return person, seconds


def _is_bare(house: House, person: Person) -> bool:
    """Say whether nothing of the helpline is left, also while the innocent screen is not there yet."""
    return not person.messages() or house.is_innocent(person)
