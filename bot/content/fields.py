"""Reads the fields of one YAML table: each is asked for by name and kind, and what is left over is refused."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from bot.content.draft import Draft, Spot, nearest
from bot.content.strict_yaml import Items, Node, Scalar, Table, shown
from bot.core.flow import SIGN_OFFS, SignOff, Words

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SIGN_OFF = "sign_off"


class Fields:
    """The fields of a table that is a `what`; every fault is noted in the draft and reading goes on.

    A text that is missing or faulty is read as "", so callers need not stop; `close` must be called at the end.
    """

    def __init__(self, table: Table, what: str, draft: Draft) -> None:
        self.spot = table.spot
        self.what = what
        self.draft = draft
        self._table = table
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """Say whether the field is written, without asking for it."""
        return name in self._table.rows

    def node(self, name: str) -> Node | None:
        """Give a field as it was read, None if it is not there."""
        self._known.add(name)
        return self._table.rows.get(name)

    def place(self, name: str) -> Spot:
        """Give where a field stands, or the table if it is not there."""
        return self._table.keys.get(name, self.spot)

    def fault(self, name: str, what: str, mend: str) -> None:
        """Note a fault of a field."""
        self.draft.fault(self.place(name), what, mend)

    def text(self, name: str) -> str:
        """Read a text that must be there."""
        node = self.node(name)
        if node is None:
            self.draft.fault(self.spot, f"`{name}` is missing from this {self.what}", f"Add `{name}: ...`")
            return ""
        return as_text(node, name, self.draft)

    def optional(self, name: str) -> str | None:
        """Read a text that may be left out."""
        return None if self.node(name) is None else self.text(name)

    def ident(self, name: str) -> str:
        """Read an id: ASCII letters, digits and _."""
        text = self.text(name)
        if text and not ID.fullmatch(text):
            self.fault(name, f"`{text[:40]}` is no id", "Use a letter, then letters, digits and _")
            return ""
        return text

    def optional_ident(self, name: str) -> str | None:
        """Read an id that may be left out."""
        return None if self.node(name) is None else self.ident(name)

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """Read one of a closed set of words."""
        text, words = self.text(name), tuple(known)
        if text and text not in words:
            self.fault(name, f"`{text[:40]}` is no {name}", nearest(text, words))
            return ""
        return text

    def words(self, name: str, context: str) -> Words:
        """Read a sentence that people see."""
        text = self.text(name)
        return self.draft.words(context, text, self.place(name)) if text else Words(context=context, english="")

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts; a single text counts as a list of one, a missing field as none."""
        node = self.node(name)
        return as_texts(node, name, self.draft) if node else ()

    def whole(self, name: str, *, low: int, high: int, default: int) -> int:
        """Read a whole number within bounds."""
        node = self.node(name)
        return as_whole(node, name, self.draft, low=low, high=high, default=default) if node else default

    def wholes(self, name: str, *, low: int, high: int) -> tuple[int, ...]:
        """Read a list of whole numbers within bounds; a missing field as none."""
        node = self.node(name)
        if node is None:
            return ()
        nodes = node.nodes if isinstance(node, Items) else (node,)
        return tuple(as_whole(each, name, self.draft, low=low, high=high, default=low) for each in nodes)

    def flag(self, name: str) -> bool:
        """Read true or false; false if it is not there."""
        node = self.node(name)
        if node is None:
            return False
        if isinstance(node, Scalar) and node.kind == "flag" and node.text in ("true", "false"):
            return node.text == "true"
        self.fault(name, f"`{name}` is neither true nor false", "Write true or false")
        return False

    def table(self, name: str) -> Table:
        """Read a mapping; empty if the field is not there."""
        node = self.node(name)
        if isinstance(node, Table):
            return node
        if node is not None:
            self.fault(name, f"`{name}` is not a table", f"Write `{name}: {{key: value}}`")
        return Table(self.place(name), {}, {})

    def close(self) -> None:
        """Refuse every field that nobody asked for."""
        for name, spot in self._table.keys.items():
            if name not in self._known:
                self.draft.fault(spot, f"A {self.what} has no `{name[:40]}`", nearest(name, self._known))


def read_date(fields: Fields, name: str) -> date | None:
    """Read a date written as text; None if it is not one, which is noted."""
    text = fields.text(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fields.fault(name, f"`{text[:40]}` is no date", 'Write year, month and day in quotes, such as "2026-11-22"')
        return None


def read_sign_off(fields: Fields) -> SignOff | None:
    """Read as what the sentences of a flow or step wait for a human; None if they do not."""
    if SIGN_OFF not in fields:
        return None
    text = fields.one_of(SIGN_OFF, SIGN_OFFS)
    return next((one for one in SIGN_OFFS if one == text), None)


def rows(node: Node | None, what: str, draft: Draft) -> Iterator[Fields]:
    """Give each row of a list of tables."""
    if node is None:
        return
    if not isinstance(node, Items):
        draft.fault(node.spot, "This file is not a list", "Write one row a line, each beginning with `- `")
        return
    for each in node.nodes:
        if isinstance(each, Table):
            yield Fields(each, what, draft)
        else:
            draft.fault(each.spot, f"This {what} is not a table", "Write `- {id: ..., ...}`")


def as_text(node: Node, name: str, draft: Draft) -> str:
    """Read a node as text, or note why it is not and give ""."""
    if not isinstance(node, Scalar):
        draft.fault(node.spot, f"`{name}` is a {'list' if isinstance(node, Items) else 'table'}", "Write a text")
    elif not node.text:
        draft.fault(node.spot, f"`{name}` is empty", "Write a text")
    elif node.kind != "text":
        draft.fault(node.spot, f"{shown(node)} is not read as text", f'Quote it: "{node.text[:40]}"')
    else:
        return node.text
    return ""


def as_texts(node: Node, name: str, draft: Draft) -> tuple[str, ...]:
    """Read a node as a list of texts, a single text as a list of one; faulty ones are noted and left out."""
    nodes = node.nodes if isinstance(node, Items) else (node,)
    texts = [as_text(each, name, draft) for each in nodes]
    for text in [text for text, count in Counter(texts).items() if text and count > 1]:
        draft.fault(node.spot, f"`{name}` has `{text[:40]}` twice", "Delete one")
    return tuple(text for text in dict.fromkeys(texts) if text)


def as_whole(node: Node, name: str, draft: Draft, *, low: int, high: int, default: int) -> int:
    """Read a node as a whole number within bounds, or note why it is not and give the default."""
    if isinstance(node, Scalar) and node.kind == "whole" and low <= int(node.text) <= high:
        return int(node.text)
    draft.fault(node.spot, f"`{name}` is not a whole number from {low} to {high}", "Write one, without quotes")
    return default
