"""The organisation's key opens with its passphrase and with nothing else."""

import pytest

from bot.core.errors import OperatorError
from bot.vault.formats import pair_of
from bot.vault.organisation import OrganisationKey, unwrap_organisation_key, wrap_organisation_key
from bot.vault.passphrases import DEFAULT_COST, LEAST_COST, KdfCost, check_passphrase, new_passphrase

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def key() -> OrganisationKey:
    """Wrap one key at the least cost."""
    return wrap_organisation_key(PASSPHRASE, LEAST_COST)


def test_the_passphrase_opens_the_key(key: OrganisationKey) -> None:
    """What comes out is the secret of the public key, at a cost read from the wrapped key itself."""
    assert pair_of(unwrap_organisation_key(key.wrapped, key.public_key, PASSPHRASE)).public_key == key.public_key


def test_a_wrong_passphrase_is_said_plainly(key: OrganisationKey) -> None:
    """The message names the way out and not what was typed."""
    with pytest.raises(OperatorError) as refused:
        unwrap_organisation_key(key.wrapped, key.public_key, "correct horse battery maple")

    assert str(refused.value).startswith("the passphrase does not open the organisation's key")
    assert "maple" not in str(refused.value)


@pytest.mark.parametrize("typed", [f"{PASSPHRASE}\n", f"  {PASSPHRASE} ", PASSPHRASE.replace("h", "\uff48")])
def test_how_it_was_typed_does_not_matter(key: OrganisationKey, typed: str) -> None:
    """A line end in a passphrase file, or a keyboard that composes letters otherwise, locks nobody out."""
    assert len(unwrap_organisation_key(key.wrapped, key.public_key, typed)) == 32


@pytest.mark.parametrize("at", [0, 7, 22, 23, 46, 47, -1])
def test_an_altered_wrapped_key_is_refused(key: OrganisationKey, at: int) -> None:
    """A byte changed in mark, salt, nonce or secret never gives another key."""
    altered = bytearray(key.wrapped)
    altered[at] ^= 1

    with pytest.raises(OperatorError):
        unwrap_organisation_key(bytes(altered), key.public_key, PASSPHRASE)


def test_a_wrapped_key_belongs_to_its_public_key(key: OrganisationKey) -> None:
    """A public key swapped in the database is noticed when the secret is opened."""
    with pytest.raises(OperatorError):
        unwrap_organisation_key(key.wrapped, bytes(32), PASSPHRASE)


@pytest.mark.parametrize("cost", [b"\x01\xff\xff", b"\xff\x00\x01", b"\x00\x00\x01", b"\x01\x00\x00", b"\x01\x04\x01"])
def test_an_absurd_cost_is_refused_before_it_is_paid(key: OrganisationKey, cost: bytes) -> None:
    """Whoever alters the database cannot make opening eat the machine's memory."""
    with pytest.raises(OperatorError, match="restore it from a backup"):
        unwrap_organisation_key(key.wrapped[:4] + cost + key.wrapped[7:], key.public_key, PASSPHRASE)


@pytest.mark.parametrize("wrapped", [b"", b"hlk1", bytes(95)])
def test_what_is_no_wrapped_key_is_refused(key: OrganisationKey, wrapped: bytes) -> None:
    """An empty or foreign value is an error for the operator, not a crash."""
    with pytest.raises(OperatorError, match="wrapped key was altered"):
        unwrap_organisation_key(wrapped, key.public_key, PASSPHRASE)


def test_the_cost_is_written_where_the_page_says(key: OrganisationKey) -> None:
    """The default is three passes over 256 MiB; each wrapped key carries its own."""
    assert (DEFAULT_COST.ops, DEFAULT_COST.memory_mib) == (3, 256)
    assert key.wrapped[:7] == b"hlk1\x01\x00\x01"
    assert len(key.wrapped) == 95


def test_a_raised_cost_is_read_back() -> None:
    """A key wrapped at another cost opens without being told it."""
    key = wrap_organisation_key(PASSPHRASE, KdfCost(ops=2, memory_mib=3))

    assert key.wrapped[4:7] == b"\x02\x00\x03"
    assert len(unwrap_organisation_key(key.wrapped, key.public_key, PASSPHRASE)) == 32


@pytest.mark.parametrize("weak", ["", " " * 40, "fourteen chars"])
def test_a_short_passphrase_is_refused(weak: str) -> None:
    """Fewer than fifteen characters guard no case."""
    with pytest.raises(OperatorError, match="at least 15"):
        wrap_organisation_key(weak, LEAST_COST)


def test_a_made_passphrase_is_strong_and_never_twice_the_same() -> None:
    """Twelve words, of which each is one of 2,048, satisfy our own rule."""
    first, second = new_passphrase(), new_passphrase()

    check_passphrase(first)
    assert first != second
    assert len(first.split("-")) == 12
