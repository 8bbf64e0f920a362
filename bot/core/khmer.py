"""Bring Khmer text to one form, so that what people type can be compared, counted and kept.

Rules this file keeps:
1. What a person wrote is stored as written (`clean`); `fold` is computed next to it and never shown.
2. Both sides of a comparison go through the same function, or a term typed another way never matches.
3. Nothing here raises, whatever the text: lone surrogates, NUL and stacked marks included.

Sources: the order of the signs in a cluster and the pairs to avoid are those of Unicode Technical Note 61, *Khmer
Encoding Structure*, version 2 (February 2025), and of the Unicode Standard, chapter 16, *Khmer*. NFC repairs none of
these slips: nearly all Khmer signs have combining class 0, so normalisation never moves them.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import category, decimal, normalize

_LETTER: Final = "\u1780-\u17b3"
_MARK: Final = "\u17b6-\u17d1\u17d3\u17dd"
_PICTURE: Final = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_COENG_RO: Final = "\u17d2\u179a"

# --- canonical -------------------------------------------------------------------------------------------------------

# Discouraged or invisible letters (Unicode, ch. 16 "Khmer"): QAQ, QAA, the two inherent vowels; ZWNJ; the BOM.
_STRAY: Final = str.maketrans(
    {"\u17a3": "\u17a2", "\u17a4": "\u17a2\u17b6", "\u17b4": None, "\u17b5": None, "\u200c": None, "\ufeff": None}
)
# A joiner means something only before a picture (a family emoji); in Khmer it is a leftover of a keyboard.
_JOINER: Final = re.compile(rf"\u200d(?![{_PICTURE}])")
# U+200B between words is good Khmer (CLDR uses it so); within a cluster it only tears the letter from its signs.
_TORN: Final = re.compile(rf"(?<=[{_LETTER}{_MARK}\u17d2])\u200b+(?=[{_MARK}\u17d2])")
_COENGS: Final = re.compile("\u17d2[\u17d2\u200b]+")

_UNIT: Final = re.compile(rf"\u17d2[{_LETTER}]|[{_MARK}]")
_IN_ORDER: Final = (
    "\u17cc?(?:\u17d2[\u1780-\u1799\u179b-\u17b3])?(?:\u17d2\u179a)?[\u17c9\u17ca]?[\u17b6-\u17c5]?"
    "[\u17c6\u17cb\u17cd-\u17d1\u17d3\u17dd]?[\u17c7\u17c8]?"
)
# Only clusters that are not plainly in order are taken apart: this keeps a message of 200 letters near 50 microseconds.
_SLIPPED: Final = re.compile(rf"[{_LETTER}](?!{_IN_ORDER}(?!{_UNIT.pattern}))(?:{_UNIT.pattern})+")

_SUBSCRIPT_RANK: Final = 1
_ORDER: Final = (
    "\u17cc",  # robat
    "",  # subscripts keep the order they were typed in: two of them can be two different words
    _COENG_RO,  # ro is written to the left of the letter, so it is typed early, but is stored last
    *"\u17ca\u17c9",  # shifters
    *"\u17c1\u17c2\u17c3\u17c4\u17c5\u17be\u17bf\u17c0",  # vowels with a part before the letter
    *"\u17bb\u17bc\u17bd",  # vowels below
    *"\u17b7\u17b8\u17b9\u17ba",  # vowels above
    "\u17b6",  # the vowel after
    *"\u17c6\u17cb\u17cd\u17ce\u17cf\u17d0\u17d1\u17d3\u17dd",  # signs above
    *"\u17c7\u17c8",  # signs after
)
_RANK: Final = {unit: rank for rank, unit in enumerate(_ORDER)}

_SPLIT_VOWELS: Final = (("\u17c1", "\u17b8", "\u17be"), ("\u17c1", "\u17b6", "\u17c4"))
_SHIFTERS: Final = frozenset("\u17c9\u17ca")
_VOWELS_ABOVE: Final = frozenset("\u17b7\u17b8\u17b9\u17ba\u17be\u17bf")
_AAM: Final = frozenset("\u17b6\u17c6")
_FIRST_SERIES: Final = frozenset("កខចឆដឋណតថបផឝឞសហឡអ")


def canonical(text: str) -> str:
    """Put the signs of every Khmer cluster in the one agreed order and leave all else as it was typed.

    Looks the same on the screen, save where the typed order drew a dotted circle. Two different subscripts keep their
    typed order: which comes first is ambiguous. Phone numbers, links, line ends, punctuation and digits are untouched.
    Idempotent.
    """
    text = _JOINER.sub("", text.translate(_STRAY))
    text = _COENGS.sub("\u17d2", _TORN.sub("", text))
    return _SLIPPED.sub(_reorder, text)


def _reorder(cluster: re.Match[str]) -> str:
    units = dict.fromkeys(_UNIT.findall(cluster[0]))  # a sign typed twice is one sign
    for left, right, whole in _SPLIT_VOWELS:
        if left in units and right in units:
            del units[left], units[right]
            units[whole] = None
    _mend_shifter(cluster[0][0], units)
    return cluster[0][0] + "".join(sorted(units, key=lambda unit: _RANK.get(unit, _SUBSCRIPT_RANK)))


def _mend_shifter(letter: str, units: dict[str, None]) -> None:
    """Replace *u* by the shifter it was typed for, in place.

    Under a vowel drawn above, both shifters are drawn exactly like *u*, and *u* itself never stands with such a vowel
    in Khmer (Technical Note 61). A letter of the first series can only take triisap there, one of the second only
    muusikatoan; for ប both exist, and `fold` joins them.
    """
    if "\u17bb" not in units or letter > "\u17a2":
        return
    if _VOWELS_ABOVE.isdisjoint(units) and not units.keys() >= _AAM:
        return
    del units["\u17bb"]
    if _SHIFTERS.isdisjoint(units):
        units["\u17ca" if letter in _FIRST_SERIES else "\u17c9"] = None


# --- fold ------------------------------------------------------------------------------------------------------------

_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_APOSTROPHES: Final = frozenset("'\u2018\u2019\u02bc")
# ៗ repeats a word that is there already; atthacan is archaic, and the one Khmer sign that NFKD moves.
_SILENT: Final = frozenset("\u17d7\u17dd")
_SAME_LETTER: Final = {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ឲ": "ឱ"}
_NUMBER_MARKS: Final = frozenset(".,:/")
_CACHED_BELOW: Final = 0x3000


def _is_hidden(char: str) -> bool:
    """Tell whether the character draws nothing and takes no room (white space is not hidden)."""
    if char in _FILLERS or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    return category(char) in ("Cf", "Cc") and not char.isspace()


def _is_latin_accent(char: str) -> bool:
    return "\u0300" <= char <= "\u036f" or "\u1ab0" <= char <= "\u1aff" or "\u1dc0" <= char <= "\u1dff"


def _folded(char: str) -> str | None:
    """Fold one character that stands alone; None drops it."""
    if _is_hidden(char) or _is_latin_accent(char) or char in _APOSTROPHES or char in _SILENT:
        return None
    if char in _SAME_LETTER or char in _NUMBER_MARKS:
        return _SAME_LETTER.get(char, char)
    kind = category(char)
    if kind == "Nd":
        return str(decimal(char))
    return char if kind[0] in "LMN" and char != "\u20e3" else " "


class _Folding(dict[int, str | None]):
    """A translate table that fills itself; it remembers the small scripts only, so that no message can make it grow."""

    def __missing__(self, code: int) -> str | None:
        char = _folded(chr(code))
        if code < _CACHED_BELOW:
            self[code] = char
        return char


_FOLDING: Final = _Folding()
_FOREIGN: Final = re.compile("[^\x00-\x7f\u1780-\u17ff\u200b]")
_SET_APART: Final = re.compile("[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2460-\u24ff\u2776-\u2793]")
_SHIFTER_UNDER: Final = re.compile("[\u17c9\u17ca]+(?=[\u17b7-\u17ba\u17be\u17bf]|\u17b6\u17c6)")
_COENG_DA: Final = "\u17d2\u178a"
_COENG_TA: Final = "\u17d2\u178f"
# ឱ្យ, ឲ្យ, អោយ (*to give, to let*): one word, three accepted spellings and two slips.
_AOY: Final = re.compile(rf"(?:អោយ|អ្យោ|ឱយ)(?![{_MARK}\u17d2])")
_LOOSE_MARK: Final = re.compile("(?<![0-9])[.,:/]|[.,:/](?![0-9])")
# No word has three equal letters in a row, save in Khmer: ទឹកកក (*ice*, also the drug) must not become ទឹក (*water*).
_DRAWN_OUT: Final = re.compile(r"([^0-9\s\u1780-\u17ff])\1{2,}|([\u1780-\u17ff])\2{3,}")


def fold(text: str) -> str:
    """Reduce text to what counts when words are compared: never shown, never stored in the place of the text.

    `canonical` and: lower case, compatibility forms and accents of Latin folded, digits of any script to 0-9, format
    characters (U+200B too) and emoji dropped, punctuation to one space (kept between two digits: "3,000", "14:05"),
    ៗ dropped, a drawn-out letter (three times or more, four in Khmer) to one but a digit never, and the spellings
    people mix: subscript ដ and ត, ឱ្យ ឲ្យ អោយ, and the two shifters where they look alike. Idempotent.
    """
    text = _fold_foreign(text) if _FOREIGN.search(text) else text.lower().translate(_FOLDING)
    text = canonical(text.replace(_COENG_DA, _COENG_TA))
    text = _SHIFTER_UNDER.sub("\u17ca", text)
    text = _AOY.sub("ឱ្យ", text)
    text = _DRAWN_OUT.sub(r"\1\2", _LOOSE_MARK.sub(" ", text))
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Fold a text of the content and remember it, because it is compared with every message.

    Never for a person's words: they would be kept in memory.
    """
    return fold(text)


def _fold_foreign(text: str) -> str:
    text = normalize("NFKD", _SET_APART.sub(r" \g<0> ", text))  # or ①③ would read as thirteen, 3½ as 31/2
    text = normalize("NFKD", text.casefold())
    return normalize("NFKD", text.translate(_FOLDING))  # dropped characters may have kept marks apart


# --- counting and keeping --------------------------------------------------------------------------------------------

_FOREIGN_DIGIT: Final = re.compile(r"(?![0-9])\d")
_SIGN: Final = re.compile(
    rf"[{_LETTER}](?:\u17d2[{_LETTER}]|[{_MARK}\u17d2])*"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    rf"|[{_PICTURE}](?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d[{_PICTURE}])*"
    "|.",
    re.DOTALL,
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def clusters(text: str) -> int:
    """Count the signs a reader sees: a Khmer letter with all its signs, a Latin letter, a space or an emoji is one.

    Length limits of labels are measured with this; `len` counts a Khmer syllable two to five times.
    """
    return sum(1 for sign in _SIGN.findall(canonical(text)) if not _adds_nothing(sign))


def _adds_nothing(sign: str) -> bool:
    return len(sign) == 1 and (_is_hidden(sign) or category(sign) in ("Mn", "Me"))


def ascii_digits(text: str) -> str:
    """Write the decimal digits of every script (១, ๑, １) as 0-9; the text keeps its length."""
    return _FOREIGN_DIGIT.sub(lambda digit: str(decimal(digit[0])), text)


def is_blank(text: str) -> bool:
    """Tell whether nothing would be seen: white space, U+200B, format characters and fillers only."""
    return all(char.isspace() or _is_hidden(char) for char in text)


def clean(text: str) -> str:
    """Make text fit to be stored, changing nothing else: NUL dropped, lone surrogates to U+FFFD.

    PostgreSQL refuses NUL, and neither SQLite nor UTF-8 can carry a lone surrogate. The two halves of a pair, which
    some JSON writers send apart, become the character they mean.
    """
    text = text.replace("\0", "")
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
