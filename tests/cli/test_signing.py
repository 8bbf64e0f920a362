"""What `check`, `run` and a native reader are told of what humans have not signed off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.fitness import content_lines
from bot.cli.serving import must_be_trial
from bot.cli.signing import approve_words
from bot.content.signed import missing_sign_offs, read_approvals
from bot.core.errors import OperatorError
from bot.core.signing import sentences
from bot.settings import TELEGRAM, Settings
from tests.content.conftest import Tree, tree

__all__ = ["tree"]


def signed(root: Path) -> Iterator[str]:
    """Give what `check` says of sign-offs."""
    return (line for fit, line in content_lines(root, signed=True) if line.startswith("sign-off: ") and not fit)


def test_check_lists_what_is_missing_by_its_kind(tree: Tree) -> None:
    """Each kind of sentence with what it lacks, by name; and the countries. `check --content` does not ask."""
    lines = list(signed(tree.root))

    assert any(line.startswith("sign-off: danger: 5 not read by a native reader") for line in lines), lines
    assert any(line.startswith("sign-off: contact: 2 not recorded") and "contact.hours-" in line for line in lines)
    assert any(line.startswith("sign-off: countries: 1 ") and line.endswith(": TH") for line in lines)
    assert all(fit for fit, _ in content_lines(tree.root))


def settings(root: str) -> Settings:
    """Give settings that name a Bot API server."""
    return Settings.model_validate({"bot_token": "1:a", "bot_api": root})


def test_run_refuses_people_in_two_lines(tree: Tree) -> None:
    """At Telegram's own address anybody may write; what to do stands in the second line."""
    with pytest.raises(OperatorError) as refused:
        must_be_trial(settings(TELEGRAM), tree.load(), tree.root)

    first, second = str(refused.value).split("\n")
    assert "./helpline check" in first and "./helpline run --trial" in second


def test_elsewhere_it_runs_as_a_trial(tree: Tree) -> None:
    """A Bot API server of one's own is where it is tested."""
    assert must_be_trial(settings("http://127.0.0.1:8081"), tree.load(), tree.root)


def answers(tree: Tree, *, kind: str | None = None, typed: str) -> str:
    """Let a native reader answer `words approve`; gives what they see."""
    with CliRunner().isolation(input=typed) as (seen, *_):
        approve_words(tree.root, reader="Sophea", kind=kind)
        return seen.getvalue().decode()


def test_a_native_reader_approves_what_is_right(tree: Tree) -> None:
    """Both languages are shown; yes is written down with the name, no is not, and it can be left at any time."""
    told = answers(tree, kind="hide", typed="y\nn\nq\n")
    approvals = read_approvals(tree.root)

    assert "Can you write safely now?" in told and tree.load().words["help.safe", "Can you write safely now?"] in told
    assert [(one.context, one.reader) for one in approvals] == [("help.safe", "Sophea")]
    assert answers(tree, typed="y\n" * 100).endswith("Nothing more waits for a reader here.\n")
    assert not missing_sign_offs(tree.load(), tree.root).unapproved
    assert len(read_approvals(tree.root)) == len(sentences(tree.load()))


@pytest.mark.parametrize(("reader", "kind"), [("  ", None), ("Sophea", "jokes")])
def test_an_approval_needs_a_name_and_a_kind_there_is(tree: Tree, reader: str, kind: str | None) -> None:
    """Nobody's approval is none."""
    with pytest.raises(OperatorError):
        approve_words(tree.root, reader=reader, kind=kind)
