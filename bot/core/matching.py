"""Understand a typed answer to a question with choices: a number of the list, a label, a label misspelt a little.

Rules this file keeps:
1. A wrong guess is worse than asking again. Two choices equally near, or a text that says two things, is no answer.
2. A guess never turns a meaning round: what adds, drops or swaps a negation, a person or a number is no misspelling.
3. What the screen shows goes first: a text that is exactly one label is that label, even where it looks like a number.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from bot.core.khmer import ascii_digits, fold, folded

Option = tuple[str, Sequence[str]]
"""A choice id, and every text that means it: its label in each language, then aliases."""


def match(text: str, options: Sequence[Option]) -> str | None:
    """Return the id of the one option that the text names by its number (1 to n, any script) or label; else None."""
    said = fold(text)
    if not said:
        return None
    return (
        _by_label(said, options)
        or _by_number(said, options)
        or _by_number_and_label(said, options)
        or _by_slip(said, options)
    )


def match_many(text: str, options: Sequence[Option]) -> tuple[str, ...]:
    """Return the ids of the options that the text names, in the order of the options: "1 3", "១,៣", "1 និង 3", labels.

    A label may itself hold a comma or an *and*, so the whole text is tried first. Empty unless every part is
    understood: half an answer would be kept as if it were all of it.
    """
    whole = match(text, options)
    parts = set(_parts(text)) if whole is None else set()
    if len(parts) > _PARTS_PER_OPTION * len(options):
        return ()
    named = {match(part, options) for part in parts} if whole is None else {whole}
    if None in named:
        return ()
    return tuple(option_id for option_id, _ in options if option_id in named)


def is_label(text: str, options: Sequence[Option]) -> bool:
    """Tell whether the text is exactly one of the options' texts, once both are folded."""
    said = fold(text)
    return any(said == folded(label) for _, texts in options for label in texts)


_PARTS_PER_OPTION: Final = 3  # a number, a label and a slip; more different parts are a story, not a list
_COMMAS: Final = re.compile(r"[,;&+/|\n،、，；។]|និង|(?<![a-z])and(?![a-z])", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"[0-9]{1,2}[.)]?(?:[\s.]+[0-9]{1,2}[.)]?)*")


def _parts(text: str) -> list[str]:
    """Split an answer where people put *and*; a part of numbers only is split at its spaces and points too.

    "1-3" stays whole: it may mean one and three or one to three.
    """
    parts: list[str] = []
    for part in _COMMAS.split(ascii_digits(text).replace("\u20e3", " ")):
        stripped = part.replace("\ufe0f", "").strip()
        if _NUMBERS.fullmatch(stripped):
            parts += re.findall("[0-9]+", stripped)
        elif fold(stripped):
            parts.append(stripped)
    return parts


# --- exactly ---------------------------------------------------------------------------------------------------------

_LIST_WORDS: Final = sorted(
    map(fold, ("លេខ", "ទី", "ជម្រើស", "ចម្លើយ", "number", "no", "option", "choice", "answer")), key=len, reverse=True
)
_LISTED: Final = re.compile(rf"(?:(?:{'|'.join(_LIST_WORDS)}) ?){{0,2}}([0-9]{{1,3}})")
_NUMBERED: Final = re.compile(r"([0-9]{1,2}) ?([^0-9].*)")


def _by_label(said: str, options: Sequence[Option]) -> str | None:
    letters = _letters(said)
    named = {option_id for option_id, label in _labels(options) if label.letters == letters}
    return named.pop() if len(named) == 1 else None


def _by_number(said: str, options: Sequence[Option]) -> str | None:
    listed = _LISTED.fullmatch(said)
    return _nth(listed[1], options) if listed else None


def _by_number_and_label(said: str, options: Sequence[Option]) -> str | None:
    """Accept "2. My boss" if the second option is *My boss*: number and words have to agree."""
    numbered = _NUMBERED.fullmatch(said)
    if not numbered:
        return None
    named = _by_label(numbered[2], options) or _by_slip(numbered[2], options)
    return named if named == _nth(numbered[1], options) else None


def _nth(digits: str, options: Sequence[Option]) -> str | None:
    number = int(digits)
    return options[number - 1][0] if 1 <= number <= len(options) else None


# --- nearly ----------------------------------------------------------------------------------------------------------

# Words that carry the meaning, and words of danger a letter away from a harmless label: ស្លាប់ (*died*) and ស្តាប់
# (*listen*), បន្ទាន់ (*urgent*) and បន្ទាប់ (*next*), ទៅ (*go*) and នៅ (*stay*), *can* and *can't*. A guess may not
# add, drop or swap one of them. Checked against every pair of terms in our glossary.
_WEIGHTY: Final = frozenset(
    {"no", "not", "never", "none", "nobody", "nothing", "without", "cannot", "cant", "dont", "doesnt", "didnt", "isnt",
     "arent", "wasnt", "wont", "havent", "hasnt", "couldnt", "i", "me", "my", "he", "him", "his", "she", "her", "we",
     "us", "our", "they", "them", "their", "you", "your", "leave", "live", "stay", "die", "kill"}
)  # fmt: skip
_WEIGHTY_KHMER: Final = re.compile(
    "|".join(map(fold, ("មិន", "អត់", "គ្មាន", "កុំ", "ពុំ", "ឥត", "ទៅ", "នៅ", "បន្ទាន់", "ស្លាប់", "សម្លាប់", "ងាប់")))
)
_SPACE: Final = re.compile("(?<![0-9]) | (?![0-9])")  # not the one between two numbers
_SUBSCRIPT: Final = re.compile("\u17d2(.)")


class _Label(NamedTuple):
    letters: str
    """Folded, without spaces, each subscript one character."""
    initials: str
    weighty: tuple[str, ...]
    digits: tuple[str, ...]


def _letters(folded: str) -> str:
    # A subscript is one slip of the finger, not two: a private-use character stands for the pair.
    return _SUBSCRIPT.sub(lambda pair: chr(0xE000 + ord(pair[1]) % 0x1000), _SPACE.sub("", folded))


def _describe(folded: str) -> _Label:
    words = folded.split()
    weighty = [word for word in words if word in _WEIGHTY] + _WEIGHTY_KHMER.findall(folded)
    return _Label(
        letters=_letters(folded),
        initials="".join(word[0] for word in words),
        weighty=tuple(sorted(weighty)),
        digits=tuple(re.findall("[0-9]+", folded)),
    )


@lru_cache(maxsize=4096)  # of labels only, which are content: a person's words are never kept
def _label(text: str, number: int) -> tuple[_Label, ...]:
    """Describe a label, and if its own number in the list is written before it, the label without it too."""
    label = folded(text)
    numbered = _NUMBERED.fullmatch(label)
    if numbered and int(numbered[1]) == number:
        return (_describe(label), _describe(numbered[2]))
    return (_describe(label),)


def _labels(options: Sequence[Option]) -> Iterator[tuple[str, _Label]]:
    for number, (option_id, texts) in enumerate(options, start=1):
        for text in texts:
            for label in _label(text, number):
                yield option_id, label


_FAR: Final = 5
"""Distances from here on are all the same to us."""


def _slips_allowed(letters: str) -> int:
    """Allow none in a short label: with four letters, *safe* and *save*, *Iran* and *Iraq* are one slip apart."""
    if len(letters) < 5:
        return 0
    return 1 if len(letters) < 9 else 2


def _by_slip(said: str, options: Sequence[Option]) -> str | None:
    """Guess the nearest label, if the next option is at least twice as far."""
    text = _describe(said)
    distances: dict[str, int] = {}
    likely: set[str] = set()
    for option_id, label in _labels(options):
        distance = OSA.distance(text.letters, label.letters, score_cutoff=_FAR - 1)
        if distance < distances.get(option_id, _FAR):
            distances[option_id] = distance
            likely.discard(option_id)
        if distance == distances.get(option_id) and _is_slip(text, label, distance):
            likely.add(option_id)
    if not likely:
        return None
    nearest, *others = sorted(distances, key=lambda option_id: distances[option_id])
    is_clear = not others or distances[others[0]] >= 2 * distances[nearest]
    return nearest if nearest in likely and is_clear else None


def _is_slip(said: _Label, label: _Label, distance: int) -> bool:
    """Tell a slip of the finger from another meaning.

    First letters are seldom missed. Two letters more or fewer are how a misspelt negation looks (*nt*, *មន*).
    """
    return (
        0 < distance <= _slips_allowed(label.letters)
        and abs(len(said.letters) - len(label.letters)) <= 1
        and said.initials[0] == label.initials[0]
        and (said.initials == label.initials or len(said.initials) != len(label.initials))
        and said.weighty == label.weighty
        and said.digits == label.digits
    )
