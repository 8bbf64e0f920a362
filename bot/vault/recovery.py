"""The recovery key: 24 English words on paper, from which the secret is made; only the public key is stored."""

import unicodedata
from dataclasses import dataclass, field

from mnemonic import Mnemonic
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.vault.formats import KEY_BYTES, KeyPair, derive, pair_of

# Source: BIP39, 24 words carry 256 bits and a checksum of 8.
RECOVERY_WORDS = 24


@dataclass(frozen=True, slots=True)
class Recovery:
    """A new recovery key: its words, to be shown once and written down, and its public key."""

    words: str = field(repr=False)
    public_key: bytes


def new_recovery() -> Recovery:
    """Make a recovery key of 24 words, parted by single spaces."""
    entropy = random(KEY_BYTES)
    return Recovery(Mnemonic("english").to_mnemonic(entropy), _pair(entropy).public_key)


def recovery_from_words(words: str) -> KeyPair:
    """Make the recovery key pair again from its words, in any case and spacing, with or without their numbers.

    Raises OperatorError that says which word is wrong, by its place and never by itself.
    """
    given = _plain(words)
    if len(given) != RECOVERY_WORDS:
        raise OperatorError(
            f"the recovery key has {RECOVERY_WORDS} words, not {len(given)}: look for one left out or doubled"
        )
    book = Mnemonic("english")
    if unknown := [str(place) for place, word in enumerate(given, start=1) if word not in book.wordlist]:
        raise OperatorError(
            f"recovery words not on the list, by place: {', '.join(unknown)}; look for a misspelling there"
        )
    text = " ".join(given)
    if not book.check(text):
        raise OperatorError(
            "these words are all known but are not a recovery key: one stands for another, or two have changed places"
        )
    return _pair(bytes(book.to_entropy(text)))


def _plain(words: str) -> list[str]:
    """Split what was typed into lower-case words, without the numbers and signs of a written list."""
    tokens = unicodedata.normalize("NFKD", words).lower().split()
    return [bare for token in tokens if (bare := token.strip("0123456789.,;:)("))]


def _pair(entropy: bytes) -> KeyPair:
    return pair_of(derive(entropy, "hl/recovery"))
