"""Seals cases under public keys: the only part of the vault, with the server key, that the running bot needs.

A case is an X25519 key pair. Its secret is sealed to each recipient and dropped (Python cannot wipe memory: the
promise is about the disk). Every record and file has a key of its own, sealed to the case's public key:

    record   "hlr1" | seal(key, case) 80 | nonce 24 | XChaCha20-Poly1305(key, padded JSON), bound to case, record, kind
    file     "hlf1" | seal(key, case) 80 | secretstream header 24 | frames, each after its length in 4 bytes;
             the first is bound to case and record, the last carries the final tag

A public key proves no author: whoever can write to the store can add records, but can read or alter none.
"""

from collections.abc import Mapping, Sequence

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_box_seal,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import CaseKeys, FileSealer, Recipient, Sealer
from bot.vault.formats import (
    FILE_MARK,
    KEY_BYTES,
    NONCE_BYTES,
    RECORD_MARK,
    associated,
    canonical,
    pad,
)
from bot.vault.frames import FrameSealer


def seal_to(recipient: Recipient, secret: bytes) -> bytes:
    """Seal a 32-byte secret to a recipient, giving 80 bytes; raises OperatorError if its public key is unusable."""
    try:
        return crypto_box_seal(secret, recipient.public_key)
    except CryptoError as unusable:
        raise OperatorError(
            f"nothing can be sealed to recipient {recipient.id!r}: its public key is damaged; "
            "restore the database from a backup"
        ) from unusable


def check_recipient(recipient: Recipient) -> None:
    """Refuse a recipient to whom nothing can be sealed, so that a start fails, not an intake; raises OperatorError."""
    seal_to(recipient, bytes(KEY_BYTES))


class CaseSealer(Sealer):
    """Seal what people send to cases; holds no key and can open nothing."""

    def new_case(self, recipients: Sequence[Recipient]) -> CaseKeys:
        """Make a case's key pair, seal its secret to each recipient, and drop it.

        Raises OperatorError when there is no recipient (the case could never be opened) or one's key is damaged.
        """
        if not recipients:
            raise OperatorError("a case cannot be sealed: it has no recipient; run `./helpline init`")
        public_key, secret = crypto_box_keypair()
        return CaseKeys(public_key, tuple((each.id, seal_to(each, secret)) for each in recipients))

    def record(self, public_key: bytes, body: Mapping[str, object], *, case: str, record: str, kind: str) -> bytes:
        """Seal one record of JSON values; the order of its keys is not kept.

        Raises ValueError if case, record or kind holds ``|``.
        """
        key, nonce = random(KEY_BYTES), random(NONCE_BYTES)
        bound = associated(RECORD_MARK, case, record, kind)
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(pad(canonical(body)), bound, nonce, key)
        return RECORD_MARK + crypto_box_seal(key, public_key) + nonce + sealed

    def file(self, public_key: bytes, *, case: str, record: str) -> FileSealer:
        """Begin sealing one file; raises ValueError if case or record holds ``|``."""
        return StreamSealer(public_key, associated(FILE_MARK, case, record))


class StreamSealer(FileSealer):
    """Seal one file frame by frame; an empty file is its header and one empty last frame."""

    def __init__(self, public_key: bytes, bound: bytes) -> None:
        key = random(KEY_BYTES)
        self._frames = FrameSealer(key, bound)
        self._header = FILE_MARK + crypto_box_seal(key, public_key) + self._frames.begin

    def header(self) -> bytes:
        """Give the bytes that come before the first frame; the same at every call."""
        return self._header

    def push(self, chunk: bytes, *, last: bool) -> bytes:
        """Seal one chunk of at most 64 KiB into one frame; raises ValueError after the last, or on a longer chunk."""
        return self._frames.push(chunk, last=last)
