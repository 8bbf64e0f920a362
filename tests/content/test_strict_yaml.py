"""Strict YAML: whatever ordinary YAML would guess, blow up or hide is refused, with line and remedy."""

import pytest

from bot.content.draft import Draft
from bot.content.strict_yaml import MOST_BYTES, Items, Scalar, Table, read_yaml

REFUSED = {
    # name: (file, line, what, remedy)
    "anchor": ("a: 1\nb: &x text", 2, "anchor", "Write the value out"),
    "alias": ("a: text\nb: *x", 2, "alias", "Write the value out"),
    "anchor bomb": ("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]", 1, "anchor", "Write the value out"),
    "anchor on a list": ("a: text\nb: &x\n  - y", 2, "anchor", "Write the value out"),
    "tag": ("a: !!python/object/apply:os.system ['id']", 1, "tag", "Delete it"),
    "local tag": ("- !secret x", 1, "tag", "Delete it"),
    "tag on a table": ("a: !!set {x, y}", 1, "tag", "Delete it"),
    "merge key": ("a:\n  <<: {b: c}", 2, "merge key", "Write the values out"),
    "two equal keys": ("a: x\nb: y\na: z", 3, "a second time (first in line 1)", "Delete one"),
    "key no": ("a:\n  no: x", 2, "`no` is not text", 'Quote it: "no"'),
    "key yes": ("yes: x", 1, "`yes` is not text", 'Quote it: "yes"'),
    "key on": ("on: x", 1, "`on` is not text", 'Quote it: "on"'),
    "key off": ("OFF: x", 1, "`OFF` is not text", 'Quote it: "OFF"'),
    "key number": ("1: x", 1, "`1` is not text", 'Quote it: "1"'),
    "key date": ("2026-11-22: x", 1, "is not text", "Quote it"),
    "key nothing": ("? \n: x", 1, "(nothing) is not text", "Quote it"),
    "key list": ("? [a, b]\n: x", 1, "A key is a list or a table", "Use a single word"),
    "template as key": ("{{7*7}}: x", 1, "A key is a list or a table", "Use a single word"),
    "tab as indent": ("a:\n\tb: c", 2, "tab", "Use spaces"),
    "tab in a text": ("a: b\tc", 1, "tab", "Use spaces"),
    "control character": ("a: x\nb: \x07y", 2, "U+0007", "Delete it"),
    "NUL": ("a: \x00", 1, "U+0000", "Delete it"),
    "mark inside": ("a: x\ufeffy", 1, "U+FEFF", "Delete it"),
    "two documents": ("a: b\n---\nc: d", 2, "second document", "Delete the line ---"),
    "directive": ("%YAML 1.1\n---\na: b", 1, "directive", "Delete the line"),
    "empty": ("# nothing\n", 1, "empty", "[] for none"),
    "unclosed quote": ('a: "b\nc: d\n', 3, "broken", "quotes"),
    "unclosed brace": ("a: {b: c\nd: e\n", 2, "broken", "Check indents"),
    "colon in a text": ("a: b: c", 1, "broken", "Quote a text that holds a colon"),
    "text begins with a sign": ("a: @b", 1, "broken", "Quote a text that begins with a sign"),
    "bad indent": ("a:\n   b: c\n  d: e", 3, "broken", "Check indents"),
    "deep list": ("[" * 20_000, 1, "nested deeper", "Make it flatter"),
    "deep table": ("{a: " * 5_000, 1, "nested deeper", "Make it flatter"),
    "deep indents": ("\n".join(" " * depth + "a:" for depth in range(700)), 8, "nested deeper", "Make it flatter"),
    "too large": ("a: " + "x" * MOST_BYTES, 1, "larger than 256 kB", "Split it"),
    "5 MB": ("a: b\n" * 1_000_000, 1, "larger than 256 kB", "Split it"),
}


@pytest.mark.parametrize(("text", "line", "what", "mend"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_plainly_text_is_refused(text: str, line: int, what: str, mend: str) -> None:
    """Each fault is told with the file, its line, what is wrong and how to mend it."""
    draft = Draft()
    read_yaml("flows/x.yaml", text.encode(), draft)

    (fault, *_) = draft.faults()
    assert fault.startswith(f"flows/x.yaml:{line}: ")
    assert what in fault
    assert mend in fault


BYTES = {
    "Latin letters of another code": (b"a: x\nb: caf\xe9", 2, "not UTF-8", "Save it as UTF-8"),
    "UTF-16": ("a: b".encode("utf-16"), 1, "not UTF-8", "Save it as UTF-8"),
    "half a letter": ("a: ខ".encode()[:-1], 1, "not UTF-8", "Save it as UTF-8"),
    "lone surrogate": (b"a: \xed\xa0\x80", 1, "not UTF-8", "Save it as UTF-8"),
}


@pytest.mark.parametrize(("data", "line", "what", "mend"), BYTES.values(), ids=BYTES)
def test_only_utf8_is_read(data: bytes, line: int, what: str, mend: str) -> None:
    """Nothing is guessed about letters: what is not UTF-8 is refused in its line."""
    draft = Draft()
    read_yaml("flows/x.yaml", data, draft)

    assert draft.faults() == (f"flows/x.yaml:{line}: The file is {what}. {mend} in your editor.",)


NOT_TEXT = ["no", "Yes", "on", "true", "null", "~", "0123", "023720555", "+85523999", "10:30", "1.5", ".inf", "0x1F"]
NOT_TEXT += ["0b11", "1_000", "2026-11-22", "2026-11-22 10:00:00", "=", "<<"]


@pytest.mark.parametrize("plain", NOT_TEXT)
def test_an_unquoted_value_that_yaml_would_change_is_not_text(plain: str) -> None:
    """A number, a date, a yes or nothing is never taken for text, so a phone number cannot lose its zero."""
    node = read_yaml("x.yaml", f"a: {plain}".encode(), Draft())

    assert isinstance(node, Table)
    value = node.rows["a"]
    assert isinstance(value, Scalar)
    assert value.kind != "text"


@pytest.mark.parametrize("written", ['"023720555"', "'no'", "012 345 678", "+855 23 720 555", "ទេ", "a: b".join('""')])
def test_quoted_values_are_text(written: str) -> None:
    """What is quoted, or cannot be anything else, is text as written."""
    node = read_yaml("x.yaml", f"a: {written}".encode(), Draft())

    assert isinstance(node, Table)
    assert node.rows["a"] == Scalar(node.rows["a"].spot, written.strip("\"'"), "text")


def test_only_a_plain_whole_number_is_a_number() -> None:
    """`12` and `-3` are numbers; what YAML would compute from other writings is not."""
    node = read_yaml("x.yaml", b"[12, -3, 0, 012, 1_0, 0x1, 9999999999]", Draft())

    assert isinstance(node, Items)
    assert [each.kind for each in node.nodes if isinstance(each, Scalar)] == ["whole"] * 3 + ["other"] * 4


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: b\n", b"a: b\r\n", b"a: b\r", b"---\na: b\n...\n"])
def test_harmless_differences_of_editors_are_read(data: bytes) -> None:
    """A byte order mark, line ends of other systems and document marks change nothing."""
    draft = Draft()

    assert read_yaml("x.yaml", data, draft) == read_yaml("x.yaml", b"a: b\n", draft) or data.startswith(b"---")
    assert draft.faults() == ()


def test_lines_are_counted_over_block_texts() -> None:
    """What follows a text of several lines is still told with its own line."""
    draft = Draft()
    read_yaml("x.yaml", b"a: |-\n  one\n  two\n\nb: x\nb: y\n", draft)

    assert draft.faults()[0].startswith("x.yaml:6: ")
