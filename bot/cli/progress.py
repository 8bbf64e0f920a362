"""A progress bar on the screen, for what takes longer than a second; nothing in a log, a pipe or a test."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

PATIENCE = 1.0


class Bar:
    """Count bytes against what is expected."""

    def __init__(self, what: str, expected: int) -> None:
        """Say what is done and how many bytes it will be, as good as can be guessed."""
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(what, total=max(expected, 1))
        self._begun = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        """Begin to count."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._shown:
            self._progress.stop()

    def advance(self, count: int) -> None:
        """Count bytes; the bar appears once it has taken a second."""
        self._progress.update(self._task, advance=count)
        if not self._shown and time.monotonic() - self._begun > PATIENCE and self._progress.console.is_terminal:
            self._progress.start()
            self._shown = True
