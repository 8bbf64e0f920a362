"""The stories, played once each over the shipped content, and watched while they play."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bot.cli.content_folder import content_root
from bot.cli.story_files import load_stories
from bot.content.loading import load
from bot.core.content import Content
from bot.core.effects import Effect, Hide, PostCard, Seal, Send, Show
from bot.core.events import Event, Pressed, Said, Sent, TakenDown
from bot.core.khmer import fold
from bot.core.render import Message, render
from bot.core.values import LANGUAGES, Language
from bot.sandbox.stories import Player, Story

FOLDER = Path(__file__).parent
STORIES = {story.story: story for story in load_stories(FOLDER)}
TOLD = [(name, language) for name, story in STORIES.items() for language in story.languages]
FIRST = ("!hide", "!stop", "!danger")


class Watched(Player):
    """Plays a story, notes what it reached, and holds every moment of it against promises that have no exception."""

    def __init__(self, content: Content, story: Story, language: Language, known: str) -> None:
        """`known` is all text of the content, folded: what a person writes may stand in it by chance."""
        super().__init__(content, story, language)
        self.contexts: set[str] = set()
        self.flows: set[str] = set()
        self.events: list[Event] = []
        self.card_at: tuple[int, int, float] | None = None
        self.place_at: tuple[int, int, float] | None = None
        self._known = known
        self._written: list[str] = []

    def _decide(self, event: Event) -> None:
        before, at = self.session, len(self.effects)
        self.events.append(event)
        told = event.told if isinstance(event, TakenDown) else event
        texts = [told.text] if isinstance(told, Said) else [told.caption] if isinstance(told, Sent) else []
        self._written += [text for text in map(fold, texts) if len(text) > 5 and text not in self._known]
        super()._decide(event)
        new = self.effects[at:]
        self.flows.update(self.session.conversation.flows)
        self._check_editing(event, new)
        self._check_hidden(before.conversation.mode, new)
        self._measure(new)

    def _follow(self, effect: Effect) -> None:
        super()._follow(effect)
        if isinstance(effect, Show | Hide | Send) and (screen := effect.screen) is not None:
            self.contexts.update(line.words.context for line in screen.lines)
            message = render(self.content, screen, self.session.conversation.speaks)
            buttons = [button.data for row in message.rows for button in row]
            assert screen.plain or "!hide" in buttons, f"{screen.step} cannot be hidden"
            told = [one for one in buttons if screen.plain and ":hidden.holidays:" not in one]
            assert not told, f"{screen.step} shows buttons to whoever holds the phone"
            assert all(0 < len(data.encode()) <= 64 for data in buttons), f"{screen.step} has a button that is too long"
            self._check_words(message)

    def _check_words(self, message: Message) -> None:
        text = fold(message.text)
        assert not [one for one in self._written if one in text], "what a person wrote is shown again"
        assert not re.search(r"[0-9]{5,}", text), "a telephone number is shown"

    def _check_editing(self, event: Event, effects: list[Effect]) -> None:
        is_press = isinstance(event, Pressed) and event.data not in FIRST
        for effect in effects:
            if isinstance(effect, Show):
                assert effect.edit == is_press, "a press edits its message, everything else sends a new one"

    def _check_hidden(self, mode: str, effects: list[Effect]) -> None:
        if mode == self.session.conversation.mode == "hidden":
            shown = [one.screen.plain for one in effects if isinstance(one, Show | Send)]
            assert all(shown), "something is shown in a hidden chat"

    def _measure(self, effects: list[Effect]) -> None:
        trip = (self.presses, len(self.events), (self.now - self.story.begins).total_seconds())
        if self.card_at is None and any(isinstance(one, PostCard) for one in effects):
            self.card_at = trip
        for one in effects:
            if self.place_at is None and isinstance(one, Seal) and one.body.get("question") == "place":
                self.place_at = trip


Play = Callable[[str, Language], Watched]


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return load(content_root(), today=date(2026, 11, 22))


@pytest.fixture(scope="session")
def play(content: Content) -> Play:
    """Play a story in a language, once for all who ask; raises what its first failed turn raises."""
    known = "\n".join(_folded(content))

    @cache
    def once(name: str, language: Language) -> Watched:
        player = Watched(content, STORIES[name], language, known)
        player.play()
        return player

    return once


def _folded(content: Content) -> Iterator[str]:
    for (_, english), khmer in content.words.items():
        yield fold(khmer)
        yield fold(english)


@pytest.fixture(scope="session")
def told(play: Play) -> dict[Language, list[Watched]]:
    """Give every story that goes as told, played, by language."""
    played: dict[Language, list[Watched]] = {language: [] for language in LANGUAGES}
    for name, language in TOLD:
        try:
            played[language].append(play(name, language))
        except AssertionError:
            continue  # its own test says so
    return played
