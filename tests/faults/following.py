"""Follow what one chat is shown while the bot dies and answers get lost: all of it, in order, repeats excused or not.

A repeat is excused by what may cause one: the process died (then the chat may go back to where results were not
written down yet), or the answer to the last message was lost (then that one may come again). What follows a repeat
follows in order again. Two screens may have the same words, so every reading that is possible is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Reading = tuple[int, int]
"""How many of the wanted screens were shown, and which one is due."""


class OutOfTurnError(AssertionError):
    """A chat was shown what nothing excuses."""


@dataclass
class Followed:
    """One chat: the screens it must be shown, and what it was shown so far."""

    wanted: Sequence[str]
    shown: int = 0
    _readings: set[Reading] = field(default_factory=lambda: {(0, 0)})
    _life: int = -1

    @property
    def reached(self) -> int:
        """Count the wanted screens that were shown."""
        return max(reached for reached, _ in self._readings)

    @property
    def repeated(self) -> int:
        """Count what was shown once more."""
        return self.shown - self.reached

    def take(self, text: str, *, life: int, lost: bool = False) -> None:
        """Take what is shown next; `life` numbers the process, `lost`: the answer to what was shown before was lost.

        Raises OutOfTurnError.
        """
        readings = {after for before in self._readings for after in self._next(before, text, life=life, lost=lost)}
        if not readings:
            raise OutOfTurnError(f"screen {self.shown}, after {self.reached} of {len(self.wanted)}: not its turn")
        self._readings, self._life = readings, life
        self.shown += 1

    def _next(self, reading: Reading, text: str, *, life: int, lost: bool) -> list[Reading]:
        reached, due = reading
        first = 0 if life != self._life else max(due - 1, 0) if lost else due
        # Between a repeat and what is new, hiding the chat may have cancelled other repeats.
        last = min(reached, len(self.wanted) - 1)
        places = [at for at in range(first, last + 1) if self.wanted[at] == text]
        return [(max(reached, at + 1), at + 1) for at in places]
