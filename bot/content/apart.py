"""Reads the content in a process of its own, and takes over nothing but the result.

Reading needs the calendars of the whole world, parsers, and what they leave behind: 20 MB that a process which then
serves for months would hold for nothing. It goes on while this process does something else.
"""

import pickle
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bot.core.content import Content
from bot.core.errors import AuthorError, MachineError

_HOUSE = Path(__file__).resolve().parents[2]


class Reading:
    """Content that is being read: begun when this is made, there once it is `done`."""

    def __init__(self, root: Path, *, today: date) -> None:
        """Begin to read the content of `root` as of a day, as `loading.load` does."""
        # A pipe would hold the reader up until somebody listens.
        self._found = tempfile.TemporaryFile()  # noqa: SIM115 - open until `result` has read it
        self._process = subprocess.Popen(  # noqa: S603 - this very program, and no word of a person's
            (sys.executable, "-m", "bot.content", str(root), today.isoformat()),
            cwd=_HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=self._found,
        )

    @property
    def done(self) -> bool:
        """Say whether `result` has nothing to wait for."""
        return self._process.poll() is not None

    def result(self) -> Content:
        """Wait for the content and give it, once.

        Raises: AuthorError, one line for each fault; MachineError if the process that reads was ended.
        """
        ended = self._process.wait()
        with self._found as found:
            found.seek(0)
            # Nobody else can write to this file: it has no name.
            result: object = pickle.load(found) if ended == 0 else None  # noqa: S301 - written by our own process
        if isinstance(result, AuthorError):
            raise result
        if not isinstance(result, Content):
            raise MachineError(f"The process that reads the content ended with {ended}: look at memory, and try again.")
        return result
