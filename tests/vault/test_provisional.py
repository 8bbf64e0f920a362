"""The provisional recipient takes cases in before `init`, and is gone after it."""

import pytest

from bot.core.errors import OperatorError
from bot.service.vaulting import Recipient
from bot.vault.formats import pair_of
from bot.vault.key_files import KeyFolder
from bot.vault.opening import CaseOpener, open_case_secret, provisional_secret
from bot.vault.provisional import PROVISIONAL_KEY, create_provisional, destroy_provisional, provisional_recipient
from bot.vault.sealing import CaseSealer


def test_intake_begins_without_any_set_up(folder: KeyFolder, sealer: CaseSealer) -> None:
    """A case taken in on an empty machine opens with the provisional key."""
    recipient = create_provisional(folder)

    keys = sealer.new_case([recipient])

    ((name, wrap),) = keys.wraps
    assert name == "provisional"
    assert pair_of(open_case_secret(wrap, provisional_secret(folder))).public_key == keys.public_key


def test_the_recipient_is_the_same_after_a_restart(folder: KeyFolder) -> None:
    """A second start seals to the key that the first one made."""
    made = create_provisional(folder)

    assert provisional_recipient(folder) == made


def test_there_may_be_none(folder: KeyFolder) -> None:
    """Without a provisional key the answer is None, and none is made."""
    assert provisional_recipient(folder) is None
    assert not folder.path.exists()


def test_init_moves_every_case_and_destroys_the_key(folder: KeyFolder, sealer: CaseSealer) -> None:
    """After `init` the organisation opens what came before it, and the provisional key opens nothing more."""
    organisation = pair_of(bytes(range(32)))
    ((_, wrap),) = sealer.new_case([create_provisional(folder)]).wraps

    opened = CaseOpener(open_case_secret(wrap, provisional_secret(folder)))
    moved = opened.grant(Recipient("organisation", organisation.public_key))
    destroy_provisional(folder)

    assert len(open_case_secret(moved, organisation.secret_key)) == 32
    assert provisional_recipient(folder) is None
    with pytest.raises(OperatorError, match="is missing"):
        provisional_secret(folder)


def test_a_second_provisional_key_is_refused(folder: KeyFolder) -> None:
    """Cases sealed to the first would stay closed."""
    create_provisional(folder)

    with pytest.raises(OperatorError, match="exists and is kept"):
        create_provisional(folder)


@pytest.mark.parametrize("at", [0, 63])
def test_a_damaged_provisional_key_is_found_before_a_case_is_sealed_to_it(folder: KeyFolder, at: int) -> None:
    """A flipped byte in either half stops the start."""
    create_provisional(folder)
    path = folder.path / PROVISIONAL_KEY
    halves = bytearray(path.read_bytes())
    # Not the lowest nor highest bits of the last byte: X25519 ignores some of those.
    halves[at] ^= 0b0000_1000
    path.write_bytes(halves)

    with pytest.raises(OperatorError, match=r"provisional\.key is damaged"):
        provisional_recipient(folder)
