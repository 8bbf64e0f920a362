"""Guidance search: a few words in either language, a little misspelt, find the article they ask for."""

from datetime import date

import pytest

from bot.core.content import Article, Content
from bot.core.flow import Words
from bot.core.guidance import LEAST, search

TEXTS = {
    # id: (title, body, their Khmer, aliases)
    "money": (
        ("Sending money home", "ការផ្ញើលុយទៅផ្ទះ"),
        ("Ask what it costs before you send.", "សួរថ្លៃសេវា មុនពេលផ្ញើ។ ទុកបង្កាន់ដៃ។"),
        ("remittance", "wing", "វេរលុយ"),
    ),
    "recruiter": (
        ("Is a recruiter licensed?", "ក្រុមហ៊ុនជ្រើសរើសមានអាជ្ញាប័ណ្ណឬទេ?"),
        ("Look for the name on the list. Money comes last.", "ពិនិត្យឈ្មោះក្នុងបញ្ជី។ កុំប្រញាប់បង់ប្រាក់។"),
        ("broker", "មេខ្យល់"),
    ),
    "relative": (
        ("No news of a relative", "សាច់ញាតិបាត់ដំណឹង"),
        ("Write down what you know.", "សរសេរអ្វីដែលអ្នកដឹង។ រកមើលសព និងមន្ទីរពេទ្យ ដោយមានអ្នកជួយ។"),
        ("missing person", "បាត់ខ្លួន"),
    ),
}


@pytest.fixture(scope="module")
def content() -> Content:
    """Give content that is three articles."""
    words: dict[tuple[str, str], str] = {}
    articles = {}
    for name, (title, body, aliases) in TEXTS.items():
        context = f"guidance.{name}"
        words |= {(context, title[0]): title[1], (context, body[0]): body[1]}
        articles[name] = Article(
            id=name,
            title=Words(context=context, english=title[0]),
            short=Words(context=context, english=body[0]),
            body=Words(context=context, english=body[0]),
            aliases=aliases,
            sources=("invented",),
            reviewed=date(2026, 11, 22),
        )
    nothing: dict[str, Words] = {}
    return Content(
        flows={}, phrases=nothing, countries={}, facts={}, indicators={}, rules=(), lexicon=(), commands=(),
        articles=articles, outcomes={}, urgency_reasons=nothing, keep_reasons=nothing,
        organisations={}, purposes=nothing, milestones={}, checklists={}, saved_replies={},
        words=words,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("Sending money home", "money"),
        ("send mony home", "money"),
        ("REMITANCE", "money"),
        ("ផ្ញើលុយ", "money"),
        ("ផ្ញើរលុយទៅផ្ទះ", "money"),
        ("លុយ", "money"),
        ("បង្កាន់ដៃ", "money"),
        ("is my recruiter licenced", "recruiter"),
        ("ក្រុមហុនជ្រើសរើស", "recruiter"),
        ("អាជ្ញាបណ្ណ", "recruiter"),
        ("មេ", "recruiter"),
        ("news of my relative", "relative"),
        ("សាចញាតិបាត់ដំនឹង", "relative"),
        ("បាត់\u200bដំណឹង", "relative"),
        ("មើលសព", "relative"),
    ],
)
def test_a_few_words_find_their_article(content: Content, query: str, article: str) -> None:
    """Right, misspelt and reworded queries in both languages find the article they mean first."""
    assert search(content, query)[0][0] == article


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", "12", "3", "012 345 678", "ok", "no", "ទេ", "ក", "zzqqxx", "ខ្ញុំឃ្លានណាស់"]
)
def test_nonsense_finds_nothing(content: Content, query: str) -> None:
    """Signs, numbers, particles and what no article is about find nothing rather than something."""
    assert search(content, query) == ()


def test_a_title_counts_more_than_a_body(content: Content) -> None:
    """A word in a title puts its article before one that only mentions it."""
    (first, best), (second, less) = search(content, "money")

    assert (first, second) == ("money", "recruiter")
    assert best > less >= LEAST


def test_no_more_are_given_than_asked_for(content: Content) -> None:
    """The limit holds, and the best are kept."""
    assert [ident for ident, _ in search(content, "money", limit=1)] == ["money"]


def test_scores_are_out_of_a_hundred(content: Content) -> None:
    """A score of 100 is a perfect hit; none is higher."""
    assert search(content, "Sending money home")[0] == ("money", 100.0)
