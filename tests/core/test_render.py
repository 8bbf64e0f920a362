"""From screens to messages: every button fits and comes back, and no text is ever a program."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Content, Holiday
from bot.core.effects import Option, Screen
from bot.core.flow import Ask, Line, Menu, Words
from bot.core.render import both, fill, line_text, render
from bot.core.screens import innocent, present
from bot.core.state import Conversation, Place, Session, Spare
from bot.core.turn import Turn
from bot.core.values import LANGUAGES, Language

MOST_CALLBACK = 64
"""Bytes of callback data (Telegram Bot API, InlineKeyboardButton)."""
MOST_TEXT = 4096
LATE = 9_999_999_999
"""A revision no conversation ever reaches."""


def _screens(content: Content, language: Language | None) -> list[Screen]:
    waits = [
        Place(flow=flow.id, step=step.id)
        for flow in content.flows.values()
        for step in flow.steps
        if isinstance(step, Ask | Menu)
    ]
    all_flows = tuple(content.flows)
    every = tuple(step.id for flow in content.flows.values() for step in flow.steps if isinstance(step, Ask))
    talk = Conversation(rev=LATE, language=language, flows=all_flows, skipped=every)
    places = [*waits, Place(flow="change", step="list")]
    return [present(content, talk.model_copy(update={"place": place})) for place in places]


@pytest.mark.parametrize("language", [*LANGUAGES, None])
def test_every_button_of_every_screen_can_be_sent_and_comes_back(shipped: Content, language: Language | None) -> None:
    """No data is longer than the messenger takes, however often the person wrote; none occurs twice on a screen."""
    for screen in _screens(shipped, language):
        late = screen.model_copy(update={"rev": LATE})
        buttons = [button for row in render(shipped, late, language or "km", trial=True).rows for button in row]
        data = [button.data for button in buttons]
        assert all(0 < len(one.encode()) <= MOST_CALLBACK for one in data), screen.step
        assert len(set(data)) == len(data), screen.step
        assert all(button.text.strip() for button in buttons), screen.step


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_has_hide_below_everything_else(shipped: Content, language: Language) -> None:
    """Hide is the last button of every screen, where the thumb finds it."""
    for screen in _screens(shipped, language):
        assert render(shipped, screen, language).rows[-1][-1].data == "!hide", screen.step


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_can_be_left_without_an_answer(shipped: Content, language: Language) -> None:
    """Back, skip, a person, language and stop stand below every question."""
    for screen in _screens(shipped, language):
        bar = {one for row in screen.bar for one in row}
        asks = shipped.flows[screen.step.partition(".")[0]].steps if screen.step != "change.list" else ()
        if any(isinstance(step, Ask) and screen.step.endswith(f".{step.id}") for step in asks):
            assert {"back", "skip", "person", "language", "stop", "hide"} <= bar, screen.step


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_are_numbered_as_they_are_understood(shipped: Content, language: Language) -> None:
    """The number on a button is the number to type for it."""
    for screen in _screens(shipped, language):
        texts = [button.text for row in render(shipped, screen, language).rows for button in row]
        for number, option in enumerate(screen.options, start=1):
            label = shipped.text(option.words, language)
            assert texts[number - 1].startswith(f"{number}  ") and label in texts[number - 1]


def test_a_tick_shows_what_is_picked(shipped: Content) -> None:
    """A picked option has a tick, the others none."""
    words = shipped.phrases["take"]
    screen = Screen(step="s.m", options=(Option(id="a", words=words, picked=True), Option(id="b", words=words)))
    first, second = (row[0].text for row in render(shipped, screen, "en").rows)
    assert first.startswith("1  ✓ ") and "✓" not in second


def test_the_first_page_speaks_both_languages_until_one_is_chosen(shipped: Content) -> None:
    """Before a choice both texts and both labels are there; after it only the chosen one."""
    talk = Conversation(place=Place(flow="start", step="menu"))
    menu = shipped.flows["start"].steps[0]
    assert isinstance(menu, Menu)
    khmer, english = shipped.text(menu.text, "km"), menu.text.english
    two = render(shipped, present(shipped, talk), "km").text
    one = render(shipped, present(shipped, talk.model_copy(update={"language": "en"})), "en").text
    assert khmer in two and english in two
    assert khmer not in one and english in one


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_says_so_on_every_screen_but_the_innocent_one(shipped: Content, language: Language) -> None:
    """Whoever takes part in a trial can see it; whoever looks over the shoulder after hiding cannot."""
    trial = shipped.text(shipped.phrases["trial"], language)
    for screen in _screens(shipped, language):
        assert render(shipped, screen, language, trial=True).text.startswith(trial)
        assert trial not in render(shipped, screen, language).text
    assert trial not in render(shipped, _innocent(shipped), language, trial=True).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", ["TH", "MY", "KH", "sea", "unknown", None])
def test_the_innocent_screen_is_a_list_of_holidays(shipped: Content, language: Language, country: str | None) -> None:
    """It names days to come and four pictures, and nothing else: no word of a helpline."""
    message = render(shipped, _innocent(shipped, country), language, trial=True)
    title, *days = [line for line in message.text.splitlines() if line]
    names = {one.names[language] for one in shipped.holidays if language in one.names}
    assert [len(row) for row in message.rows] == [2, 2]
    assert all(":hidden.holidays:" in button.data for row in message.rows for button in row)
    assert title == shipped.text(shipped.phrases["holidays_title"], language)
    assert len(days) >= 3 and {day.partition("  ")[2] for day in days} <= names


def test_the_innocent_screen_lists_what_is_to_come(shipped: Content) -> None:
    """Days gone by and other countries' are left out, in order of the days."""
    names = {"km": "ក", "en": "A"}
    days = [(3, "KH"), (1, "KH"), (2, "TH"), (2, "SG")]
    holidays = tuple(
        Holiday.model_validate(
            {"day": date(2026, 3, day), "country": country, "names": names, "days": {"km": str(day), "en": str(day)}}
        )
        for day, country in days
    )
    content = shipped.model_copy(update={"holidays": holidays})
    screen = Screen(step="hidden.holidays", calendar=("KH", "TH"), today=date(2026, 3, 2), plain=True)
    assert render(content, screen, "en").text == "2  A\n3  A"


def test_turned_pages_come_round_again(shipped: Content) -> None:
    """Every page lists days, however often it is turned; the first one is another than the second."""
    screen = _innocent(shipped)
    pages = [render(shipped, screen.model_copy(update={"page": page}), "en").text for page in range(40)]

    assert pages[0] != pages[1] and pages[0] in pages[1:]
    assert all("2026" in page or "2027" in page for page in pages)


def _innocent(content: Content, country: str | None = "TH") -> Screen:
    answers = {"country": country} if country else {}
    session = Session(conversation=Conversation(answers=answers), spare=Spare(id="0" * 32, number="AAAA0000"))
    return innocent(Turn(content, session, datetime(2026, 3, 2, tzinfo=UTC)))


# ── placeholders ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        (
            "Your number is {number}.",
            "Your number is K7.",
        ),
        ("{number}{number}", "K7K7"),
        ("{unknown} left out", " left out"),
        ("{number.__class__}", "{number.__class__}"),
        ("{number[0]}", "{number[0]}"),
        ("{number!r:>50}", "{number!r:>50}"),
        ("{0} {} {{number}}", "{0} {} {K7}"),
        ("%s %(number)s $number", "%s %(number)s $number"),
        ("{Number} {number }", "{Number} {number }"),
    ],
)
def test_only_plain_names_are_filled(text: str, filled: str) -> None:
    """A translator's text can name a value and nothing else; attributes, indexes and formats stay letters."""
    assert fill(text, {"number": "K7"}) == filled


@given(text=st.text(max_size=200), value=st.text(max_size=50))
def test_filling_never_fails_and_never_fills_twice(text: str, value: str) -> None:
    """Any text can be filled with any value, and what a value holds is not filled again."""
    fill(text, {"number": value, "name": value})
    assert fill("{number}", {"number": "{name}", "name": value}) == "{name}"


@given(text=st.text(alphabet=st.characters(exclude_characters="{}"), max_size=200))
def test_text_without_placeholders_stays_as_it_is(text: str) -> None:
    """What names nothing is not touched."""
    assert fill(text, {"number": "K7"}) == text


def test_a_line_is_filled_in_each_language(shipped: Content) -> None:
    """The request number stands in the closing words of both languages, and in the operators' double line."""
    for key in ("closing_p1", "closing_p2", "closing_p3"):
        line = Line(words=shipped.phrases[key], params={"number": "K7QM2T4X"})
        assert all("K7QM2T4X" in line_text(shipped, line, language) for language in LANGUAGES)
    assert both(shipped, shipped.phrases["raised"], {"urgency": "P1"}).count("P1") == 2


def test_the_same_words_in_both_languages_stand_once(shipped: Content) -> None:
    """Operators do not read a name twice."""
    words = Words(context="x", english="Bangkok")
    content = shipped.model_copy(update={"words": {("x", "Bangkok"): "Bangkok"}})
    assert both(content, words) == "Bangkok"


@pytest.mark.parametrize("language", [*LANGUAGES, None])
def test_every_screen_fits_one_message(shipped: Content, language: Language | None) -> None:
    """The longest screen, with the trial line and every article above it, is under the messenger's limit."""
    for screen in _screens(shipped, language):
        above = shipped.articles.values() if screen.step.startswith("guidance.") else (None,)
        for article in above:
            lines = (Line(words=article.title), Line(words=article.body)) if article else ()
            whole = screen.model_copy(update={"lines": (*lines, *screen.lines)})
            text = render(shipped, whole, language or "km", trial=True).text
            assert len(text.encode("utf-16-le")) // 2 <= MOST_TEXT
