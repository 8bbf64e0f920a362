"""The content that is being served: read once, and anew when a year begins."""

from pathlib import Path

import structlog

from bot.content.apart import Reading
from bot.core.content import Content
from bot.core.errors import HelplineError
from bot.service.messaging import Clock

log = structlog.get_logger()


class Shelf:
    """The content of this release; read anew when a year begins, for its holidays, and kept if that fails."""

    def __init__(self, root: Path, clock: Clock) -> None:
        """Begin to read the content that lies below a folder; the first call waits for it."""
        self._root = root
        self._clock = clock
        today = clock.now().date()
        self._year = today.year
        self._first = Reading(root, today=today)
        self._next: Reading | None = None
        self._content: Content | None = None

    def __call__(self) -> Content:
        """Give the content; the first time this raises AuthorError or MachineError if it cannot be read."""
        content = self._content or self._first.result()
        today = self._clock.now().date()
        if today.year != self._year:
            self._year, self._next = today.year, Reading(self._root, today=today)
        if self._next is not None and self._next.done:
            content, self._next = self._renewed(self._next, content), None
        self._content = content
        return content

    def _renewed(self, reading: Reading, known: Content) -> Content:
        """Give what was read for the new year; until then, and if it fails, what is known holds its holidays too."""
        try:
            return reading.result()
        except HelplineError as error:
            log.error("content.not_renewed", faults=len(str(error).splitlines()))
            return known
