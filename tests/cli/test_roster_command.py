"""The roster from the command line, and what `check` says of whom an urgent case would wake."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import rostering, setting_up  # noqa: F401 - they register their commands
from bot.cli.examining import waking_lines
from bot.core.errors import OperatorError
from bot.settings import Settings
from tests.cli.conftest import Run

Say = Callable[..., list[str]]


@pytest.fixture
def say(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Give a command on folders of its own; it gives the lines that were printed, or raises what was wrong."""
    for name in ("data", "keys"):
        monkeypatch.setenv(f"HELPLINE_{name.upper()}", str(tmp_path / name))

    def command(*arguments: object) -> list[str]:
        result = run(*map(str, arguments), "--no-dotenv")
        if isinstance(result.exception, OperatorError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    return command


def test_the_roster_is_set_listed_and_cleared(say: Say) -> None:
    """Weekdays come before dates, and hours are shown as they were meant."""
    assert "Nobody is listed" in say("roster", "list")[0]
    say("operators", "add", 7, "Dara")
    assert "not pressed start" in say("roster", "set", 7, "fri-mon", "20:00-06:00", "08:00-12:00")[0]
    say("roster", "set", 7, "2026-12-24", "off")
    hours = "08:00-12:00 20:00-06:00"
    days = [f"{day:>10}  Dara (7)  {hours}" for day in ("mon", "fri", "sat", "sun")]

    assert say("roster", "list")[:5] == [*days, "2026-12-24  Dara (7)  off"]
    assert say("roster", "clear", 7, "sat") == ["Entries taken out: 1"]
    assert say("roster", "clear", 7) == ["Entries taken out: 4"]


@pytest.mark.parametrize(
    "arguments", [("set", 8, "mon", "08:00-12:00"), ("set", 7, "noday", "08:00-12:00"), ("set", 7, "mon", "8-12")]
)
def test_a_slip_is_told_and_changes_nothing(say: Say, arguments: tuple[object, ...]) -> None:
    """Who, when and which hours: each is looked at before anything is written."""
    say("operators", "add", 7, "Dara")
    with pytest.raises(OperatorError):
        say("roster", *arguments)

    assert "Nobody is listed" in say("roster", "list")[0]


def test_a_supervisor_is_listed_as_one(say: Say) -> None:
    """Any other role is refused."""
    say("operators", "add", 7, "Dara", "--role", "supervisor")
    with pytest.raises(OperatorError, match="no role 'boss'"):
        say("operators", "add", 8, "Bopha", "--role", "boss")

    assert [line.strip() for line in say("operators", "list")] == ["7  supervisor  Dara  (has not pressed start)"]


@pytest.mark.parametrize(
    ("started", "listed", "pager", "fit", "words"),
    [
        (0, 0, {}, False, "would wake nobody"),
        (0, 0, {"pager_url": "https://pager.example.org/x"}, False, "only after 5 minutes"),
        (2, 0, {}, True, "to all 2, because the roster lists nobody"),
        (2, 1, {"pager_command": sys.executable}, True, "privately to 1 on the roster"),
        (2, 1, {"pager_command": "/nonexistent/call --now"}, False, "/nonexistent/call is not there"),
    ],
)
def test_check_says_whom_an_urgent_case_would_wake(
    started: int, listed: int, pager: dict[str, Any], fit: bool, words: str
) -> None:
    """It is unfit to serve people as long as that is nobody."""
    lines = list(waking_lines(Settings.model_validate(pager), {"started": started, "listed": listed}))

    assert all(line[0] for line in lines) is fit
    assert any(words in line for _, line in lines)
    assert ("pager: none" in str(lines)) is (started > 0 and not pager)


def test_check_looks_at_the_store(say: Say, run: Run) -> None:
    """What was set is what it tells of."""
    say("operators", "add", 7, "Dara")
    result = run("check", "--no-dotenv")

    assert "an urgent case would wake nobody" in result.output
