"""The table of bad inputs is whole: every number has its row, and a row does something or says what it waits for."""

from collections import Counter

from bot.settings import ROOT
from tests.whole import (
    test_bad_inputs_console,
    test_bad_inputs_content,
    test_bad_inputs_desk,
    test_bad_inputs_events,
    test_bad_inputs_machine,
    test_bad_inputs_presses,
    test_bad_inputs_words,
)
from tests.whole.bad_inputs import Row

NUMBERS = range(1, 131)
ROWS: list[Row[object]] = [
    *test_bad_inputs_words.TABLE.rows,
    *test_bad_inputs_events.TABLE.rows,
    *test_bad_inputs_presses.TABLE.rows,
    *test_bad_inputs_desk.TABLE.rows,
    *test_bad_inputs_console.TABLE.rows,
    *test_bad_inputs_content.TABLE.rows,
    *test_bad_inputs_machine.TABLE.rows,
]


def test_every_bad_input_has_its_row() -> None:
    """None is missing, none is there twice, and none beyond them."""
    assert Counter(row.number for row in ROWS) == Counter(NUMBERS)


def test_every_row_does_something_or_waits() -> None:
    """A row without an act names its tests or what it waits for; one with an act says what must be seen."""
    assert [row.number for row in ROWS if row.act is None and not row.waits and not row.tested] == []
    assert [row.number for row in ROWS if row.act is not None and not row.act.__doc__] == []


def test_tests_that_rows_name_are_there() -> None:
    """A test that was renamed or deleted leaves no row behind that says it is tested."""
    named = [(row.number, one) for row in ROWS for one in row.tested]

    assert [(number, one) for number, one in named if not _is_there(*one.split("::"))] == []
    assert len(named) >= 20


def _is_there(file: str, test: str) -> bool:
    return f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
