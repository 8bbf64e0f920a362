"""A wrapped key opens with its password and with nothing else, and lends itself to a session without one."""

from dataclasses import replace

import pytest
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import CaseKeys, Recipient
from bot.vault.formats import KeyPair, pair_of
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import DEFAULT_COST, LEAST_COST, KdfCost, check_passphrase, new_passphrase
from bot.vault.sealing import CaseSealer

PASSWORD = "correct horse battery staple"
OWNER = "operator:42"
KEYRING = PasswordKeyring(LEAST_COST)


@pytest.fixture(scope="module")
def key() -> WrappedKey:
    """Wrap one key at the least cost."""
    return KEYRING.make(OWNER, PASSWORD)


# ── the password ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_password_opens_the_key(key: WrappedKey) -> None:
    """What comes out is the secret of the public key, at a cost read from the wrapped key itself."""
    assert pair_of(KEYRING.unlock(OWNER, key, PASSWORD)).public_key == key.public_key


def test_a_wrong_password_is_said_plainly(key: WrappedKey) -> None:
    """The message names the way out and not what was typed."""
    with pytest.raises(OperatorError) as refused:
        KEYRING.unlock(OWNER, key, "correct horse battery maple")

    assert str(refused.value).startswith("this password or passphrase does not open")
    assert "maple" not in str(refused.value)


@pytest.mark.parametrize("typed", [f"{PASSWORD}\n", f"  {PASSWORD} ", PASSWORD.replace("h", "\uff48")])
def test_how_it_was_typed_does_not_matter(key: WrappedKey, typed: str) -> None:
    """A line end in a passphrase file, or a keyboard that composes letters otherwise, locks nobody out."""
    assert len(KEYRING.unlock(OWNER, key, typed)) == 32


@pytest.mark.parametrize("at", [0, 7, 22, 23, 46, 47, -1])
def test_an_altered_wrapped_key_is_refused(key: WrappedKey, at: int) -> None:
    """A byte changed in mark, salt, nonce or secret never gives another key."""
    altered = bytearray(key.wrapped)
    altered[at] ^= 1

    with pytest.raises(OperatorError):
        KEYRING.unlock(OWNER, replace(key, wrapped=bytes(altered)), PASSWORD)


def test_a_wrapped_key_belongs_to_its_public_key(key: WrappedKey) -> None:
    """A public key swapped in the database is noticed when the secret is opened."""
    with pytest.raises(OperatorError):
        KEYRING.unlock(OWNER, replace(key, public_key=bytes(32)), PASSWORD)


def test_a_wrapped_key_belongs_to_its_owner(key: WrappedKey) -> None:
    """One operator's row put in another's place opens for neither."""
    with pytest.raises(OperatorError):
        KEYRING.unlock("operator:43", key, PASSWORD)


@pytest.mark.parametrize("cost", [b"\x01\xff\xff", b"\xff\x00\x01", b"\x00\x00\x01", b"\x01\x00\x00", b"\x01\x04\x01"])
def test_an_absurd_cost_is_refused_before_it_is_paid(key: WrappedKey, cost: bytes) -> None:
    """Whoever alters the database cannot make opening eat the machine's memory."""
    with pytest.raises(OperatorError, match="restore it from a backup"):
        KEYRING.unlock(OWNER, replace(key, wrapped=key.wrapped[:4] + cost + key.wrapped[7:]), PASSWORD)


@pytest.mark.parametrize("wrapped", [b"", b"hlk1", bytes(95)])
def test_what_is_no_wrapped_key_is_refused(key: WrappedKey, wrapped: bytes) -> None:
    """An empty or foreign value is an error for the operator, not a crash."""
    with pytest.raises(OperatorError, match="wrapped key was altered"):
        KEYRING.unlock(OWNER, replace(key, wrapped=wrapped), PASSWORD)


def test_the_cost_is_written_where_the_page_says(key: WrappedKey) -> None:
    """The default is three passes over 256 MiB; each wrapped key carries its own."""
    assert (DEFAULT_COST.ops, DEFAULT_COST.memory_mib) == (3, 256)
    assert key.wrapped[:7] == b"hlk1\x01\x00\x01"
    assert len(key.wrapped) == 95


def test_a_raised_cost_is_read_back() -> None:
    """A key wrapped at another cost opens without being told it."""
    key = PasswordKeyring(KdfCost(ops=2, memory_mib=3)).make(OWNER, PASSWORD)

    assert key.wrapped[4:7] == b"\x02\x00\x03"
    assert len(KEYRING.unlock(OWNER, key, PASSWORD)) == 32


@pytest.mark.parametrize("weak", ["", " " * 40, "fourteen chars"])
def test_a_short_password_is_refused(weak: str) -> None:
    """Fewer than fifteen characters guard no case."""
    with pytest.raises(OperatorError, match="at least 15"):
        KEYRING.make(OWNER, weak)


def test_a_made_passphrase_is_strong_and_never_twice_the_same() -> None:
    """Twelve words, of which each is one of 2,048, satisfy our own rule."""
    first, second = new_passphrase(), new_passphrase()

    check_passphrase(first)
    assert first != second
    assert len(first.split("-")) == 12


def test_a_new_password_opens_the_same_key(key: WrappedKey) -> None:
    """After a change of password no case is sealed anew, and the old password opens nothing of the new row."""
    secret = KEYRING.unlock(OWNER, key, PASSWORD)
    changed = KEYRING.rewrap(OWNER, secret, "another fifteen odd characters")

    assert changed.public_key == key.public_key
    assert KEYRING.unlock(OWNER, changed, "another fifteen odd characters") == secret
    with pytest.raises(OperatorError):
        KEYRING.unlock(OWNER, changed, PASSWORD)


# ── a session ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_gets_its_key_back(key: WrappedKey) -> None:
    """With the cookie's key the unlocked key is at hand again; what the server keeps does not hold it."""
    secret, session = KEYRING.unlock(OWNER, key, PASSWORD), random(32)
    kept = KEYRING.keep(secret, session)

    assert secret not in kept
    assert KEYRING.again(kept, session) == secret


@pytest.mark.parametrize("spoil", ["session", "empty session", "kept", "cut", "empty"])
def test_another_session_gets_nothing(spoil: str) -> None:
    """A foreign, empty or altered half is refused, with nothing but an error an operator can read."""
    session = random(32)
    kept = KEYRING.keep(random(32), session)
    spoiled = {
        "session": (kept, random(32)),
        "empty session": (kept, b""),
        "kept": (kept[:-1] + bytes([kept[-1] ^ 1]), session),
        "cut": (kept[:20], session),
        "empty": (b"", session),
    }

    with pytest.raises(OperatorError, match="log in again"):
        KEYRING.again(*spoiled[spoil])


# ── a case ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_can_open_a_case_can_let_another_open_it(sealer: CaseSealer, holder: KeyPair, keys: CaseKeys) -> None:
    """A granted wrap opens for the colleague, and for nobody else."""
    colleague = pair_of(random(32))
    sealed = sealer.record(keys.public_key, {"kind": "text"}, case="c", record="r", kind="record")
    wrap = KEYRING.open_case(keys.wraps[0][1], holder.secret_key).grant(Recipient(OWNER, colleague.public_key))

    opened = KEYRING.open_case(wrap, colleague.secret_key)

    assert opened.record(sealed, case="c", record="r", kind="record") == {"kind": "text"}
    with pytest.raises(OperatorError):
        KEYRING.open_case(wrap, holder.secret_key)


def test_a_pin_makes_the_same_key_by_its_recipe_only() -> None:
    """Another PIN or recipe makes another; a recipe carries its cost, so that a change of cost forgets no PIN."""
    recipe, other = KEYRING.pin_recipe(), KEYRING.pin_recipe()
    later = PasswordKeyring(KdfCost(ops=2, memory_mib=1))
    key = KEYRING.pin_key("407193", recipe)

    assert len(key) == 32 and later.pin_key("407193", recipe) == key
    assert key not in (KEYRING.pin_key("407194", recipe), KEYRING.pin_key("407193", other))


@pytest.mark.parametrize("forged", [b"", b"short", b"\xff" * 19, bytes(19)])
def test_a_forged_recipe_is_refused(forged: bytes) -> None:
    """Whoever can write to the database cannot exhaust the machine by it."""
    with pytest.raises(OperatorError):
        KEYRING.pin_key("407193", forged)
