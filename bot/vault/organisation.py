"""The organisation's key: an X25519 pair whose secret is wrapped by a passphrase and kept in the database.

The wrapped key is "hlk1" | passes 1 | MiB 2 | salt 16 | nonce 24 | XChaCha20-Poly1305(Argon2id(passphrase), secret),
bound to "hlk1|organisation|" and the public key in hex.
"""

from dataclasses import dataclass, field

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_pwhash_SALTBYTES,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.vault.formats import KEY_BYTES, NONCE_BYTES, WRAPPED_MARK, associated
from bot.vault.passphrases import KdfCost, check_passphrase, stretch

ORGANISATION = "organisation"

_OPS_AT = len(WRAPPED_MARK)
_MEMORY_AT = _OPS_AT + 1
_SALT_AT = _MEMORY_AT + 2
_NONCE_AT = _SALT_AT + crypto_pwhash_SALTBYTES
_SEALED_AT = _NONCE_AT + NONCE_BYTES
WRAPPED_BYTES = _SEALED_AT + KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES


@dataclass(frozen=True, slots=True)
class OrganisationKey:
    """The organisation's public key, and its secret as the database keeps it."""

    public_key: bytes
    # Not in the repr: whoever finds it in a log can guess at the passphrase at leisure.
    wrapped: bytes = field(repr=False)


def wrap_organisation_key(passphrase: str, cost: KdfCost) -> OrganisationKey:
    """Make the organisation's key pair and wrap its secret.

    Raises OperatorError for a passphrase of fewer than 15 characters, MachineError without enough memory.
    """
    check_passphrase(passphrase)
    public_key, secret = crypto_box_keypair()
    salt, nonce = random(crypto_pwhash_SALTBYTES), random(NONCE_BYTES)
    key = stretch(passphrase, salt, cost)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(secret, _bound(public_key), nonce, key)
    head = WRAPPED_MARK + cost.ops.to_bytes(1) + cost.memory_mib.to_bytes(2)
    return OrganisationKey(public_key, head + salt + nonce + sealed)


def unwrap_organisation_key(wrapped: bytes, public_key: bytes, passphrase: str) -> bytes:
    """Open the organisation's secret, at the cost it was wrapped with.

    Raises OperatorError if the passphrase is another or the wrapped key was altered, MachineError without memory.
    """
    if len(wrapped) != WRAPPED_BYTES or not wrapped.startswith(WRAPPED_MARK):
        raise OperatorError("the organisation's wrapped key was altered: restore the database from a backup")
    cost = KdfCost(ops=wrapped[_OPS_AT], memory_mib=int.from_bytes(wrapped[_MEMORY_AT:_SALT_AT]))
    key = stretch(passphrase, wrapped[_SALT_AT:_NONCE_AT], cost)
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(
            wrapped[_SEALED_AT:], _bound(public_key), wrapped[_NONCE_AT:_SEALED_AT], key
        )
    except CryptoError as closed:
        raise OperatorError(
            "the passphrase does not open the organisation's key: try again, or use the recovery words"
        ) from closed


def _bound(public_key: bytes) -> bytes:
    return associated(WRAPPED_MARK, ORGANISATION, public_key.hex())
