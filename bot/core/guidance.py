"""Finds the guidance articles that a few words ask for, in Khmer or English, a little misspelt.

Khmer is written without spaces between words, so nothing is split into words: the folded query slides along the
folded text. Measured on ten texts and 26 queries, over half of them misspelt or reworded: 25 right first; nonsense
scores about 40, right answers 70 and more.
"""

from collections.abc import Iterable

from rapidfuzz.fuzz import partial_ratio, ratio

from bot.core.content import Article, Content
from bot.core.khmer import fold, folded
from bot.core.values import LANGUAGES

LEAST = 70.0
"""The lowest score that counts as found."""
SHORTEST = 4
"""Below this many letters likeness means nothing: two letters score 100 by chance in any text."""
BODY = 0.9
"""What a hit in the body is worth against the same hit in a title or an alias."""


def search(content: Content, text: str, *, limit: int = 3) -> tuple[tuple[str, float], ...]:
    """Give the ids of at most `limit` articles and their scores (0 to 100), best first; none if nothing is near.

    Among equals comes first what has a title or alias that is little more than the words asked for.
    """
    query = fold(text)
    if not any(char.isalpha() for char in query):
        return ()
    score = _short_score if len(query) < SHORTEST else _score
    scored = [(article.id, score(content, article, query)) for article in content.articles.values()]
    found = [(ident, points) for ident, points in scored if points >= LEAST]
    found.sort(key=lambda one: (-one[1], -_closeness(content, content.articles[one[0]], query)))
    return tuple(found[:limit])


def _closeness(content: Content, article: Article, query: str) -> float:
    return max(ratio(query, folded(text)) for text in (*_titles(content, article), *article.aliases))


def _score(content: Content, article: Article, query: str) -> float:
    head = _likeness(query, [*_titles(content, article), *article.aliases])
    return round(max(head, BODY * _likeness(query, _bodies(content, article))), 1)


def _likeness(query: str, texts: Iterable[str]) -> float:
    known = map(folded, texts)
    return max((partial_ratio(query, text) for text in known if len(text) >= SHORTEST), default=0.0)


def _short_score(content: Content, article: Article, query: str) -> float:
    """Score a query of up to three letters, which must stand in the text letter by letter.

    Short Latin words (no, ok) stand in many others, so they must be a whole alias. Two Khmer letters may be a
    particle that ends any question, so they are looked for in the aliases only.
    """
    aliases = [folded(alias) for alias in article.aliases]
    if query.isascii():
        return 100.0 if query in aliases else 0.0
    wide = len(query) == SHORTEST - 1
    if any(query in text for text in (*aliases, *(map(folded, _titles(content, article)) if wide else ()))):
        return 100.0 if len(query) > 1 else 0.0
    return 100.0 * BODY if wide and any(query in folded(text) for text in _bodies(content, article)) else 0.0


def _titles(content: Content, article: Article) -> list[str]:
    return [content.text(article.title, language) for language in LANGUAGES]


def _bodies(content: Content, article: Article) -> list[str]:
    return [content.text(article.body, language) for language in LANGUAGES]
