"""The provisional recipient: who cases are sealed to before `init` has made the organisation's key.

Its file is public key 32 | secret 32, so that a damaged one is noticed before a case is sealed to it.
"""

from nacl.bindings import crypto_box_keypair

from bot.core.errors import OperatorError
from bot.service.vaulting import PROVISIONAL, Recipient
from bot.vault.formats import KEY_BYTES, KeyPair, pair_of
from bot.vault.key_files import KeyFolder

PROVISIONAL_KEY = "provisional.key"


def create_provisional(folder: KeyFolder) -> Recipient:
    """Make the provisional key pair and keep only its public key in memory; raises OperatorError if there is one."""
    public_key, secret = crypto_box_keypair()
    folder.create(PROVISIONAL_KEY, public_key + secret)
    return Recipient(PROVISIONAL, public_key)


def provisional_recipient(folder: KeyFolder) -> Recipient | None:
    """Give the provisional recipient, None when there is none or it was destroyed; raises OperatorError if damaged."""
    if not folder.holds(PROVISIONAL_KEY):
        return None
    return Recipient(PROVISIONAL, read_provisional(folder).public_key)


def destroy_provisional(folder: KeyFolder) -> None:
    """Destroy the provisional key, once every case secret is sealed to others; does nothing if it is gone."""
    folder.destroy(PROVISIONAL_KEY)


def read_provisional(folder: KeyFolder) -> KeyPair:
    """Read the provisional key pair; raises OperatorError if it is missing or its halves do not belong together."""
    halves = folder.load(PROVISIONAL_KEY, size=2 * KEY_BYTES)
    pair = pair_of(halves[KEY_BYTES:])
    if pair.public_key != halves[:KEY_BYTES]:
        raise OperatorError(
            f"key file {folder.path / PROVISIONAL_KEY} is damaged: put the copy you keep of it back; "
            "without it the cases sealed before `./helpline init` stay closed"
        )
    return pair
