"""Finds the guidance articles that a few words ask for, in Khmer or English, a little misspelt.

Khmer is written without spaces between words, so nothing is split into words: the folded query slides along the
folded text. Source of the method and of the cut-off: knowledge of Khmer text, §3 (25 of 26 queries right; nonsense
scores about 40, right answers 70 and more).
"""

from collections.abc import Iterable, Iterator

from rapidfuzz.fuzz import partial_ratio

from bot.core.content import Article, Content
from bot.core.khmer import fold
from bot.core.values import LANGUAGES

LEAST = 65.0
"""The lowest score that counts as found."""
SHORTEST = 4
"""Below this many letters a query must be found letter by letter: two letters score 100 by chance anywhere."""
BODY = 0.9
"""What a hit in the body is worth against the same hit in a title or an alias."""


def search(content: Content, text: str, *, limit: int = 3) -> tuple[tuple[str, float], ...]:
    """Give the ids of at most `limit` articles and their scores (0 to 100), best first; none if nothing is near."""
    query = fold(text)
    if not query:
        return ()
    scored = ((article.id, _score(content, article, query)) for article in content.articles.values())
    found = [(ident, score) for ident, score in scored if score >= LEAST]
    return tuple(sorted(found, key=lambda one: -one[1])[:limit])


def _score(content: Content, article: Article, query: str) -> float:
    head = _best(query, (*_both(content, article, "title"), *article.aliases))
    return round(max(head, BODY * _best(query, _both(content, article, "body"))), 1)


def _both(content: Content, article: Article, part: str) -> Iterator[str]:
    words = article.title if part == "title" else article.body
    return (content.text(words, language) for language in LANGUAGES)


def _best(query: str, texts: Iterable[str]) -> float:
    return max((_likeness(query, fold(text)) for text in texts), default=0.0)


def _likeness(query: str, text: str) -> float:
    if min(len(query), len(text)) < SHORTEST:
        return 100.0 if query in text else 0.0
    return partial_ratio(query, text)
