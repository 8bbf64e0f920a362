"""Number words of Khmer, English and Khmer in Latin letters, and what a row of them is worth.

Khmer counts by fives: *six* is *five one* (ប្រាំមួយ). It has its own words for ten and a hundred thousand. A word
never counts inside another word: ជាមួយ (*with*) holds មួយ (*one*).
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from bot.core.khmer import fold

KHMER_NUMBERS: Final = {
    "សូន្យ": 0, "មួយ": 1, "ពីរ": 2, "បី": 3, "បួន": 4, "ប្រាំ": 5, "ប្រាំពិល": 7, "ដប់": 10, "ម្ភៃ": 20, "សាមសិប": 30,
    "សែសិប": 40, "ហាសិប": 50, "ហុកសិប": 60, "ចិតសិប": 70, "ប៉ែតសិប": 80, "កៅសិប": 90,
}  # fmt: skip
KHMER_SCALES: Final = {"រយ": 100, "ពាន់": 1_000, "ម៉ឺន": 10_000, "សែន": 100_000, "លាន": 1_000_000}
LATIN_NUMBERS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "muoy": 1, "mouy": 1, "pir": 2, "bei": 3, "bey": 3, "buon": 4, "boun": 4, "pram": 5, "dob": 10, "dop": 10,
}  # fmt: skip
LATIN_SCALES: Final = {"hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000}
FIVES: Final = ("ប្រាំ", "pram")
HALVES: Final = ("កន្លះ", "half")

# What is counted, in answers to our own questions: time, people, money.
_COUNTED: Final = "ខែ ឆ្នាំ ថ្ងៃ យប់ អាទិត្យ សប្តាហ៍ ម៉ោង នាទី នាក់ មនុស្ស គ្នា ដង លើក រៀល ដុល្លារ ដុល្លា បាត រីងគីត រូពី ដុង យន់ យ៉េន វ៉ុន"
_BEFORE: Final = "ប្រហែលជា ប្រហែល ប្រមាណ ជិត ចំនួន រយៈពេល រយៈ គឺ មាន តែ បាន អស់ ជំពាក់ ទី លេខ ខ្ញុំ បាទ ចាស"
_AFTER: Final = "មកហើយ ហើយ ជាង ទៀត គត់ ប៉ុណ្ណោះ បាទ ចាស"


class Numeral(NamedTuple):
    """One number or scale as it stands in the text; `five` is the ប្រាំ that one to four may follow."""

    value: Decimal
    kind: Literal["digits", "word", "five", "scale"]


def _one_of(words: Iterable[str]) -> str:
    longest_first = sorted({fold(word) for word in words}, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, longest_first)) + ")"


def _table() -> dict[str, Numeral]:
    numbers = {fold(word): Numeral(Decimal(value), "word") for word, value in (KHMER_NUMBERS | LATIN_NUMBERS).items()}
    scales = {fold(word): Numeral(Decimal(value), "scale") for word, value in (KHMER_SCALES | LATIN_SCALES).items()}
    fives = {fold(word): Numeral(Decimal(5), "five") for word in FIVES}
    return numbers | scales | fives


NUMERALS: Final = _table()
"""Folded word to numeral."""

# A word ends where no further sign hangs on its last letter: រយៈ is not រយ.
_ENDS: Final = "(?![\u17b6-\u17d3])"
_SMALL: Final = _one_of(KHMER_NUMBERS) + _ENDS
_SCALE: Final = _one_of(KHMER_SCALES) + _ENDS
_ANY: Final = re.compile(f"{_SMALL}|{_SCALE}")
# The whole run of letters is a number with nothing but expected words around it ...
_ALONE: Final = re.compile(
    f"(?:{_one_of(_BEFORE.split())})*+((?:{_ANY.pattern})++)(?:{_one_of((_COUNTED + ' ' + _AFTER).split())})*+"
)
# ... or a number stands right before what it counts. Not in ក្នុងមួយខែ (*per month*), nor in ជាមួយ (*with*).
_COUNTING: Final = re.compile(
    rf"(?<!{fold('ក្នុង')})(?<!ជា)(?<!រាល់)({_SMALL}(?:{_ANY.pattern})*+)(?={_one_of(_COUNTED.split())})"
)
_LEADING_SCALE: Final = re.compile(_SCALE)


def leading_scale(run: str) -> str:
    """Return the scale word that a run of folded Khmer letters begins with, or an empty string."""
    found = _LEADING_SCALE.match(run)
    return found[0] if found else ""


def read_run(run: str) -> list[list[Numeral]]:
    """Find the number phrases in a run of folded Khmer letters that has no spaces."""
    alone = _ALONE.fullmatch(run)
    phrases = [alone[1]] if alone else _COUNTING.findall(run)
    return [[NUMERALS[word] for word in _ANY.findall(phrase)] for phrase in phrases]


def total(numerals: Sequence[Numeral]) -> Decimal | None:
    """Add up one phrase: *two hundred five* is 205; None if the parts do not make one number (*two five*)."""
    parts: list[Numeral] = []
    for numeral in numerals:
        fits = _multiply(parts, numeral) if numeral.kind == "scale" else _append(parts, numeral)
        if not fits:
            return None
    return sum((part.value for part in parts), Decimal(0))


def _append(parts: list[Numeral], numeral: Numeral) -> bool:
    """Put a number below ten after a ten, below a hundred after a hundred, and so on; tell whether it fits."""
    if not parts:
        parts.append(numeral)
        return True
    last = parts[-1]
    if last.kind == "digits":
        # Digits do not add up: "10 5" is two answers. The same number again, in words, is one: "3 (three)".
        return numeral.kind != "digits" and numeral.value == last.value
    room = Decimal(5) if last.kind == "five" else Decimal(10) ** len(str(int(numeral.value)))
    fits = 0 < numeral.value < room and (last.kind == "five" or last.value % room == 0)
    parts.append(numeral)
    return fits


def _multiply(parts: list[Numeral], scale: Numeral) -> bool:
    """Multiply the parts smaller than the scale by it; tell whether there were any, or nothing at all before it."""
    smaller = Decimal(0)
    count = 0
    while parts and parts[-1].value < scale.value:
        smaller += parts.pop().value
        count += 1
    fits = bool(count) or not parts
    parts.append(Numeral((smaller if count else Decimal(1)) * scale.value, "word"))
    return fits
