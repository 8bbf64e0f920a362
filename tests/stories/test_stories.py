"""The stories go as they are told, in both languages, and together they reach everything there is."""

from typing import get_args

import pytest

from bot.core.commands import recognise
from bot.core.content import Content
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.flow import Ask, Go, Menu, Say, Step, Submit, Words
from bot.core.values import LANGUAGES, Language, MediaKind
from bot.sandbox.stories import Story
from tests.stories.conftest import STORIES, TOLD, Play, Watched

Told = dict[Language, list[Watched]]
PRESSED = ("hide", "back", "skip", "language", "person", "stop", "danger", "done", "km", "en", "remove")
"""Commands that have a button; start's is the messenger's own, and help has a word only."""


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_it_goes_as_told(play: Play, name: str, language: Language) -> None:
    """The conversation goes turn by turn as its story tells."""
    play(name, language)


@pytest.mark.parametrize("story", STORIES.values(), ids=lambda story: story.story)
def test_a_story_is_told_for_everyone(story: Story) -> None:
    """A story promises one thing in one sentence, and in both languages."""
    assert story.languages == LANGUAGES
    assert story.promise.endswith(".") and len(story.promise.split()) > 3 and "\n" not in story.promise


# ── everything is reached ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_flow_is_reached(content: Content, told: Told, language: Language) -> None:
    """No question, sentence, turn-off or ending of a flow is without a story, in either language."""
    steps = [(flow.id, step) for flow in content.flows.values() for step in flow.steps]
    missed = [f"{flow}.{step.id}" for flow, step in steps if not _is_reached(flow, step, told[language])]
    assert missed == []


def _is_reached(flow: str, step: Step, told: list[Watched]) -> bool:
    name = f"{flow}.{step.id}"
    match step:
        case Ask() | Menu():
            return any(name in story.steps for story in told)
        case Say() | Submit(text=Words()):
            return any(name in story.contexts for story in told)
        case Submit():
            closings = {f"phrases.closing_p{urgency}" for urgency in (1, 2, 3)}
            return any(flow in story.flows and closings & story.contexts for story in told)
        case Go(flow="$facts"):
            return any(flow in story.flows and len(story.flows - {flow, "contact"}) > 0 for story in told)
        case Go():
            return any({flow, step.flow} <= story.flows for story in told)


def test_every_command_is_given_by_button_and_in_words(content: Content, told: Told) -> None:
    """Each global command works pressed, and written in Khmer and in English."""
    pressed = {_button(event.data) for story in _all(told) for event in story.events if isinstance(event, Pressed)}
    assert set(PRESSED) <= pressed
    assert any(isinstance(event, Started) for story in _all(told) for event in story.events)
    for language in LANGUAGES:
        said = {
            recognise(content, event.text)
            for story in told[language]
            for event in story.events
            if isinstance(event, Said) and not event.edited
        }
        assert {command.id for command in content.commands} <= said


def _button(data: str) -> str:
    return data.removeprefix("!").rpartition(":")[2]


def test_every_choice_of_the_first_page_is_taken(content: Content, told: Told) -> None:
    """Each choice of the first page is pressed there, in both languages."""
    menu = content.flows["start"].steps[0]
    assert isinstance(menu, Menu)
    for language in LANGUAGES:
        presses = [event.data for story in told[language] for event in story.events if isinstance(event, Pressed)]
        taken = {"start.menu:0" if data == "!danger" else data.partition(":")[2] for data in presses}
        assert {f"start.menu:{number}" for number in range(len(menu.choices))} <= taken


def test_every_kind_of_message_is_sent(told: Told) -> None:
    """Voice, photo, video, document, place, moving place, phone number, sticker, album and edited text all occur."""
    events = [event for story in _all(told) for event in story.events]
    assert {event.attachment.kind for event in events if isinstance(event, Sent)} == set(get_args(MediaKind))
    assert {event.live for event in events if isinstance(event, Located)} == {True, False}
    assert any(isinstance(event, Sent) and event.album for event in events)
    assert any(isinstance(event, Said) and event.edited for event in events)
    assert all(any(isinstance(event, kind) for event in events) for kind in (Shared, Gestured))


def test_every_answer_of_the_contact_rule_is_given(content: Content) -> None:
    """Each of the four answers, and each of the four windows, is chosen in some story."""
    pressed = {turn.press for story in STORIES.values() for turn in story.turns}
    asks = [step for step in content.flows["contact"].steps if isinstance(step, Ask)]
    assert {choice.id for ask in asks for choice in ask.choices} <= pressed


def _all(told: Told) -> list[Watched]:
    return [story for language in LANGUAGES for story in told[language]]


# ── the measured promise ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["danger_in_two_presses", "danger_first_press", "danger_by_voice", "danger_by_photo"])
def test_danger_is_before_operators_in_two_presses_and_the_place_in_four_trips(
    play: Play, name: str, language: Language
) -> None:
    """From the first contact on, at three seconds a round trip: a card in two presses, the place in four trips."""
    story = play(name, language)
    assert story.story.round_trip == 3
    assert story.card_at is not None and story.card_at[0] <= 2
    assert story.place_at is not None and story.place_at[1] <= 4 and story.place_at[2] <= 12
