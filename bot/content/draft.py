"""Gathers what is read while content is read: sentences, where everything stands, and every fault found.

A fault is not raised where it is found, so that an author mends all of them in one go.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from bot.core.errors import AuthorError
from bot.core.flow import Words

Key = tuple[str, str]
"""A sentence's gettext context and its English (the msgid)."""


_BREAK_HINT = "\u200b"


class Spot(NamedTuple):
    """A place in a file: its path below the content's root, and its line from 1."""

    file: str
    line: int


class Draft:
    """One reading of the content.

    `messages` are its sentences and where each stands; `msgids` gives the msgid of each sentence as English readers
    get it; `rewordings` are those of locales/en and must be set before the flows are read.
    """

    def __init__(self) -> None:
        self.messages: dict[Key, list[Spot]] = {}
        self.msgids: dict[Key, str] = {}
        self.rewordings: Mapping[Key, str] = {}
        self._spots: dict[tuple[str, ...], Spot] = {}
        self._faults: set[tuple[Spot, str]] = set()

    def fault(self, spot: Spot, what: str, mend: str) -> None:
        """Note what is wrong and how to mend it; full stops are added, and it is kept to one line."""
        text = f"{what}. {mend}" + ("" if mend.endswith("?") else ".")
        self._faults.add((spot, "".join(char if char.isprintable() or char == _BREAK_HINT else " " for char in text)))

    def words(self, context: str, english: str, spot: Spot) -> Words:
        """Note a sentence and give it as English readers get it (locales/en may reword it)."""
        key = context, english
        self.messages.setdefault(key, []).append(spot)
        shown = self.rewordings.get(key, english)
        if self.msgids.setdefault((context, shown), english) != english:
            self.fault(spot, f"locales/en gives two sentences of `{context}` the same English", "Reword one of them")
        return Words(context=context, english=shown)

    def mark(self, spot: Spot, *name: str) -> None:
        """Remember where a named thing stands: a flow, one of its steps, one of its choices, a row of a table."""
        self._spots[name] = spot

    def spot(self, *name: str) -> Spot:
        """Give where a named thing stands, or else the nearest thing it belongs to."""
        while name and name not in self._spots:
            name = name[:-1]
        return self._spots.get(name, Spot("flows", 1))

    def has_faults(self, file: str) -> bool:
        """Say whether a fault of this file was noted."""
        return any(spot.file == file for spot, _ in self._faults)

    def faults(self) -> tuple[str, ...]:
        """Give every fault as `file:line: what. How to mend.`, in the order of files and lines."""
        return tuple(f"{spot.file}:{spot.line}: {text}" for spot, text in sorted(self._faults))

    def refuse(self) -> None:
        """Stop if anything is wrong.

        Raises: AuthorError, one line for each fault.
        """
        if self._faults:
            raise AuthorError("\n".join(self.faults()))


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest what a misspelt name may have meant, or list what there is."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"Did you mean `{close[0]}`?"
    return "Use one of: " + ", ".join(choices) if choices else "There is none yet"
