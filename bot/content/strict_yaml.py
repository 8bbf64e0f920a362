"""Reads YAML as authors mean it: text is only what is plainly text, and nothing is guessed.

Ordinary YAML turns `no` into False, `023720555` into 5218669 and keeps the last of two equal keys. Here every
such value is refused with the words to write instead. Anchors, aliases, tags and merge keys are refused, so that
what is read is never larger than what is written. Reading works on the parser's events and stops at the first
fault that makes the rest unreadable; its cost is bounded by MOST_BYTES.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from bot.content.draft import Draft, Spot

MOST_BYTES = 256 * 1024
"""The largest file read. The longest real flow has a twentieth of it."""

MOST_DEPTH = 8
"""The deepest nesting read. A condition of an offered choice, the deepest thing a flow has, stands at six."""

Kind = Literal["text", "whole", "flag", "empty", "other"]


class Scalar(NamedTuple):
    """A single value: `kind` is what ordinary YAML would make of it, `text` what was written (stripped)."""

    spot: Spot
    text: str
    kind: Kind


class Items(NamedTuple):
    """A list."""

    spot: Spot
    nodes: tuple["Node", ...]


class Table(NamedTuple):
    """A mapping of text to nodes; `keys` says where each key stands."""

    spot: Spot
    rows: dict[str, "Node"]
    keys: dict[str, Spot]


Node: TypeAlias = Scalar | Items | Table

_KINDS: dict[str, Kind] = {"str": "text", "int": "whole", "bool": "flag", "null": "empty"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029]")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_WRITE_OUT = "Write the value out, or quote the text"
_ADVICE = {
    "could not find expected ':'": "Write `key: value`, and quote a text that holds a colon",
    "mapping values are not allowed": "Quote a text that holds a colon followed by a space",
    "cannot start any token": "Quote a text that begins with a sign",
}


class _Unreadable(Exception):
    """The rest of the file cannot be read; the fault is already noted."""


def read_yaml(file: str, data: bytes, draft: Draft) -> Node | None:
    """Read one file; None if it cannot be read, the fault being noted in the draft."""
    text = _decode(file, data, draft)
    if text is None:
        return None
    try:
        return _Reader(file, text, draft).document()
    except _Unreadable:
        return None


def read_text(file: str, data: bytes, draft: Draft, *, most: int) -> str | None:
    """Read UTF-8 of at most `most` bytes, line ends as LF, without a byte order mark; None if it is not that."""
    if len(data) > most:
        draft.fault(Spot(file, 1), f"The file is larger than {most // 1024} kB", "Split it")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        draft.fault(Spot(file, line), "The file is not UTF-8", "Save it as UTF-8 in your editor")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(file: str, data: bytes, draft: Draft) -> str | None:
    text = read_text(file, data, draft, most=MOST_BYTES)
    if text is None:
        return None
    found = _INVISIBLE.search(text)
    if found is None:
        return text
    spot = Spot(file, text.count("\n", 0, found.start()) + 1)
    if found[0] == "\t":
        draft.fault(spot, "There is a tab", "Use spaces")
    else:
        draft.fault(spot, f"There is an invisible character, {unicode_name(found[0])}", "Delete it")
    return None


def unicode_name(char: str) -> str:
    """Name a character that cannot be seen: its number and its Unicode name, if it has one."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()


class _Reader:
    def __init__(self, file: str, text: str, draft: Draft) -> None:
        self._file = file
        self._draft = draft
        self._events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))
        self._kinds: dict[str, Kind] = {}

    def document(self) -> Node:
        """Read the only document of the file."""
        self._next()
        event = self._next()
        if isinstance(event, StreamEndEvent):
            self._draft.fault(Spot(self._file, 1), "The file is empty", "Write its rows, or [] for none")
            raise _Unreadable
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise self._unreadable(event, "There is a % directive", "Delete the line")
        node = self._node(self._next(), depth=1)
        for event in chain([self._next()], [self._next()]):
            if not isinstance(event, DocumentEndEvent | StreamEndEvent):
                raise self._unreadable(event, "A second document begins here", "Delete the line ---, or split the file")
        return node

    def _next(self) -> Event:
        try:
            return next(self._events)
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except yaml.YAMLError:
            self._draft.fault(Spot(self._file, 1), "The file is not YAML", "Compare it with another flow")
            raise _Unreadable from None

    def _syntax(self, error: yaml.MarkedYAMLError) -> _Unreadable:
        mark = error.problem_mark or error.context_mark
        spot = Spot(self._file, mark.line + 1 if mark else 1)
        problem = error.problem or "it cannot be read"
        mend = next((advice for part, advice in _ADVICE.items() if part in problem), "Check indents, colons and quotes")
        self._draft.fault(spot, f"The YAML is broken: {problem}", mend)
        return _Unreadable()

    def _unreadable(self, event: Event, what: str, mend: str) -> _Unreadable:
        self._draft.fault(self._spot(event), what, mend)
        return _Unreadable()

    def _spot(self, event: Event) -> Spot:
        mark = event.start_mark
        return Spot(self._file, mark.line + 1 if mark else 1)

    def _node(self, event: Event, *, depth: int) -> Node:
        self._check(event, depth)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, SequenceStartEvent):
            return Items(self._spot(event), tuple(self._items(depth)))
        return self._table(self._spot(event), depth)

    def _check(self, event: Event, depth: int) -> None:
        if isinstance(event, AliasEvent):
            raise self._unreadable(event, f"There is an alias, *{event.anchor}", _WRITE_OUT)
        if getattr(event, "anchor", None):
            raise self._unreadable(event, "There is an anchor (&)", _WRITE_OUT)
        if getattr(event, "tag", None):
            raise self._unreadable(event, "There is a tag (!)", "Delete it, or quote the text")
        if depth > MOST_DEPTH:
            raise self._unreadable(event, f"It is nested deeper than {MOST_DEPTH}", "Make it flatter")

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), SequenceEndEvent):
            yield self._node(event, depth=depth + 1)

    def _table(self, spot: Spot, depth: int) -> Table:
        table = Table(spot, {}, {})
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._node(event, depth=depth + 1)
            value = self._node(self._next(), depth=depth + 1)
            self._row(table, key, value)
        return table

    def _row(self, table: Table, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            self._draft.fault(key.spot, "A key is a list or a table", "Use a single word")
        elif key.text == "<<":
            self._draft.fault(key.spot, "There is a merge key (<<)", "Write the values out")
        elif key.kind != "text":
            self._draft.fault(key.spot, f"The key {shown(key)} is not text", f'Quote it: "{key.text}"')
        elif key.text in table.rows:
            what = f"The key `{key.text}` is here a second time (first in line {table.keys[key.text].line})"
            self._draft.fault(key.spot, what, "Delete one")
        else:
            table.rows[key.text] = value
            table.keys[key.text] = key.spot

    def _scalar(self, event: ScalarEvent) -> Scalar:
        spot = self._spot(event)
        if event.style:
            return Scalar(spot, event.value.strip(), "text")
        kind = self._kinds.get(event.value)
        if kind is None:
            kind = self._kinds[event.value] = _kind(event.value)
        return Scalar(spot, event.value, kind)


def _kind(plain: str) -> Kind:
    """Say what ordinary YAML would make of an unquoted value."""
    resolvers = (*_RESOLVERS.get(plain[:1], ()), *_RESOLVERS.get(None, ()))
    tag = next((tag for tag, pattern in resolvers if pattern.match(plain)), "str").rpartition(":")[2]
    kind = _KINDS.get(tag, "other")
    return "other" if kind == "whole" and not _WHOLE.fullmatch(plain) else kind


def shown(scalar: Scalar) -> str:
    """Give a value as it stands in the file, cut to what fits in a message."""
    return f"`{scalar.text[:40]}`" if scalar.text else "(nothing)"
