"""The bytes that every sealed thing is made of: marks, sizes, associated data, padding and key derivation.

A format is never changed in place: a new one gets a new mark, and the old one stays readable.
Every number of more than one byte is big-endian.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_box_SEALBYTES,
    crypto_box_SECRETKEYBYTES,
    crypto_scalarmult_base,
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
)

RECORD_MARK = b"hlr1"
FILE_MARK = b"hlf1"
CLOSED_MARK = b"hld1"
WRAPPED_MARK = b"hlk1"
KEPT_MARK = b"hls1"
BACKUP_MARK = b"hlb1"

KEY_BYTES = crypto_box_SECRETKEYBYTES
WRAP_BYTES = crypto_box_SEALBYTES + KEY_BYTES
NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
STREAM_HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES
# 64 KiB a frame: 20 MiB are 320 calls, and neither side ever holds more than a frame and what it was handed.
CHUNK_BYTES = 64 * 1024
FRAME_BYTES = CHUNK_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES
# A frame goes after its length, so that a sealer may push what the network hands it without gathering full frames.
FRAME_LENGTH_BYTES = 4

SMALLEST_BUCKET = 256
_PAD_MARK = b"\x80"
_BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An X25519 key pair; its secret never shows in a repr."""

    public_key: bytes
    secret_key: bytes = field(repr=False)


def pair_of(secret_key: bytes) -> KeyPair:
    """Give the key pair of a 32-byte X25519 secret."""
    return KeyPair(crypto_scalarmult_base(secret_key), secret_key)


def derive(key: bytes, purpose: str, data: bytes = b"", *, size: int = KEY_BYTES) -> bytes:
    """Derive bytes from a key by BLAKE2b, personalised by purpose (at most 16 ASCII characters).

    The standard library's is the same function as libsodium's and a tenth of its cost: every update asks for two.
    """
    return blake2b(data, digest_size=size, key=key, person=purpose.encode("ascii")).digest()


def associated(mark: bytes, *parts: str) -> bytes:
    """Join a mark and the parts bound to a sealed thing by ``|``; raises ValueError if a part holds one itself."""
    if any(_BETWEEN in part for part in parts):
        raise ValueError(f"a part bound to a sealed {mark.decode()} holds {_BETWEEN!r}: two places would be as one")
    return _BETWEEN.join((mark.decode(), *parts)).encode()


def canonical(body: Mapping[str, object]) -> bytes:
    """Write a body as canonical JSON: UTF-8, sorted keys, no spaces; half a surrogate pair is kept, not refused."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def pad(clear: bytes) -> bytes:
    """Pad by ISO 7816-4 to the next bucket of 256·2^k bytes, so that a sealed length tells next to nothing."""
    bucket = SMALLEST_BUCKET
    while bucket <= len(clear):
        bucket *= 2
    return (clear + _PAD_MARK).ljust(bucket, b"\0")


def unpad(padded: bytes) -> bytes:
    """Take the padding off; raises ValueError if there is none."""
    clear = padded.rstrip(b"\0")
    if not clear.endswith(_PAD_MARK):
        raise ValueError("a sealed record has no padding mark")
    return clear[: -len(_PAD_MARK)]
