"""Keys of people and of the organisation: X25519 pairs whose secrets are wrapped by a password.

recipe   passes 1 | MiB 2 | salt 16: how a key is made of a password or a PIN
wrapped  "hlk1" | recipe | nonce 24 | XChaCha20-Poly1305(Argon2id(password), secret),
bound to mark, recipient's id and public key in hex
kept     "hls1" | nonce 24 | XChaCha20-Poly1305(session key, secret), bound to the mark: while somebody is logged in
"""

from threading import Lock

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
from bot.service.unlocking import Keyring, WrappedKey
from bot.vault.formats import KEPT_MARK, KEY_BYTES, NONCE_BYTES, WRAPPED_MARK, associated, pair_of
from bot.vault.opening import CaseOpener, open_case_secret
from bot.vault.passphrases import KdfCost, check_passphrase, stretch

_OPS_AT = len(WRAPPED_MARK)
RECIPE_BYTES = 1 + 2 + crypto_pwhash_SALTBYTES
_NONCE_AT = _OPS_AT + RECIPE_BYTES
_SEALED_AT = _NONCE_AT + NONCE_BYTES
WRAPPED_BYTES = _SEALED_AT + KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES
_KEPT_AT = len(KEPT_MARK) + NONCE_BYTES


class PasswordKeyring(Keyring):
    """Wrap new keys at one cost, and unlock old ones at the cost they carry."""

    def __init__(self, cost: KdfCost) -> None:
        self._cost = cost
        # One guess needs 256 MiB: a crowd at the login must not take the memory people are served with.
        self._one_at_a_time = Lock()

    def make(self, recipient: str, password: str) -> WrappedKey:
        """Make a key pair; raises OperatorError under 15 characters, MachineError without enough memory."""
        _, secret = crypto_box_keypair()
        return self.rewrap(recipient, secret, password)

    def rewrap(self, recipient: str, secret: bytes, password: str) -> WrappedKey:
        """Wrap a secret; raises OperatorError under 15 characters, MachineError without enough memory."""
        check_passphrase(password)
        public_key, salt, nonce = pair_of(secret).public_key, random(crypto_pwhash_SALTBYTES), random(NONCE_BYTES)
        key = self._stretch(password, salt, self._cost)
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(secret, _bound(recipient, public_key), nonce, key)
        return WrappedKey(public_key, WRAPPED_MARK + _recipe(self._cost, salt) + nonce + sealed)

    def unlock(self, recipient: str, key: WrappedKey, password: str) -> bytes:
        """Open a wrapped secret, at the cost it was wrapped with.

        Raises OperatorError if the password is another or the wrapped key was altered, MachineError without memory.
        """
        wrapped = key.wrapped
        if len(wrapped) != WRAPPED_BYTES or not wrapped.startswith(WRAPPED_MARK):
            raise OperatorError("the wrapped key was altered: restore the database from a backup")
        stretched = self._by(wrapped[_OPS_AT:_NONCE_AT], password)
        bound = _bound(recipient, key.public_key)
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(
                wrapped[_SEALED_AT:], bound, wrapped[_NONCE_AT:_SEALED_AT], stretched
            )
        except CryptoError as closed:
            raise OperatorError(
                "this password or passphrase does not open the key: try again; if it is lost, the recovery words help"
            ) from closed

    def keep(self, secret: bytes, session_key: bytes) -> bytes:
        """Encrypt an unlocked secret for one session."""
        nonce = random(NONCE_BYTES)
        return KEPT_MARK + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(secret, KEPT_MARK, nonce, session_key)

    def again(self, kept: bytes, session_key: bytes) -> bytes:
        """Open what `keep` encrypted; raises OperatorError with the key of another session."""
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(
                kept[_KEPT_AT:], kept[: len(KEPT_MARK)], kept[len(KEPT_MARK) : _KEPT_AT], session_key
            )
        except (CryptoError, ValueError) as closed:
            raise OperatorError("the key of this session does not open what was kept: log in again") from closed

    def open_case(self, wrap: bytes, secret: bytes) -> CaseOpener:
        """Open a case by one of its wraps; raises OperatorError if it was sealed to another key."""
        return CaseOpener(open_case_secret(wrap, secret))

    def pin_recipe(self) -> bytes:
        """Make a recipe at this cost."""
        return _recipe(self._cost, random(crypto_pwhash_SALTBYTES))

    def pin_key(self, digits: str, recipe: bytes) -> bytes:
        """Make a key of a PIN; raises OperatorError for an altered recipe, MachineError without enough memory."""
        if len(recipe) != RECIPE_BYTES:
            raise OperatorError("what is kept of the PIN was altered: restore the database from a backup")
        return self._by(recipe, digits)

    def _by(self, recipe: bytes, password: str) -> bytes:
        cost = KdfCost(ops=recipe[0], memory_mib=int.from_bytes(recipe[1:3]))
        return self._stretch(password, recipe[3:], cost)

    def _stretch(self, password: str, salt: bytes, cost: KdfCost) -> bytes:
        with self._one_at_a_time:
            return stretch(password, salt, cost)


def _bound(recipient: str, public_key: bytes) -> bytes:
    return associated(WRAPPED_MARK, recipient, public_key.hex())


def _recipe(cost: KdfCost, salt: bytes) -> bytes:
    return cost.ops.to_bytes(1) + cost.memory_mib.to_bytes(2) + salt
