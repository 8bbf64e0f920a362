"""The list of what OWASP ASVS 5.0.0 asks: each line names a test that exists, or a file that somebody has read."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "asvs.csv"
APPLIES = {"yes", "no", "missing"}
REVIEWED = " by review"
NOT_BY_REVIEW = (
    "1.3.4 1.3.6 1.5.2 2.3.1 2.3.3 2.4.1 3.3.1 3.3.2 3.3.3 3.3.4 3.4.3 3.5.1 3.5.2 3.5.3 5.3.1 5.3.2 6.3.1 6.3.3 6.4.1 "
    "6.5.1 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 8.2.1 8.2.2 8.2.3 8.4.1 11.5.1 13.2.4 13.2.5 13.3.1 13.3.2 14.2.7 "
    "16.4.1"
)
"""What must have a test."""
TESTED = frozenset(NOT_BY_REVIEW.split())
COUNTS = {"1": 64, "2": 133, "3": 1}
"""How many apply, by level: those of levels 1 and 2 that a helpline can meet at all, and scheduled deletion."""
CALLERS = {"calling.py", "demonstrating.py", "paging.py", "request.py"}
"""Watcher, the trial's own sandbox, pager, Telegram; PostgreSQL is reached by its driver."""
_CALLS = re.compile(
    r"^\s*(?:import|from) (?:aiohttp|httpx|requests|urllib3|urllib\.request|http\.client|smtplib|ftplib)\b"
)


def rows() -> list[dict[str, str]]:
    """Read the list."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def named_in(path: str) -> frozenset[str]:
    """Give the names of the tests in a file; none if there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    found = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    functions = (one.name for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def faults(row: dict[str, str]) -> list[str]:
    """Say what is wrong with a line."""
    evidence = row["evidence"]
    tests = [one.partition("::") for one in evidence.split() if "::" in one]
    files = evidence.removesuffix(REVIEWED).split() if evidence.endswith(REVIEWED) else []
    wrong = [f"no such test: {path}::{name}" for path, _, name in tests if name not in named_in(path)]
    wrong += [f"no such file: {path}" for path in files if not (ROOT / path).is_file()]
    if bool(tests) == bool(files):
        wrong.append("name tests, or files that were reviewed")
    if not tests and row["id"] in TESTED:
        wrong.append("a review is not enough")
    if row["applies"] not in APPLIES or not row["how"].endswith("."):
        wrong.append("say yes, no or missing, and how in a sentence")
    return [f"{row['id']}: {one}" for one in wrong]


def test_every_requirement_is_there_once() -> None:
    """None is missing, none is there twice, and what needs a test is among them."""
    ids = [row["id"] for row in rows()]

    assert Counter(row["level"] for row in rows()) == COUNTS
    assert len(set(ids)) == len(ids) and set(ids) >= TESTED


def test_every_line_has_its_evidence() -> None:
    """A test that was renamed, or a file that was moved, is found."""
    assert [fault for row in rows() for fault in faults(row)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"evidence": "tests/test_asvs.py::test_never_written"},
        {"evidence": "tests/test_never_written.py::test_it"},
        {"evidence": "bot/never_written.py by review"},
        {"evidence": "bot/settings.py"},
        {"evidence": "bot/settings.py by review"},
        {"evidence": "tests/test_asvs.py::test_every_line_has_its_evidence by review"},
        {"applies": "perhaps"},
        {"how": ""},
    ],
)
def test_a_line_that_is_not_right_is_found(change: dict[str, str]) -> None:
    """A check that cannot fail would prove nothing."""
    good = {"id": "6.5.1", "applies": "yes", "how": "So."}
    good["evidence"] = "tests/test_asvs.py::test_every_line_has_its_evidence"

    assert faults(good) == [] and faults(good | change) != []


def test_only_known_files_call_others() -> None:
    """Whoever wants to call somebody else from a new place says so here; the sandbox is nobody's helpline."""
    files = [path for path in (ROOT / "bot").rglob("*.py") if "sandbox" not in path.parts]
    callers = {path.name for path in files if any(map(_CALLS.match, path.read_text(encoding="utf-8").splitlines()))}

    assert callers == CALLERS
