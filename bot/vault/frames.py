"""Frames of a sealed stream: each after its length, bound to its place by order, the last marked as the last.

What frames have in common whether they hold a person's file or a backup of everything; the key comes from the header.
"""

from collections.abc import Iterator

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
)
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_FINAL as FINAL
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as MESSAGE

from bot.vault.formats import CHUNK_BYTES, FRAME_BYTES, FRAME_LENGTH_BYTES


class FrameSealer:
    """Seal chunks into frames; `begin` is the secretstream header that goes before the first."""

    def __init__(self, key: bytes, bound: bytes) -> None:
        self._state = crypto_secretstream_xchacha20poly1305_state()
        self.begin = crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._bound: bytes | None = bound
        self._ended = False

    def push(self, chunk: bytes, *, last: bool) -> bytes:
        """Seal one chunk of at most 64 KiB into one frame; raises ValueError after the last, or on a longer chunk."""
        if self._ended:
            raise ValueError("a sealed file has ended: nothing can be pushed after its last chunk")
        if len(chunk) > CHUNK_BYTES:
            raise ValueError(f"a chunk of {len(chunk)} bytes is longer than a frame holds ({CHUNK_BYTES})")
        tag = FINAL if last else MESSAGE
        frame = crypto_secretstream_xchacha20poly1305_push(self._state, chunk, self._bound, tag)
        self._bound, self._ended = None, last
        return len(frame).to_bytes(FRAME_LENGTH_BYTES) + frame


class FrameOpener:
    """Open frames as their bytes arrive, in pieces of any size; nothing is sure before `ended`.

    Raises CryptoError or ValueError at the first that is altered, out of order or after the last.
    """

    def __init__(self, key: bytes, begin: bytes, bound: bytes) -> None:
        self._state = crypto_secretstream_xchacha20poly1305_state()
        crypto_secretstream_xchacha20poly1305_init_pull(self._state, begin, key)
        self._bound: bytes | None = bound
        self._waiting = bytearray()
        self.ended = False

    def feed(self, sealed: bytes) -> bytes:
        """Take the next sealed bytes and give what they complete."""
        self._waiting += sealed
        return b"".join(self._clear())

    def _clear(self) -> Iterator[bytes]:
        while (frame := self._next()) is not None:
            clear, tag = crypto_secretstream_xchacha20poly1305_pull(self._state, frame, self._bound)
            self._bound, self.ended = None, tag == FINAL
            yield clear

    def _next(self) -> bytes | None:
        if self.ended and self._waiting:
            raise ValueError("bytes after the last frame")
        if len(self._waiting) < FRAME_LENGTH_BYTES:
            return None
        size = int.from_bytes(self._waiting[:FRAME_LENGTH_BYTES])
        # Checked before waiting for the bytes: a forged length must not make the reader gather gigabytes.
        if not crypto_secretstream_xchacha20poly1305_ABYTES <= size <= FRAME_BYTES:
            raise ValueError("impossible frame length")
        end = FRAME_LENGTH_BYTES + size
        if len(self._waiting) < end:
            return None
        frame = bytes(self._waiting[FRAME_LENGTH_BYTES:end])
        del self._waiting[:end]
        return frame
