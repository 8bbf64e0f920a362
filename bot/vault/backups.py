"""Seals a backup as one stream to whoever may open it: the offline recovery key, before `init` the provisional one.

    backup   "hlb1" | recipient's public key 32 | seal(key, recipient) 80 | secretstream header 24 | frames;
             the first is bound to mark and public key, the last carries the final tag

The public key in the header lets a restore say "another organisation's" instead of "damaged".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nacl.bindings import crypto_box_seal_open
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import PROVISIONAL, RECOVERY, BackupSealer, Recipient
from bot.vault.formats import BACKUP_MARK, CHUNK_BYTES, KEY_BYTES, STREAM_HEADER_BYTES, WRAP_BYTES, KeyPair, associated
from bot.vault.frames import FrameOpener, FrameSealer
from bot.vault.sealing import seal_to

HEADER_BYTES = len(BACKUP_MARK) + KEY_BYTES + WRAP_BYTES + STREAM_HEADER_BYTES


def backup_recipient(recipients: Iterable[Recipient]) -> Recipient | None:
    """Choose to whom backups are sealed: recovery, before `init` the provisional recipient; None if there is neither.

    Never the organisation: its passphrase is typed on the server, and its wrapped secret lies inside the backup.
    """
    known = {one.id: one for one in recipients}
    return known.get(RECOVERY) or known.get(PROVISIONAL)


class StreamBackupSealer(BackupSealer):
    """Seal one backup; holds its stream key for as long as it lives, so that what was written can be tested."""

    def __init__(self, recipient: Recipient) -> None:
        """Begin a backup; raises OperatorError if the recipient's public key is unusable."""
        self._key = random(KEY_BYTES)
        self._bound = _bound(recipient.public_key)
        self._frames = FrameSealer(self._key, self._bound)
        self._header = BACKUP_MARK + recipient.public_key + seal_to(recipient, self._key) + self._frames.begin
        self._waiting = bytearray()

    def header(self) -> bytes:
        """Give the bytes that come before the first frame."""
        return self._header

    def feed(self, clear: bytes) -> bytes:
        """Take the next bytes, of any number, and give the frames they fill."""
        self._waiting += clear
        frames = []
        # The last chunk carries the final tag, so one is always held back.
        while len(self._waiting) > CHUNK_BYTES:
            frames.append(self._frames.push(bytes(self._waiting[:CHUNK_BYTES]), last=False))
            del self._waiting[:CHUNK_BYTES]
        return b"".join(frames)

    def finish(self) -> bytes:
        """Give the last frame."""
        return self._frames.push(bytes(self._waiting), last=True)

    def reopened(self, sealed: Iterable[bytes]) -> Iterator[bytes]:
        """Open what was sealed here, as it was read back from the disk; raises OperatorError if it is not that."""
        head, rest = read_header(sealed)
        if head.whole != self._header:
            raise OperatorError("the backup does not begin as it was written: look at the disk it lies on")
        return _opened(FrameOpener(self._key, head.begin, self._bound), rest)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the first frame of a backup."""

    public_key: bytes
    wrap: bytes
    begin: bytes

    @property
    def whole(self) -> bytes:
        """Give it as it is written."""
        return BACKUP_MARK + self.public_key + self.wrap + self.begin


def read_header(sealed: Iterable[bytes]) -> tuple[Header, Iterator[bytes]]:
    """Take a backup's header off its bytes; gives the rest too. Raises OperatorError if it is no backup."""
    pieces = iter(sealed)
    head = b""
    while len(head) < HEADER_BYTES and (piece := next(pieces, None)) is not None:
        head += piece
    if not head.startswith(BACKUP_MARK) or len(head) < HEADER_BYTES:
        raise OperatorError("this is not a backup of a helpline, or only its beginning: choose another file")
    at = len(BACKUP_MARK)
    key, wrap = head[at : at + KEY_BYTES], head[at + KEY_BYTES : at + KEY_BYTES + WRAP_BYTES]
    header = Header(key, wrap, head[at + KEY_BYTES + WRAP_BYTES : HEADER_BYTES])
    return header, _after(head[HEADER_BYTES:], pieces)


def open_backup(header: Header, rest: Iterable[bytes], pair: KeyPair) -> Iterator[bytes]:
    """Open a backup with the secret of its recipient; nothing is sure before the iterator ends.

    Raises OperatorError if it was sealed to another key, altered, or cut short.
    """
    if pair.public_key != header.public_key:
        raise OperatorError(
            "this backup was sealed to another recovery key: it is another organisation's, or these are other words"
        )
    try:
        key = crypto_box_seal_open(header.wrap, pair.public_key, pair.secret_key)
    except CryptoError as closed:
        raise _altered() from closed
    return _opened(FrameOpener(key, header.begin, _bound(header.public_key)), rest)


def _opened(frames: FrameOpener, sealed: Iterable[bytes]) -> Iterator[bytes]:
    try:
        for piece in sealed:
            if clear := frames.feed(piece):
                yield clear
    except (CryptoError, ValueError) as closed:
        raise _altered() from closed
    if not frames.ended:
        raise OperatorError("the backup was cut short: its end is missing; take another one")


def _after(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _altered() -> OperatorError:
    return OperatorError("the backup was altered or damaged: take another one")


def _bound(public_key: bytes) -> bytes:
    return associated(BACKUP_MARK, public_key.hex())
