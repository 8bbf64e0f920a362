"""Passphrases: made of words, and stretched into keys by Argon2id."""

import unicodedata
from dataclasses import dataclass

from mnemonic import Mnemonic
from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.errors import MachineError, OperatorError
from bot.vault.formats import KEY_BYTES

# Source: OWASP ASVS 5.0.0, V6.2.1 recommends at least 15 characters.
SHORTEST_PASSPHRASE = 15
# Source: zxcvbn's scale, on which a password is "very unguessable" from here on: a century, at half a second a guess.
FEWEST_GUESSES = 10**10
# What is judged of a longer one; zxcvbn's own bound. More characters make none weaker.
LONGEST_JUDGED = 72
# Words of this trade and of where it is done: whoever guesses knows them.
OURS = """
    angkor cambodia cambodian case chatbot console helpline hotline kampuchea khmer korea malaysia migrant migration
    operator penh phnom phnompenh supervisor telegram thailand worker
"""
# 12 of 2,048 words are 132 bits: safe from guessing even at the least cost.
PASSPHRASE_WORDS = 12
# Costs are read from the wrapped key, which whoever holds the database can alter: a forged one must not be able
# to exhaust the machine.
MOST_OPS = 16
MOST_MEMORY_MIB = 1024


@dataclass(frozen=True, slots=True)
class KdfCost:
    """What one guess at a passphrase costs: passes over so many MiB; raises OperatorError beyond 16 and 1,024."""

    ops: int
    memory_mib: int

    def __post_init__(self) -> None:
        if not (1 <= self.ops <= MOST_OPS and 1 <= self.memory_mib <= MOST_MEMORY_MIB):
            raise OperatorError(
                f"a key asks for {self.ops} passes over {self.memory_mib} MiB, "
                f"where 1 to {MOST_OPS} over 1 to {MOST_MEMORY_MIB} are allowed: "
                "if it was read from the database, that was altered; restore it from a backup"
            )


_BETWEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Pc", "Pd", "Po"})
# Measured on one core: 0.4 s a guess, and 0.09 s for the small one.
DEFAULT_COST = KdfCost(ops=3, memory_mib=256)
# For a server with 1 GB of memory.
SMALL_COST = KdfCost(ops=3, memory_mib=64)
# For tests only.
LEAST_COST = KdfCost(ops=1, memory_mib=1)


def new_passphrase() -> str:
    """Make a passphrase of twelve English words joined by hyphens."""
    words = Mnemonic("english").wordlist
    # Two bytes a word: 65,536 is a multiple of 2,048, so every word is equally likely.
    drawn = random(2 * PASSPHRASE_WORDS)
    numbers = (int.from_bytes(drawn[at : at + 2]) for at in range(0, len(drawn), 2))
    return "-".join(words[number % len(words)] for number in numbers)


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase of fewer than 15 characters, or that is guessed first; raises OperatorError."""
    length = len(_normal(passphrase))
    if length < SHORTEST_PASSPHRASE:
        raise OperatorError(
            f"the passphrase has {length} characters: give at least {SHORTEST_PASSPHRASE}, for instance five words"
        )
    if is_guessable(_normal(passphrase)):
        raise OperatorError(
            "the passphrase is easy to guess: take five words that nobody would think of, "
            "rather than known ones, years, rows of keys or the same thing again"
        )


def is_guessable(password: str) -> bool:
    """Say whether a password is among the first 10,000,000,000 that somebody would try.

    It is taken apart into words (also 30,000 from breaches), rows of keys, runs, years and repeats. Spaces and signs
    between them do not count: that they are there is guessed too.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists of words take 14 MB, which `run` would hold all its life

    bare = "".join(one for one in password if one in "@!" or unicodedata.category(one) not in _BETWEEN)
    return not bare or zxcvbn(bare[:LONGEST_JUDGED], user_inputs=OURS.split())["guesses"] < FEWEST_GUESSES


def stretch(passphrase: str, salt: bytes, cost: KdfCost) -> bytes:
    """Make a 32-byte key of a passphrase by Argon2id; raises MachineError if there is not enough memory.

    Spaces and line ends around it do not count, nor does the way a keyboard composes its letters (NFKC).
    """
    secret = _normal(passphrase).encode("utf-8", "surrogatepass")
    try:
        return crypto_pwhash_alg(
            KEY_BYTES, secret, salt, cost.ops, cost.memory_mib * 1024 * 1024, crypto_pwhash_ALG_ARGON2ID13
        )
    except CryptoError as starved:
        raise MachineError(
            f"the passphrase could not be worked: {cost.memory_mib} MiB of memory are needed; free some and try again"
        ) from starved


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()
