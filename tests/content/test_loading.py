"""Loading a whole content tree: complete and right, or refused with everything that is wrong."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.loading import find_content, load
from bot.core.errors import AuthorError
from bot.core.flow import Ask, Menu, Say, Submit, Words
from bot.core.khmer import fold
from tests.content.conftest import KM, TODAY, Tree


def test_content_that_is_right_loads(tree: Tree) -> None:
    """Flows, tables, articles, words and holidays come out as the values the program decides with."""
    content = tree.load()

    assert set(content.flows) == {
        "start",
        "phone",
        "help",
        "unpaid",
        "contact",
        "call_back",
        "danger",
        "guidance",
        "wrote_before",
        "stop",
        "end",
    }
    assert content.articles["money"].reviewed == date(2026, 11, 20)
    assert content.text(content.facts["unpaid"].words, "en") == "They do not pay me"
    assert content.holidays


def test_a_flow_keeps_its_steps_in_order(tree: Tree) -> None:
    """A flow is read from top to bottom; steps that nobody names are named by kind and position."""
    unpaid = tree.load().flows["unpaid"]

    assert [(step.id, step.type) for step in unpaid.steps] == [("months", "ask"), ("passport", "ask"), ("say3", "say")]
    assert isinstance(unpaid.steps[2], Say)
    assert unpaid.steps[2].when == {"passport": "boss", "months": "unanswered"}


def test_a_question_keeps_all_that_was_written_of_it(tree: Tree) -> None:
    """Choices, aliases, acts, indicators and bounds reach the program."""
    content = tree.load()
    safe, months, passport = content.flows["help"].steps[0], *content.flows["unpaid"].steps[:2]

    assert isinstance(safe, Ask) and isinstance(months, Ask) and isinstance(passport, Ask)
    assert (safe.then, safe.columns, safe.choices[1].aliases) == ({"no": "hide"}, 2, ("nope",))
    assert (months.kind, months.number.min, months.number.max) == ("number", 0, 240)
    assert passport.raises == {"boss": ("documents_withheld",)}
    assert passport.name == Words(context="unpaid.passport.name", english="Passport")


def test_shared_tables_become_choices(tree: Tree) -> None:
    """`$countries`, `$facts` and `$articles` are the rows of the tables, in their order, with their words."""
    content = tree.load()
    articles = content.flows["guidance"].steps[0]
    country = content.flows["help"].steps[2]

    assert isinstance(articles, Menu) and isinstance(country, Ask)
    assert articles.articles and articles.choices[0].words == content.articles["money"].title
    assert [choice.id for choice in country.choices] == ["TH", "sea", "unknown"]


def test_closing_words_are_optional(tree: Tree) -> None:
    """`submit: {}` leaves the usual closing words, a sentence replaces them."""
    flows = tree.load().flows
    usual, own = flows["help"].steps[-1], flows["wrote_before"].steps[-1]

    assert isinstance(usual, Submit) and usual.text is None
    assert isinstance(own, Submit) and own.text is not None


def test_every_sentence_has_khmer(tree: Tree) -> None:
    """A sentence is looked up by context and English; none is missing."""
    content = tree.load()

    assert content.text(content.flows["danger"].title, "km")
    assert all(content.words.values())


def test_typed_words_are_folded_when_loaded(tree: Tree) -> None:
    """Lexicon and commands meet folded messages, so they are folded once, when loading."""
    content = tree.load()

    assert content.lexicon[0].text == fold("កំពុងវាយ")
    assert content.lexicon[0].vetoes == (fold("កំពុងវាយបាល់"),)
    assert content.lexicon[1].text == "help me"
    assert content.commands[0].forms == ("hide", "x", fold("លាក់"))


def test_english_can_be_reworded_without_touching_the_flow(tree: Tree) -> None:
    """locales/en may say a sentence better; its Khmer stays joined to it."""
    english = "locales/en/LC_MESSAGES/messages.po"
    tree.replace(english, 'msgid "It belongs to you."\nmsgstr ""', 'msgid "It belongs to you."\nmsgstr "It is yours."')
    say = tree.load().flows["unpaid"].steps[2]

    assert isinstance(say, Say)
    assert say.text.english == "It is yours."
    assert tree.load().text(say.text, "km") in tree.read(KM)


def test_all_faults_are_told_at_once(tree: Tree) -> None:
    """An author mends everything in one go: faults of several files come together, in order."""
    tree.replace("flows/tables/facts.yaml", "flow: unpaid, ", "")
    tree.replace("flows/danger.yaml", "place: {}", "pläce: {}")
    tree.write("flows/stop.yaml", "flow: stop\ntitle: no\n")

    faults = tree.faults()

    assert [fault.split(":")[0] for fault in faults] == sorted(fault.split(":")[0] for fault in faults)
    assert {fault.split(":")[0] for fault in faults} >= {
        "flows/danger.yaml",
        "flows/stop.yaml",
        "flows/tables/facts.yaml",
    }


def test_the_content_is_found_from_below(tree: Tree) -> None:
    """Commands work in any folder of the helpline."""
    below = tree.root / "flows" / "tables"

    assert find_content(below) == tree.root


def test_no_content_is_said_plainly(tmp_path: Path) -> None:
    """Where there is no content, the message says what was looked for."""
    with pytest.raises(AuthorError, match="no folders flows/ and locales/"):
        find_content(tmp_path)


@pytest.mark.parametrize("file", ["flows/phrases.yaml", "flows/console.yaml", "flows/tables/lexicon.yaml", KM])
def test_a_missing_file_is_named(tree: Tree, file: str) -> None:
    """A file that must be there is named, not guessed away."""
    (tree.root / file).unlink()

    assert any(fault.startswith(f"{file}:1: ") and "not there" in fault for fault in tree.faults())


def test_a_folder_without_anything_is_refused(tmp_path: Path) -> None:
    """An empty folder is refused with every file it lacks, not with a traceback."""
    with pytest.raises(AuthorError, match="countries"):
        load(tmp_path, today=TODAY)
