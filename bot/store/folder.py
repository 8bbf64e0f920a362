"""The folder of the database: made private, locked against a second instance, refused where it cannot be trusted."""

import fcntl
import os
import shutil
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.core.errors import OperatorError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077

# Gone at the next boot, or without the locks and orderly writes that a database needs.
_FORGETFUL = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"})
MOUNTS = Path("/proc/self/mounts")
"""Where Linux tells what is mounted."""


class LockedError(OperatorError):
    """Another process serves this database; its command socket lies beside the lock."""


class InstanceLock:
    """Hold a file lock for as long as the database is open; the system drops it when the process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Take the lock; raises LockedError if another process has it, OperatorError if the folder is not ours."""
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        except OSError as refused:
            raise _unusable(self.path, refused) from refused
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            os.close(handle)
            raise LockedError(
                f"{self.path} is locked: a helpline is running on this database already; stop it first"
            ) from held
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop the lock; the file stays, because removing it would let two processes lock two files of one name."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner can enter, unless it is there; raises OperatorError."""
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as refused:
        raise _unusable(path, refused) from refused


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner can read, or check the one that is there.

    SQLite gives its journals the same mode. Raises OperatorError if others can read it, or it cannot be written.
    """
    try:
        # Mode 0600 whatever the umask: at its creation no other process has it open.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))
        path.chmod(FILE_MODE)
    except FileExistsError:
        _refuse_open(path)
    except OSError as refused:
        raise _unusable(path, refused) from refused


def free_bytes(path: Path) -> int:
    """Tell the free space of the disk a folder lies on; raises OSError."""
    return shutil.disk_usage(path).free


def risky_filesystem(path: Path) -> str | None:
    """Say what is dangerous about the file system a path lies on; None if nothing is known against it."""
    kind = _filesystem(path)
    if kind in _FORGETFUL:
        return f"{path} lies in memory ({kind}): every case is gone at the next boot; set HELPLINE_DATA to a disk"
    if kind in _REMOTE:
        return f"{path} lies on another machine ({kind}): SQLite can be corrupted there; set HELPLINE_DATA to a disk"
    return None


def _filesystem(path: Path) -> str | None:
    """Give the kind of the file system with the longest mount point above the path; None where mounts are not told."""
    if not MOUNTS.exists():
        return None
    kinds = {}
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, kind, *_ = line.split(" ")
        kinds[Path(point.replace("\\040", " "))] = kind
    real = path.resolve()
    return next((kinds[place] for place in (real, *real.parents) if place in kinds), None)


def _refuse_open(path: Path) -> None:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OperatorError(f"database {path} is not a plain file: set HELPLINE_DATABASE to one")
    if mode & _OTHERS:
        raise OperatorError(
            f"database {path} is open to others (mode {stat.S_IMODE(mode):04o}): run `chmod 600 {path}`; "
            "if strangers have accounts on this machine, treat what was in clear in it as known"
        )
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as refused:
        raise _unusable(path, refused) from refused


def _unusable(path: Path, refused: OSError) -> OperatorError:
    return OperatorError(
        f"{path} cannot be written ({refused.strerror}): run as the user who owns it, "
        "or set HELPLINE_DATA to a folder of that user"
    )
