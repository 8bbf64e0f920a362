"""Opens cases: for `init`, `case` and the console of a logged-in operator. The running bot never imports this.

A recipient's secret opens a case's secret, and that opens the case's records and files. What was cut short, altered,
reordered or moved from another case is refused with an OperatorError that names the place and never a word of it.
"""

import json
from collections.abc import Iterable, Iterator

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_box_seal_open,
)
from nacl.exceptions import CryptoError

from bot.core.errors import OperatorError
from bot.service.unlocking import OpenCase
from bot.service.vaulting import Recipient
from bot.vault.formats import (
    FILE_MARK,
    NONCE_BYTES,
    RECORD_MARK,
    STREAM_HEADER_BYTES,
    WRAP_BYTES,
    KeyPair,
    associated,
    pair_of,
    unpad,
)
from bot.vault.frames import FrameOpener
from bot.vault.key_files import KeyFolder
from bot.vault.provisional import read_provisional
from bot.vault.sealing import seal_to

_DAMAGED = "it was altered, or belongs to another case; restore it from a backup"


def open_case_secret(wrap: bytes, secret_key: bytes) -> bytes:
    """Open a case's secret with the secret of a recipient it was sealed to; raises OperatorError with any other."""
    try:
        return _unseal(wrap, pair_of(secret_key))
    except CryptoError as closed:
        raise OperatorError(
            "the case does not open with this key: it was sealed to another recipient, or its wrap was altered; "
            "use the key of a recipient of the case"
        ) from closed


def provisional_secret(folder: KeyFolder) -> bytes:
    """Read the provisional recipient's secret; raises OperatorError when it is missing, destroyed or damaged."""
    return read_provisional(folder).secret_key


class CaseOpener(OpenCase):
    """Open the records and files of one case with that case's own secret."""

    def __init__(self, case_secret: bytes) -> None:
        self._pair = pair_of(case_secret)

    def record(self, sealed: bytes, *, case: str, record: str, kind: str) -> dict[str, object]:
        """Open one record; raises OperatorError unless it is whole and of this case, record and kind."""
        try:
            wrap, nonce, body = _record_parts(sealed)
            key = _unseal(wrap, self._pair)
            bound = associated(RECORD_MARK, case, record, kind)
            clear = json.loads(unpad(crypto_aead_xchacha20poly1305_ietf_decrypt(body, bound, nonce, key)))
        except (CryptoError, ValueError, RecursionError) as closed:
            raise OperatorError(f"record {record} ({kind}) of case {case} does not open: {_DAMAGED}") from closed
        if not isinstance(clear, dict):
            raise OperatorError(f"record {record} ({kind}) of case {case} holds no fields: {_DAMAGED}")
        return clear

    def stream(self, *, case: str, record: str) -> "StreamOpener":
        """Begin opening one file that arrives in pieces."""
        return StreamOpener(self._pair, case=case, record=record)

    def file(self, sealed: Iterable[bytes], *, case: str, record: str) -> Iterator[bytes]:
        """Open one file from pieces of any size, in bounded memory.

        Pieces come out before the end was seen: keep them under a temporary name until the iterator ends.
        Raises OperatorError at the first piece that is altered or out of order, or at the end if that is missing.
        """
        opening = self.stream(case=case, record=record)
        for piece in sealed:
            if clear := opening.feed(piece):
                yield clear
        opening.finish()

    def grant(self, recipient: Recipient) -> bytes:
        """Seal the case's secret to another recipient; raises OperatorError if its public key is unusable."""
        return seal_to(recipient, self._pair.secret_key)


class StreamOpener:
    """Open one file as its bytes arrive, in pieces of any size; nothing it gave is sure before `finish`."""

    def __init__(self, pair: KeyPair, *, case: str, record: str) -> None:
        self._pair = pair
        self._name = f"file {record} of case {case}"
        self._bound = associated(FILE_MARK, case, record)
        self._head = bytearray()
        self._frames: FrameOpener | None = None
        self._refused = False

    def feed(self, sealed: bytes) -> bytes:
        """Take the next sealed bytes and give what they complete; raises OperatorError if they are not the next."""
        try:
            return self._clear(sealed)
        except (CryptoError, ValueError) as closed:
            self._refused = True
            raise OperatorError(f"{self._name} does not open: {_DAMAGED}") from closed

    def finish(self) -> None:
        """Confirm that the file was whole; raises OperatorError if it was cut short or refused before."""
        if self._refused:
            raise OperatorError(f"{self._name} does not open: {_DAMAGED}")
        if self._frames is None or not self._frames.ended:
            raise OperatorError(f"{self._name} was cut short: its end is missing; restore it from a backup")

    def _clear(self, sealed: bytes) -> bytes:
        if self._frames is not None:
            return self._frames.feed(sealed)
        self._head += sealed
        size = len(FILE_MARK) + WRAP_BYTES + STREAM_HEADER_BYTES
        if len(self._head) < size:
            return b""
        wrap, begin = _parts(bytes(self._head[:size]), FILE_MARK, WRAP_BYTES)
        self._frames = FrameOpener(_unseal(wrap, self._pair), begin, self._bound)
        return self._frames.feed(bytes(self._head[size:]))


def _record_parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    wrap, rest = _parts(sealed, RECORD_MARK, WRAP_BYTES)
    return wrap, rest[:NONCE_BYTES], rest[NONCE_BYTES:]


def _parts(sealed: bytes, mark: bytes, size: int) -> tuple[bytes, bytes]:
    """Split what follows the mark after its first bytes; raises ValueError if the mark is another."""
    if not sealed.startswith(mark):
        raise ValueError("another format")
    start = len(mark)
    return sealed[start : start + size], sealed[start + size :]


def _unseal(wrap: bytes, pair: KeyPair) -> bytes:
    """Open 80 bytes that hold a 32-byte key; raises CryptoError."""
    if len(wrap) != WRAP_BYTES:
        raise CryptoError("a wrap of another length")
    return crypto_box_seal_open(wrap, pair.public_key, pair.secret_key)
