"""A backup opens with the recovery key and no other, whole or not at all."""

from collections.abc import Callable

import pytest
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import Recipient
from bot.vault.backups import HEADER_BYTES, StreamBackupSealer, backup_recipient, open_backup, read_header
from bot.vault.formats import KeyPair, pair_of

CLEAR = bytes(range(256)) * 1024
"""Four full frames: the last one must not be lost because nothing comes after it."""


def sealed_to(pair: KeyPair) -> bytes:
    """Seal a backup, fed in pieces that are no multiple of a frame."""
    sealer = StreamBackupSealer(Recipient("recovery", pair.public_key))
    frames = [sealer.feed(CLEAR[at : at + 10_007]) for at in range(0, len(CLEAR), 10_007)]
    return sealer.header() + b"".join(frames) + sealer.finish()


def opened(sealed: bytes, pair: KeyPair) -> bytes:
    """Open it, read in pieces that are no frame."""
    header, rest = read_header(sealed[at : at + 999] for at in range(0, len(sealed), 999))
    return b"".join(open_backup(header, rest, pair))


def test_a_backup_comes_back_with_the_recovery_key(holder: KeyPair) -> None:
    """Byte for byte, and nothing of it stands in the file."""
    sealed = sealed_to(holder)

    assert opened(sealed, holder) == CLEAR
    assert CLEAR[:64] not in sealed


def test_another_key_is_told_from_damage(holder: KeyPair) -> None:
    """Another organisation's backup, or other words, is what it is called."""
    with pytest.raises(OperatorError, match="another recovery key"):
        opened(sealed_to(holder), pair_of(random(32)))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda whole: whole[:-1], "altered|cut short"),
        (lambda whole: whole[: HEADER_BYTES + 4 + 65536 + 17], "cut short"),
        (lambda whole: whole[: HEADER_BYTES - 1], "not a backup"),
        (lambda whole: whole[:0], "not a backup"),
        (lambda whole: b"PK" + whole[2:], "not a backup"),
        (lambda whole: whole[:60] + bytes([whole[60] ^ 1]) + whole[61:], "altered"),
        (lambda whole: whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "altered"),
        (lambda whole: whole + b"more", "altered"),
    ],
)
def test_a_damaged_backup_is_refused(holder: KeyPair, damage: Callable[[bytes], bytes], told: str) -> None:
    """Cut short anywhere, one bit turned, or something else altogether."""
    with pytest.raises(OperatorError, match=told):
        opened(damage(sealed_to(holder)), holder)


def test_who_made_it_can_open_what_was_just_written(holder: KeyPair) -> None:
    """The weekly test reads the file back with the key that is still in memory; any other file is refused."""
    sealer = StreamBackupSealer(Recipient("recovery", holder.public_key))
    sealed = sealer.header() + sealer.feed(CLEAR) + sealer.finish()

    assert b"".join(sealer.reopened([sealed])) == CLEAR
    with pytest.raises(OperatorError, match="as it was written"):
        sealer.reopened([sealed_to(holder)])


def test_backups_are_sealed_to_recovery_and_before_init_to_the_provisional_key() -> None:
    """Never to the organisation, whose wrapped secret lies inside."""
    ids = ("provisional", "organisation", "recovery")
    everybody = [Recipient(name, bytes(32)) for name in ids]
    chosen = [backup_recipient(everybody[:count]) for count in range(4)]

    assert [one and one.id for one in chosen] == [None, "provisional", "provisional", "recovery"]
    assert backup_recipient(everybody[1:2]) is None
