"""The server key: closes and opens what the bot itself must read, and indexes what it must find again.

    closed   "hld1" | key id 1 | nonce 24 | XChaCha20-Poly1305(subkey, clear), bound to mark, key id and place

It guards a stolen database or backup, not a stolen server: the key lies beside them only on the running host.
The key id is derived from the key, so that "another key" and "another place" can be told apart; it needs no register.
"""

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import Cipher
from bot.vault.formats import CLOSED_MARK, KEY_BYTES, NONCE_BYTES, derive
from bot.vault.key_files import KeyFolder

SERVER_KEY = "server.key"
# 128 bits: two of 1.2 million chats share an index with a chance below 1 in 10^26.
INDEX_BYTES = 16
_KIND_LENGTH_BYTES = 2


class ServerCipher(Cipher):
    """Close, open and index with subkeys of the server key; the key itself is not kept."""

    def __init__(self, key: bytes) -> None:
        self._closing = derive(key, "hl/closed")
        self._indexing = derive(key, "hl/index")
        self._check = derive(key, "hl/check", size=INDEX_BYTES).hex()
        self._prefix = CLOSED_MARK + derive(key, "hl/id", size=16)[:1]

    def close(self, place: str, clear: bytes) -> bytes:
        """Encrypt, bound to its place (table, column and row)."""
        nonce = random(NONCE_BYTES)
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(clear, self._bound(place), nonce, self._closing)
        return self._prefix + nonce + sealed

    def open(self, place: str, closed: bytes) -> bytes:
        """Decrypt; raises OperatorError if the key or the place is another, or the bytes were altered."""
        start = len(self._prefix) + NONCE_BYTES
        if len(closed) < start + crypto_aead_xchacha20poly1305_ietf_ABYTES or not closed.startswith(CLOSED_MARK):
            raise OperatorError(f"{place} is not a closed value: it was altered; restore the database from a backup")
        if not closed.startswith(self._prefix):
            raise OperatorError(f"{place} was closed with another server key: put this database's {SERVER_KEY} back")
        nonce = closed[len(self._prefix) : start]
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(closed[start:], self._bound(place), nonce, self._closing)
        except CryptoError as refused:
            raise OperatorError(
                f"{place} does not open: it was altered or moved there from another place; "
                "restore the database from a backup"
            ) from refused

    def index(self, kind: str, value: str) -> str:
        """Give the keyed 32-digit hex index of a value; the same value of another kind has another index."""
        # Kind goes first with its length, so no kind and value can run into another pair; BLAKE2b's own
        # personalisation would do the same for kinds of up to 16 bytes only.
        named = kind.encode()
        data = len(named).to_bytes(_KIND_LENGTH_BYTES) + named + value.encode("utf-8", "surrogatepass")
        return derive(self._indexing, "hl/index", data, size=INDEX_BYTES).hex()

    def key_check(self) -> str:
        """Give the 32 hex digits that a store keeps to know its server key again; they do not reveal it."""
        return self._check

    def _bound(self, place: str) -> bytes:
        return self._prefix + b"|" + place.encode()


def create_server_key(folder: KeyFolder) -> ServerCipher:
    """Make a new server key, only ever for an empty store; raises OperatorError if there is one already."""
    key = random(KEY_BYTES)
    folder.create(SERVER_KEY, key)
    return ServerCipher(key)


def load_server_key(folder: KeyFolder, *, key_check: str | None) -> ServerCipher:
    """Load the server key that belongs to a store.

    key_check is what the store kept of its key; None only for a store that has kept nothing yet.
    Raises OperatorError if the key is missing, open to others, damaged, or not the one of this store.
    """
    cipher = ServerCipher(folder.load(SERVER_KEY, size=KEY_BYTES))
    if key_check is not None and key_check != cipher.key_check():
        raise OperatorError(
            f"key file {folder.path / SERVER_KEY} is not the key of this database: "
            "put the one it was made with back; a new key opens nothing of it"
        )
    return cipher
