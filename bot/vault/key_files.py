"""The folder of key files: made whole or not at all, read only when nobody else can, never made anew unasked."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nacl.utils import random

from bot.core.errors import MachineError, OperatorError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077


class KeyFolder:
    """Keep small secret files in one folder that only its owner can enter."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, name: str) -> bool:
        """Tell whether a key file is there; one that `destroy` had overwritten when the machine stopped is not."""
        target = self.path / name
        with _told(target):
            return target.exists() and not (target.is_file() and _is_wiped(target.read_bytes()))

    def create(self, name: str, secret: bytes) -> None:
        """Write a new key file, durable when this returns; makes the folder if it is missing.

        Raises OperatorError if the file exists or the folder is open to others, MachineError on a sick disk.
        """
        self._make()
        target = self.path / name
        # Written under another name and linked into place: after a crash the key is whole or absent, and a link,
        # unlike a rename, never replaces a key that is there.
        draft = self.path / f".{name}.{random(8).hex()}"
        with _told(target):
            try:
                _write_synced(draft, secret)
                os.link(draft, target)
            except FileExistsError as exists:
                raise OperatorError(
                    f"key file {target} exists and is kept: move it away first if the database is new and empty"
                ) from exists
            finally:
                draft.unlink(missing_ok=True)
            _sync_folder(self.path)

    def load(self, name: str, *, size: int) -> bytes:
        """Read a key file of exactly so many bytes.

        Raises OperatorError if the folder or file is missing or open to others, or the file is short, long or blank.
        """
        target = self.path / name
        with _told(target):
            _refuse_open(self.path, FOLDER_MODE)
            secret = _read_private(target, size + 1)
        if len(secret) != size:
            at_least = "at least " if len(secret) > size else ""
            raise OperatorError(
                f"key file {target} holds {at_least}{len(secret)} bytes instead of {size}: "
                "put the copy you keep of it back"
            )
        if _is_wiped(secret):
            raise OperatorError(f"key file {target} holds only zeros: put the copy you keep of it back")
        return secret

    def destroy(self, name: str) -> None:
        """Overwrite and remove a key file; does nothing if it is gone.

        Overwriting reaches the old bytes on a plain disk; flash and copy-on-write file systems may keep a copy,
        which is why the folder belongs on an encrypted one. Raises OperatorError or MachineError.
        """
        target = self.path / name
        with _told(target):
            if not target.exists():
                return
            with target.open("r+b") as key_file:
                key_file.write(bytes(os.fstat(key_file.fileno()).st_size))
                key_file.flush()
                os.fsync(key_file.fileno())
            target.unlink()
            _sync_folder(self.path)

    def _make(self) -> None:
        with _told(self.path):
            if not self.path.exists():
                self.path.mkdir(mode=FOLDER_MODE, parents=True)
                _sync_folder(self.path.parent)
            # An empty folder has nothing to betray: a mounted volume or a plain `mkdir` is closed, not refused.
            if not any(self.path.iterdir()):
                self.path.chmod(FOLDER_MODE)
            _refuse_open(self.path, FOLDER_MODE)


def _is_wiped(secret: bytes) -> bool:
    return bool(secret) and not any(secret)


def _write_synced(path: Path, secret: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(handle, "wb") as key_file:
        os.fchmod(handle, FILE_MODE)
        key_file.write(secret)
        key_file.flush()
        os.fsync(handle)


def _read_private(path: Path, limit: int) -> bytes:
    """Read a regular file's first bytes; its rights are asked of the opened file, which nobody can swap."""
    # Not blocking: a pipe in the key's place must be refused, not waited for.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(handle).st_mode
        if not stat.S_ISREG(found):
            raise OperatorError(f"key file {path} is not a plain file: put the copy you keep of it there")
        _refuse_mode(path, found, FILE_MODE)
        return os.read(handle, limit)
    finally:
        os.close(handle)


def _refuse_open(path: Path, wanted: int) -> None:
    _refuse_mode(path, path.stat().st_mode, wanted)


def _refuse_mode(path: Path, found: int, wanted: int) -> None:
    if found & _OTHERS:
        raise OperatorError(
            f"{path} is open to others (mode {stat.S_IMODE(found):04o}): run `chmod {wanted:o} {path}`; "
            "if strangers have accounts on this machine, treat its keys as known"
        )


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Translate what the system says about a path into an error that names the remedy."""
    try:
        yield
    except FileNotFoundError as missing:
        raise OperatorError(
            f"key file {path} is missing: put the copy you keep of it back; a new key opens nothing that is stored"
        ) from missing
    except (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError) as refused:
        raise OperatorError(
            f"{path} cannot be used for keys ({refused.strerror}): "
            "run as the user who owns it, or set HELPLINE_KEYS to a folder of that user"
        ) from refused
    except OSError as sick:
        raise MachineError(f"{path} cannot be read or written ({sick.strerror}): look at the disk") from sick
