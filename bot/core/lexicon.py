"""Find the lexicon's terms in a message: compiled once, because it runs on every message.

Latin terms match whole words, up to three. Others match anywhere, because Khmer, Thai and Chinese write without spaces,
or with spaces anywhere: spaces between Khmer letters are passed over, and a match never ends inside a syllable.
"""

import re
from collections.abc import Iterable, Iterator

from bot.core.khmer import fold
from bot.core.values import Value

MOST_WORDS = 3
_RUN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_GAP = re.compile(r"(?<=[\u1780-\u17ff]) (?=[\u1780-\u17ff])")
_MARKS = frozenset(map(chr, range(0x17B6, 0x17D4)))
"""Khmer vowel signs and marks: a letter before one of them belongs to a longer syllable."""


class Term(Value):
    """A lexicon entry: folded text that raises indicators where it is found and not vetoed.

    `alone`: only as the whole message. A veto is a longer text around the term that means something else.
    """

    text: str
    raises: tuple[str, ...]
    vetoes: tuple[str, ...] = ()
    alone: bool = False


class Lexicon:
    """The terms, arranged for finding."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Compile the terms; their texts and vetoes are folded already."""
        known = tuple(terms)
        self._alone = {_join(term.text): term for term in known if term.alone}
        self._latin = {term.text: term for term in known if not term.alone and term.text.isascii()}
        self._other = {_join(term.text): term for term in known if not term.alone and not term.text.isascii()}

    def find(self, text: str) -> tuple[Term, ...]:
        """Give the terms that a message holds, each once, in no particular order of the message."""
        folded = fold(text)
        joined = _join(folded)
        found = dict.fromkeys((*self._whole(joined), *self._words(folded), *self._anywhere(joined)))
        return tuple(found)

    def _whole(self, joined: str) -> Iterator[Term]:
        term = self._alone.get(joined)
        if term is not None:
            yield term

    def _words(self, folded: str) -> Iterator[Term]:
        for run in _RUN.findall(folded):
            words = run.split(" ")
            for at in range(len(words)):
                for end in range(at + 1, min(at + MOST_WORDS, len(words)) + 1):
                    term = self._latin.get(" ".join(words[at:end]))
                    if term is not None and _stands(term.text, folded, term.vetoes):
                        yield term

    def _anywhere(self, joined: str) -> Iterator[Term]:
        if joined.isascii():
            return
        for text, term in self._other.items():
            if text in joined and _stands(text, joined, term.vetoes):
                yield term


def _join(text: str) -> str:
    return _GAP.sub("", text)


def _stands(text: str, folded: str, vetoes: tuple[str, ...]) -> bool:
    """Say whether a term is found outside every veto: a veto covers its own place only."""
    for veto in vetoes:
        folded = folded.replace(_join(veto), "\n")
    at = folded.find(text)
    while at != -1:
        if folded[at + len(text) : at + len(text) + 1] not in _MARKS:
            return True
        at = folded.find(text, at + 1)
    return False
