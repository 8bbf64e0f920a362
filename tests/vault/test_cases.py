"""A case's secret goes to its recipients and nowhere else."""

import pytest
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import CaseKeys, Recipient
from bot.vault.formats import KeyPair, pair_of
from bot.vault.opening import CaseOpener, open_case_secret
from bot.vault.sealing import CaseSealer, check_recipient


def test_every_recipient_opens_the_same_case(sealer: CaseSealer) -> None:
    """Each recipient alone can open a case, so losing one key loses no case."""
    holders = {name: pair_of(random(32)) for name in ("organisation", "recovery")}

    keys = sealer.new_case([Recipient(name, pair.public_key) for name, pair in holders.items()])

    opened = {pair_of(open_case_secret(wrap, holders[name].secret_key)).public_key for name, wrap in keys.wraps}
    assert [name for name, _ in keys.wraps] == ["organisation", "recovery"]
    assert opened == {keys.public_key}


def test_two_cases_share_no_key(sealer: CaseSealer) -> None:
    """Opening one case opens no other."""
    recipient = Recipient("organisation", pair_of(random(32)).public_key)

    assert sealer.new_case([recipient]).public_key != sealer.new_case([recipient]).public_key


def test_another_key_opens_nothing(keys: CaseKeys) -> None:
    """A key the case was not sealed to is told so, with what to do."""
    with pytest.raises(OperatorError, match="sealed to another recipient"):
        open_case_secret(keys.wraps[0][1], random(32))


@pytest.mark.parametrize("wrap", [b"", b"short", bytes(79), bytes(80), bytes(81)])
def test_a_damaged_wrap_is_refused(holder: KeyPair, wrap: bytes) -> None:
    """A wrap of any wrong length or content is an error for the operator, not a crash."""
    with pytest.raises(OperatorError):
        open_case_secret(wrap, holder.secret_key)


def test_a_case_moves_from_the_provisional_key_to_another(sealer: CaseSealer, keys: CaseKeys, holder: KeyPair) -> None:
    """What was sealed before `init` opens with the organisation's key after it."""
    organisation = pair_of(random(32))
    sealed = sealer.record(keys.public_key, {"n": 1}, case="c", record="r", kind="answer")

    opened = CaseOpener(open_case_secret(keys.wraps[0][1], holder.secret_key))
    wrap = opened.grant(Recipient("organisation", organisation.public_key))

    opener = CaseOpener(open_case_secret(wrap, organisation.secret_key))
    assert opener.record(sealed, case="c", record="r", kind="answer") == {"n": 1}


def test_a_case_without_recipient_is_refused(sealer: CaseSealer) -> None:
    """A case that nobody could ever open is not begun."""
    with pytest.raises(OperatorError, match="no recipient"):
        sealer.new_case([])


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(32), bytes([1]) + bytes(31)])
def test_an_unusable_recipient_is_found_before_it_is_needed(public_key: bytes) -> None:
    """A damaged or weak public key stops the start, and is named by its recipient."""
    with pytest.raises(OperatorError, match="'organisation'"):
        check_recipient(Recipient("organisation", public_key))
