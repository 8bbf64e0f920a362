"""Read a whole number or a telephone number out of what a person typed, in any script.

Better to ask again than to keep a wrong number: whatever can be read in two ways is None.
"""

import re
from decimal import Decimal
from typing import Final

import phonenumbers
from pydantic import BaseModel, ConfigDict

from bot.core.khmer import ascii_digits, fold
from bot.core.numerals import HALVES, NUMERALS, Numeral, leading_scale, read_run, total

LARGEST_NUMBER: Final = 999_999_999
"""Debts in riel reach hundreds of millions; ten digits and more are telephone or card numbers."""

_LONGEST_DIGITS: Final = 15  # with separators; what is longer is no count of anything

# --- whole numbers ---------------------------------------------------------------------------------------------------

# A percentage, a negative number and ".5" lose their meaning in folding, so they are looked for before it.
_NOT_WHOLE: Final = re.compile(r"[%％٪‰]|(?:^|\s)[-−.,][0-9]")
_PIECE: Final = re.compile(
    # A space groups only where the last group is 000: "12 000" is one number, "3 500" may be two.
    r"(?P<spaced>(?<![0-9.,:/])[1-9][0-9]{0,2}(?: [0-9]{3})* 000(?![0-9.,:/]))"
    r"|(?:rm|usd|thb|khr|myr|sgd|krw|jpy)(?=[0-9])"
    r"|(?P<code>[a-z]+[0-9][a-z0-9]*)"
    r"|(?P<digits>[0-9]+(?:[.,:/][0-9]+)*)"
    r"|(?P<latin>[a-z]+)"
    r"|(?P<khmer>[\u1780-\u17d3]+)"
    r"|(?P<other>[^\W\d_]+)"
)
_JOINING: Final = frozenset({"and", fold("និង")})
_PRONOUN_BEFORE_ONE: Final = frozenset(["no", "any", "some", "every", "each", "the", "this", "that"])
_WHOLE: Final = re.compile("[0-9]+")
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:(,[0-9]{3})+|(\.[0-9]{3})+)")
_WITH_DECIMALS: Final = re.compile(
    r"(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?=\.)|[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?=,))[.,]([0-9]{1,2})"
)


def parse_number(text: str) -> int | None:
    """Read the one whole number a text holds: ១២, 12, "៣ខែ", "3 months", "១២,០០០", "បីខែ", "two", "៥ពាន់".

    Three digits after the last mark are thousands, whichever mark it is: "3.000" and "3,000" are 3000, because Khmer
    is written with both. None if there is no number, if there are two, if it is not whole (3.5, កន្លះ, 50%), negative,
    a date, an hour or a fraction, begins like a telephone number, or is above `LARGEST_NUMBER`.
    """
    if _NOT_WHOLE.search(ascii_digits(text)):
        return None
    folded = fold(text)
    if any(half in folded for half in HALVES):
        return None
    values = {total(phrase) for phrase in _phrases(folded)}
    value = values.pop() if len(values) == 1 else None
    if value is None or value != int(value) or value > LARGEST_NUMBER:
        return None
    return int(value)


_UNREADABLE: Final = [Numeral(Decimal(1), "digits"), Numeral(Decimal(2), "digits")]
"""A phrase that adds up to None: something numeric that is not one whole number."""


def _phrases(folded: str) -> list[list[Numeral]]:
    """Gather the numerals that stand together; anything else between two of them starts a new phrase."""
    phrases: list[list[Numeral]] = [[]]
    before = ""
    for piece in _PIECE.finditer(folded):
        kind, word = piece.lastgroup, piece[0]
        if kind == "latin":
            _read_latin(word, before, into=phrases)
        elif kind == "khmer":
            _read_khmer(word, phrases)
        elif kind is not None:
            _read_digits(kind, word, into=phrases)
        before = word
    return [phrase for phrase in phrases if phrase]


def _read_digits(kind: str, word: str, *, into: list[list[Numeral]]) -> None:
    value = None
    if kind == "spaced":
        value = Decimal(word.replace(" ", "")) if len(word) <= _LONGEST_DIGITS else None
    elif kind == "digits":
        value = _value(word)
    elif kind == "other":
        into.append([])
        return
    if value is None:
        into.append([*_UNREADABLE])
    else:
        into[-1].append(Numeral(value, "digits"))


def _read_latin(word: str, before: str, *, into: list[list[Numeral]]) -> None:
    is_pronoun = word == "one" and before in _PRONOUN_BEFORE_ONE
    is_bare_k = word == "k" and not (into[-1] and into[-1][-1].kind == "digits")
    if word in NUMERALS and not is_pronoun and not is_bare_k:
        into[-1].append(NUMERALS[word])
    elif word not in _JOINING:
        into.append([])


def _read_khmer(run: str, phrases: list[list[Numeral]]) -> None:
    if run in _JOINING:
        return
    if phrases[-1] and phrases[-1][-1].kind == "digits" and (scale := leading_scale(run)):
        phrases[-1].append(NUMERALS[scale])
        run = run.removeprefix(scale)
        if not run:  # ៣ម៉ឺន៥ពាន់ goes on after the scale
            return
    found = read_run(run)
    if not found:
        phrases.append([])
        return
    phrases[-1].extend(found[0])
    phrases.extend([*found[1:], []])


def _value(digits: str) -> Decimal | None:
    """Read digits with their marks; None for a date, an hour, a fraction, too many digits or a leading zero."""
    if len(digits) > _LONGEST_DIGITS:
        return None
    if _WHOLE.fullmatch(digits):
        return Decimal(digits) if len(digits) < 3 or digits[0] != "0" else None
    if _GROUPED.fullmatch(digits):
        return Decimal(re.sub("[.,]", "", digits))
    decimals = _WITH_DECIMALS.fullmatch(digits)
    return Decimal(f"{re.sub('[.,]', '', decimals[1])}.{decimals[2]}") if decimals else None


# --- telephone numbers -----------------------------------------------------------------------------------------------


class Phone(BaseModel):
    """A telephone number; `original` is all the person wrote, for the operator who must dial if `e164` is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    e164: str
    original: str


# What a contact card wraps around a number: soft hyphens, direction marks, keycaps.
_WRAPPING: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f\u20e3]")
# No line end, comma or slash: people put those between two numbers.
_CANDIDATE: Final = re.compile("(?:[+＋][ \u00a0\u3000(]*)?[0-9](?:[ \t\u00a0\u2009\u202f\u3000().\\-‐-―−－·]*[0-9])*")
_FEWEST_DIGITS: Final = 6
_MOST_DIGITS: Final = 17  # 15 (ITU-T E.164) and 00


def parse_phone(text: str, *, country: str | None) -> Phone | None:
    """Read the one telephone number a text holds, in any script, with spaces, +, 00 or the country's own leading 0.

    `country` is the ISO code of the country the number may be local to; None or anything unknown to the numbering
    plans means that only international numbers can be read. None if there is no number that can exist, or more than
    one.
    """
    region = (country or "").upper()
    region = region if region in phonenumbers.SUPPORTED_REGIONS else ""
    found = set()
    for candidate in _CANDIDATE.findall(ascii_digits(_WRAPPING.sub("", text))):
        digits = re.sub("[^+0-9]", "", candidate.replace("＋", "+"))
        if _FEWEST_DIGITS <= len(digits.lstrip("+")) <= _MOST_DIGITS:
            found.add(_to_e164(digits, region or None))
    found.discard(None)
    e164 = found.pop() if len(found) == 1 else None
    return Phone(e164=e164, original=text) if e164 else None


def _to_e164(digits: str, region: str | None) -> str | None:
    """Try what the number says of itself, then the region, then a country code without +.

    A number that shows its form (+, 00, a leading 0) only has to be possible: numbering plans grow faster than their
    tables. Bare digits may be a date or an amount, so they have to be a number known to be in use.
    """
    if digits.startswith("+"):
        return _read(digits, None, strictly=False)
    international = "+" + digits.lstrip("0")
    if digits.startswith("00"):
        # Before the region: 00 is not the exit code everywhere (Thailand has 001), and 00855 would be misread there.
        return (
            _read(international, None, strictly=True)
            or _read(digits, region, strictly=True)
            or _read(international, None, strictly=False)
        )
    if digits.startswith("0"):
        return _read(digits, region, strictly=False)
    return _read(digits, region, strictly=True) or _read(international, None, strictly=True)


def _read(digits: str, region: str | None, *, strictly: bool) -> str | None:
    """Return E.164 of a number that is possible (as long as it should be) or, strictly, in a range that is in use."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not possible or (strictly and not phonenumbers.is_valid_number(number)):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
