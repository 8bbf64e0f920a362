"""The chat in the terminal: a person's side of the bot, and the story it leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.story_files import load_stories
from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.core.flow import Ask
from bot.core.values import LANGUAGES
from bot.sandbox.stories import Player, Story, Turn
from tests.cli.conftest import Run

Number = Callable[[str, str], str]


@pytest.fixture
def record(run: Run, house: Path) -> Callable[..., Story]:
    """Chat and give the story that was recorded of it, read back from its file."""

    def chat(*lines: str, language: str = "en") -> Story:
        stories = house / "tests" / "stories"
        file = stories / "told.yaml"
        result = run("chat", "--language", language, "--story", str(file), typed="\n".join(lines))
        assert result.exit_code == 0, result.output
        (story,) = load_stories(stories)
        return story

    return chat


def test_every_way_of_answering_is_recorded_as_it_was(record: Callable[..., Story], number: Number) -> None:
    """Numbers press, labels are typed, files and places are sent, letters are buttons, all else is said."""
    help_, keep = number("start.menu", "help"), number("help.keep", "yes")
    story = record(help_, "Yes", keep, "Thailand", "s", "/voice", "/photo of a gate", "some words", "/location", "h")

    kinds = {"start", "press", "label", "say", "send", "caption", "locate"}
    assert [{name: getattr(turn, name) for name in kinds & turn.model_fields_set} for turn in story.turns] == [
        {"start": True},
        {"press": "help"},
        {"label": "yes"},
        {"press": "yes"},
        {"label": "TH"},
        {"press": "skip"},
        {"send": "voice"},
        {"send": "photo", "caption": "of a gate"},
        {"say": "some words"},
        {"locate": True},
        {"press": "hide"},
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_plays_as_it_was(
    record: Callable[..., Story], content: Content, number: Number, language: str
) -> None:
    """What was seen when recording is seen when playing, in every language of the story."""
    keep = number("help.keep", "yes")
    told = record(number("start.menu", "help"), "1", keep, "1", "2", "s", "!", "/location", "x", "h", language=language)

    assert {"danger.place", "stop.menu", "hidden.holidays"} <= {turn.sees for turn in told.turns}
    for spoken in told.languages:
        Player(content, told, spoken).play()


def test_a_recording_that_saw_less_would_fail(record: Callable[..., Story], content: Content) -> None:
    """What was seen is part of the recording: played with another screen expected, it fails."""
    told = record("!")
    turns = (*told.turns[:-1], told.turns[-1].model_copy(update={"sees": "help.safe"}))

    with pytest.raises(AssertionError, match=r"help\.safe"):
        Player(content, told.model_copy(update={"turns": turns}), "en").play()


def test_the_danger_press_is_recorded_with_its_card(record: Callable[..., Story]) -> None:
    """What reached the operators is part of what is seen."""
    assert record("!").turns[-1] == Turn(press="danger", sees="danger.place", card="P1")


def test_buttons_are_the_same_in_every_language(record: Callable[..., Story], number: Number) -> None:
    """Without words written in one language, a story is told in all of them; a number is no word."""
    assert record("!", "b", number("start.menu", "help"), "1", "1", "1", "3").languages == LANGUAGES


def test_words_belong_to_their_language(record: Callable[..., Story]) -> None:
    """What was written in one language is played in that one only."""
    assert record("!", "ខ្ញុំនៅជិតផ្សារ", language="km").languages == ("km",)


def test_a_button_that_is_not_there_does_nothing(record: Callable[..., Story]) -> None:
    """The start menu has no *done*: nothing happens, nothing is recorded."""
    assert len(record("d", "b").turns) == 1


def test_the_chat_ends_at_q_and_at_the_end_of_input(record: Callable[..., Story]) -> None:
    """Nothing after `q` is taken."""
    assert [turn.press for turn in record("!", "q", "h").turns] == [None, "danger"]


def test_a_chat_can_begin_in_a_flow(run: Run, content: Content) -> None:
    """`--flow` shows that flow's first question at once, in the language asked for."""
    ask = next(step for step in content.flows["unpaid_wages"].steps if isinstance(step, Ask))

    for language in LANGUAGES:
        result = run("chat", "--language", language, "--flow", "unpaid_wages")
        assert content.text(ask.text, language) in result.output


def test_the_operators_side_is_told(run: Run, content: Content) -> None:
    """A card is printed with its urgency and its reason, apart from the person's screen."""
    assert f"card P1 · {content.indicators['imminent_danger'].label.english}" in run("chat", typed="!").output


def test_there_is_no_colour_in_a_pipe(run: Run) -> None:
    """What is not a terminal gets plain text."""
    assert "\x1b" not in run("chat", typed="!\n/photo\nh").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--flow", "unpaid_wage"], "unpaid_wages"),
        (["--flow", "held", "--story", "new.yaml"], "--flow"),
        (["--story", "told.txt"], "told.txt"),
        (["--story", "nowhere/told.yaml"], "nowhere"),
        (["--story", "here.yaml"], "here.yaml"),
    ],
)
def test_what_cannot_be_is_said_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """A wrong flow or file is refused before a word is typed, and no file is written over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.yaml").write_text("mine", encoding="utf-8")
    result = run("chat", *arguments, typed="!")

    assert isinstance(result.exception, OperatorError)
    assert said in str(result.exception)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine"]
