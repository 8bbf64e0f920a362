"""Compare a name with what was written, in Khmer or in Latin letters: a suggestion for who may read both.

Khmer names are put into Latin letters in many ways (ដារ៉ា: Dara, Tara, Darra). What stays is the order of consonants, so
those are compared between the two; within one writing the folded letters are. Own rule; wrong guesses are expected.
"""

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz.fuzz import partial_ratio

from bot.core.khmer import fold

_NEAR: Final = 85
"""Of 100: one letter in seven may differ."""
_LONG_ENOUGH: Final = 5
"""Letters of a name that are looked for by themselves; shorter ones stand in every sentence."""
_ENOUGH: Final = 3
"""Consonants that two words of a name must have together."""
_ALONE: Final = 4
"""Consonants that a name must have to be looked for where words are not set apart."""
_APART: Final = re.compile(r"[,;/()\n]|\bcalled\b|\bor\b|ហៅ|ឬ|និង", re.IGNORECASE)
_KHMER: Final = re.compile("[\u1780-\u17b3]")
_SILENT: Final = re.compile("[\u1780-\u17a2]\u17cd|[រវ]$|[rvw]$")
_PAIRS: Final = (("ng", "ŋ"), ("nh", "n"), ("ny", "n"), ("ch", "ç"), ("sh", "s"), ("w", "v"), ("f", "p"))
_SAME: Final = str.maketrans(
    # From ក to អ; what is written with y or h, or only carries a vowel, is dropped on both sides.
    dict(zip(map(chr, range(0x1780, 0x17A3)), "kkkkŋççççnttttnttttnppppm-rlvsss-l-", strict=True))
    | {"\u17c6": "m", "g": "k", "q": "k", "c": "k", "b": "p", "d": "t", "j": "ç", "z": "ç", "x": "s"}
)
_NO_CONSONANT: Final = re.compile("[^kŋçntpmrlvs]")
_TWICE: Final = re.compile(r"(.)\1+")


def variants(said: str) -> Sequence[str]:
    """Give the names in an answer that may hold several."""
    return [part.strip() for part in _APART.split(said) if fold(part)]


def speaks_of(text: str, name: str) -> bool:
    """Say whether a text may hold a name, however the two are spelt."""
    return _has_letters(fold(text), fold(name)) or _has_consonants(fold(text).split(), fold(name).split())


def _has_letters(text: str, name: str) -> bool:
    said, wanted = text.replace(" ", ""), name.replace(" ", "")
    return _LONG_ENOUGH <= len(wanted) <= len(said) and partial_ratio(wanted, said) >= _NEAR


def _has_consonants(text: Sequence[str], name: Sequence[str]) -> bool:
    """Look for the consonants of a name's words side by side, family name first or last, or run together in Khmer."""
    words, wanted = [_consonants(word) for word in text], [_consonants(word) for word in name]
    orders, size = (wanted, wanted[::-1]), len(wanted)
    is_enough = size > 1 and sum(map(len, wanted)) >= _ENOUGH
    if is_enough and any(words[at : at + size] in orders for at in range(len(words) - size + 1)):
        return True
    together = [_TWICE.sub(r"\1", "".join(order)) for order in orders]
    runs = [run for word, run in zip(text, words, strict=True) if _KHMER.search(word)]
    return any(len(one) >= _ALONE and one in run for one in together for run in runs)


def _consonants(word: str) -> str:
    """Reduce a folded word to the consonants that both writings have; ដារ៉ា and Dara are both tr."""
    word = _SILENT.sub("", word)
    for pair, one in _PAIRS:
        word = word.replace(pair, one)
    return _TWICE.sub(r"\1", _NO_CONSONANT.sub("", word.translate(_SAME)))
