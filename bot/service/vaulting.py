"""The ports of the vault: what the running helpline may ask of crypto. It can seal; it can never open a case."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

ORGANISATION = "organisation"
RECOVERY = "recovery"
PROVISIONAL = "provisional"
OPERATOR = "operator:"
"""An operator's recipient id is this and the Telegram id."""


def operator_recipient(operator: int) -> str:
    """Give the recipient id of the operator with this Telegram id."""
    return f"{OPERATOR}{operator}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone to whom case secrets are sealed: an operator, the organisation, recovery or the provisional key."""

    id: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """A new case's key pair, its secret already gone: the public key, and the secret sealed to each recipient."""

    public_key: bytes
    wraps: tuple[tuple[str, bytes], ...]


class FileSealer(Protocol):
    """Seal one file as a stream; nothing of it is ever clear on disk."""

    def header(self) -> bytes:
        """Give the bytes that come before the first frame."""

    def push(self, chunk: bytes, *, last: bool) -> bytes:
        """Seal one chunk of at most 64 KiB into one frame."""


class Sealer(Protocol):
    """Seal what people send to cases, under public keys only."""

    def new_case(self, recipients: Sequence[Recipient]) -> CaseKeys:
        """Make a case's key pair, seal its secret to each recipient, and drop it."""

    def record(self, public_key: bytes, body: Mapping[str, object], *, case: str, record: str, kind: str) -> bytes:
        """Seal one record; case, record and kind are bound to it as associated data."""

    def file(self, public_key: bytes, *, case: str, record: str) -> FileSealer:
        """Begin sealing one file."""


class BackupSealer(Protocol):
    """Seal one backup as a stream, and open that one again for as long as this object lives."""

    def header(self) -> bytes:
        """Give the bytes that come before the first frame."""

    def feed(self, clear: bytes) -> bytes:
        """Take the next bytes and give the frames they fill."""

    def finish(self) -> bytes:
        """Give the last frame."""

    def reopened(self, sealed: Iterable[bytes]) -> Iterator[bytes]:
        """Open what was sealed here, as it was read back; raises OperatorError if it is not that."""


class Cipher(Protocol):
    """Close and open what the bot itself must read, with the server key."""

    def close(self, place: str, clear: bytes) -> bytes:
        """Encrypt, bound to its place (table, column and row)."""

    def open(self, place: str, closed: bytes) -> bytes:
        """Decrypt; raises OperatorError if the key or the place is another."""

    def index(self, kind: str, value: str) -> str:
        """Give the keyed index (32 hex digits) of a value: the same for the same value, opaque without the key."""
