"""The ports of opening: what the console and the key commands may ask of crypto, and the running bot never does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bot.service.vaulting import Recipient


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A recipient's public key, and its secret as the database keeps it: wrapped by a password."""

    public_key: bytes
    # Not in the repr: whoever finds it in a log can guess at the password at leisure.
    wrapped: bytes = field(repr=False)


class OpenCase(Protocol):
    """One case whose secret is at hand: reads what was sealed to it, and lets another read it too."""

    def record(self, sealed: bytes, *, case: str, record: str, kind: str) -> dict[str, object]:
        """Open one record; raises OperatorError unless it is whole and of this case, record and kind."""

    def file(self, sealed: Iterable[bytes], *, case: str, record: str) -> Iterator[bytes]:
        """Open one file from pieces of any size; nothing it gave is sure before it ends without OperatorError."""

    def grant(self, recipient: Recipient) -> bytes:
        """Seal the case's secret to another recipient: a wrap; raises OperatorError if its public key is unusable."""


class Keyring(Protocol):
    """Make and unlock recipients' keys.

    `make`, `unlock`, `rewrap` and `pin_key` take about half a second and 256 MiB: they block, so call them in a thread.
    However many call, one works at a time.
    """

    def make(self, recipient: str, password: str) -> WrappedKey:
        """Make a key pair for the recipient of this id; raises OperatorError for a password under 15 characters."""

    def unlock(self, recipient: str, key: WrappedKey, password: str) -> bytes:
        """Give the secret; raises OperatorError if the password is wrong, or the key altered or another's."""

    def rewrap(self, recipient: str, secret: bytes, password: str) -> WrappedKey:
        """Wrap an unlocked secret by a new password: a key whose public half is the same; raises OperatorError."""

    def keep(self, secret: bytes, session_key: bytes) -> bytes:
        """Encrypt an unlocked secret under the 32-byte key of one session, which only its cookie holds."""

    def again(self, kept: bytes, session_key: bytes) -> bytes:
        """Give back what `keep` encrypted; raises OperatorError with the key of another session."""

    def pin_recipe(self) -> bytes:
        """Make what a PIN is worked with: salt, and what it costs."""

    def pin_key(self, digits: str, recipe: bytes) -> bytes:
        """Make a 32-byte key of a PIN; raises OperatorError if the recipe was altered."""

    def open_case(self, wrap: bytes, secret: bytes) -> OpenCase:
        """Open a case by the wrap of the recipient whose secret this is; raises OperatorError with any other."""
