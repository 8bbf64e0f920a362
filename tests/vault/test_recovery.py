"""The recovery key comes back from its words on paper, and mistakes in them are found without repeating them."""

import pytest
from mnemonic import Mnemonic

from bot.core.errors import OperatorError
from bot.vault.recovery import new_recovery, recovery_from_words

WORDS = Mnemonic("english").to_mnemonic(bytes(range(32)))


def test_the_words_give_the_key_back() -> None:
    """Paper is enough to open every case."""
    made = new_recovery()

    assert len(made.words.split()) == 24
    assert recovery_from_words(made.words).public_key == made.public_key


@pytest.mark.parametrize(
    "typed",
    [
        WORDS.upper(),
        f"  {WORDS}\n".replace(" ", "\n"),
        ", ".join(WORDS.split()),
        " ".join(f"{place}. {word}" for place, word in enumerate(WORDS.split(), start=1)),
        " ".join(f"{place}){word}" for place, word in enumerate(WORDS.split(), start=1)),
    ],
)
def test_the_words_may_be_typed_as_they_stand_on_paper(typed: str) -> None:
    """Capitals, lines, commas and numbers change nothing."""
    assert recovery_from_words(typed) == recovery_from_words(WORDS)


def test_a_misspelt_word_is_found_by_its_place() -> None:
    """The message says which word to look at, and holds none of them."""
    words = WORDS.split()
    words[6], words[19] = "xylophonne", "zzz"

    with pytest.raises(OperatorError, match="by place: 7, 20;") as refused:
        recovery_from_words(" ".join(words))

    assert not {*words} & {*str(refused.value).replace(",", " ").replace(";", " ").split()} - {"a", "on", "by", "list"}


@pytest.mark.parametrize("count", [0, 12, 23, 25])
def test_a_missing_or_doubled_word_is_counted(count: int) -> None:
    """Too few or too many words are told by number."""
    with pytest.raises(OperatorError, match=f"has 24 words, not {count}"):
        recovery_from_words(" ".join((WORDS.split() * 2)[:count]))


def test_words_in_another_order_are_refused() -> None:
    """The checksum finds two words that changed places."""
    first, second, *rest = WORDS.split()

    with pytest.raises(OperatorError, match="changed places"):
        recovery_from_words(" ".join([second, first, *rest]))
