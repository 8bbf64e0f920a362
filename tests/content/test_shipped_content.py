"""The content that ships: complete in both languages, and fit to be shown."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content.loading import find_content, load
from bot.content.words import is_template_current
from bot.core.content import Content
from bot.core.guidance import search
from bot.core.triage import read
from bot.core.values import URGENCIES
from tests.content.conftest import TODAY

ROOT = find_content(Path(__file__).parent)
QUERIES = ROOT / "tests" / "labelled" / "guidance.tsv"
SAYING = {"say": 0, "phrase": 0, "rest": 1}
"""Functions of the program that take the key of a phrase, and where."""


@pytest.fixture(scope="module")
def content() -> Content:
    """Load the content that ships; every fault of it is told when this fails."""
    return load(ROOT, today=TODAY)


def test_the_shipped_content_is_green(content: Content) -> None:
    """Flows, tables, articles and both catalogues load without a single fault."""
    assert content.flows and all(content.words.values())


def test_the_template_is_what_the_flows_say() -> None:
    """Translators see today's sentences: if this fails, run ./helpline words update."""
    assert is_template_current(ROOT)


def test_the_directory_ships_empty(content: Content) -> None:
    """No number is shown to anyone before two people have dialled it."""
    assert content.directory == ()


def test_every_phrase_the_program_says_is_written(content: Content) -> None:
    """No screen can fail for want of a sentence."""
    said = {key for path in (ROOT / "bot").rglob("*.py") for key in _phrases_in(ast.parse(path.read_text("utf-8")))}

    assert said
    assert said - content.phrases.keys() == set()


def _phrases_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        key: ast.expr | None = None
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = SAYING.get(name, 99)
            key = node.args[place] if len(node.args) > place else None
        elif isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "phrases":
            key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def test_every_term_of_the_lexicon_is_found(content: Content) -> None:
    """Each term raises its indicators when a person writes it as it stands in the table."""
    missed = [term.text for term in content.lexicon if not set(term.raises) <= set(read(content, term.text).indicators)]

    assert missed == []
    assert {rule.urgency for rule in content.rules} <= set(URGENCIES)


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("is my recruter licensed", "recruiter"),
        ("broker", "recruiter"),
        ("ក្រុមហុនជ្រើសរើសពលករ", "recruiter"),
        ("អាជ្ញាបណ្ណក្រុមហ៊ុន", "recruiter"),
        ("my brother does not answer", "relative"),
        ("បាត់ដំនឹង", "relative"),
        ("កូនបាត់ដំណឹង", "relative"),
        ("រកសាចញាតិ", "relative"),
        ("send mony home", "remittance"),
        ("ផ្ញើរលុយ", "remittance"),
        ("ផ្ញើ\u200bលុយទៅម៉ាក់", "remittance"),
        ("លុយ", "remittance"),
    ],
)
def test_misspelt_words_find_their_article(content: Content, query: str, article: str) -> None:
    """What families type, in Khmer and English, finds the article first."""
    assert search(content, query)[0][0] == article


def test_the_right_article_is_among_the_first_three(content: Content) -> None:
    """Of what people type, much of it misspelt, at least 95 % brings the article they ask for among the first three."""
    with QUERIES.open(encoding="utf-8", newline="") as file:
        rows = [(row["query"], row["article"]) for row in csv.DictReader(file, delimiter="\t")]
    missed = [(query, article) for query, article in rows if article not in dict(search(content, query))]

    assert len(rows) >= 60
    assert {article for _, article in rows} == set(content.articles)
    assert len(missed) <= len(rows) // 20, missed
