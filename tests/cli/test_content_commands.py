"""The commands about content say what the bot itself would say."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.content_folder import content_root
from bot.cli.fitness import content_lines
from bot.cli.story_checks import story_lines
from bot.cli.wording import update_words
from bot.core import guidance, triage
from bot.core.content import Content
from tests.cli.conftest import Run
from tests.content.conftest import Tree

HOUSE = Path(__file__).resolve().parents[2]
MESSAGES = ["គេកំពុងវាយខ្ញុំ", "they keep my passport", "", "sawasdee", "   ", "help me\u2028now"]


def test_the_shipped_content_is_fit(run: Run) -> None:
    """Flows, words and tables of this release load, are complete, and say how much they are."""
    result = run("check", "--content")

    assert result.exit_code == 0, result.output
    flows = {path.stem for path in (HOUSE / "flows").glob("*.yaml")} - {"phrases", "console", "spoken"}
    assert f"flows: {len(flows)}," in result.output


def test_content_that_is_not_fit_is_refused_with_its_line(tmp_path: Path) -> None:
    """The command as a whole exits with 1 and names file, line and remedy."""
    for name in ("bot", "flows", "locales"):
        shutil.copytree(HOUSE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "flows" / "tables" / "urgency.yaml").open("a", encoding="utf-8") as table:
        table.write('- {id: new, all: [no_such_indicator], urgency: P1, source: "A test"}\n')
    last = (tmp_path / "flows" / "tables" / "urgency.yaml").read_text(encoding="utf-8").count("\n")
    command = [sys.executable, "-m", "bot.cli", "check", "--content"]
    own = {**os.environ, "PYTHONPATH": str(tmp_path)}  # ./helpline set it to the house under test
    done = subprocess.run(command, cwd=tmp_path, env=own, check=False, capture_output=True, text=True, encoding="utf-8")

    assert done.returncode == 1
    assert f"flows/tables/urgency.yaml:{last}: " in done.stdout


def test_words_that_lag_behind_the_flows_are_found_and_brought_up(tree: Tree) -> None:
    """A template that is not that of the flows is a fault; `words update` mends it and says what is left to do."""
    tree.write("locales/messages.pot", "")
    assert [fit for fit, _ in content_lines(tree.root)].count(False) == 1
    assert any("messages.pot" in line for line in update_words(tree.root))

    assert all(fit for fit, _ in content_lines(tree.root))
    assert not any("messages.po" in line for line in update_words(tree.root))


def test_new_sentences_are_counted_for_the_translator(tree: Tree) -> None:
    """What has no Khmer yet is counted."""
    tree.replace("flows/unpaid.yaml", "It belongs to you.", "It is yours.")

    assert any("1 sentence" in line for line in update_words(tree.root))


def test_a_screen_without_a_story_is_found(house: Path) -> None:
    """A story reaches the screens it shows, and no others."""
    story = "story: told\npromise: Kept.\nturns:\n  - {start: true, sees: start.menu}\n"
    (house / "tests" / "stories" / "told.yaml").write_text(story, encoding="utf-8")
    lines = story_lines(house)

    assert not any(line.startswith("start.menu:") for _, line in lines)
    assert any(line.startswith("danger.place:") for fit, line in lines if not fit)


def test_a_story_that_goes_otherwise_is_found(house: Path) -> None:
    """The story, its language, its turn, what was expected and what came are named; once a language."""
    story = "story: told\npromise: Kept.\nturns:\n  - {start: true, sees: end.menu}\n"
    (house / "tests" / "stories" / "told.yaml").write_text(story, encoding="utf-8")
    told = [line for fit, line in story_lines(house) if line.startswith("told [") and not fit]

    assert len(told) == 2
    assert all("turn 1" in line and "end.menu" in line and "start.menu" in line for line in told)


def test_triage_prints_what_the_bot_would_think(run: Run, content: Content) -> None:
    """One JSON object a line, exactly the core's reading; blank lines are P4."""
    result = run("triage", "--json", typed="\n".join(MESSAGES))
    printed = [json.loads(line) for line in result.stdout.splitlines()]

    assert printed == [triage.read(content, text).model_dump(mode="json") for text in MESSAGES]
    assert [line["urgency"] for line in printed[:3]] == ["P1", "P2", "P4"]


def test_triage_reads_bytes_that_are_no_text(run: Run) -> None:
    """What is not UTF-8 costs its own letters only, on its own line only; Windows' line ends are none of the words."""
    result = run("triage", "--json", typed=b"\xff\xfe\x00 help me\r\nhelp me\r\n\xc3")

    assert [json.loads(line)["words"] for line in result.stdout.splitlines()] == [["help me"], ["help me"], []]


def test_triage_answers_each_line_as_it_comes() -> None:
    """A program may write one line and wait for its answer before it writes the next."""
    command = [sys.executable, "-m", "bot.cli", "triage"]
    with subprocess.Popen(command, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as triaging:
        assert triaging.stdin and triaging.stdout
        for line, urgency in ((b"help me\n", b"P2"), (b"\n", b"P4")):
            triaging.stdin.write(line)
            triaging.stdin.flush()
            assert triaging.stdout.readline().startswith(urgency)


@pytest.mark.parametrize("query", ["sending money", "licensed recruter", "ផ្ញើប្រាក់", "zzzzqq", "?"])
def test_search_ranks_as_the_bot_does(run: Run, content: Content, query: str) -> None:
    """The same articles with the same scores in the same order; none is an empty list."""
    result = run("guidance", "search", query, "--json")
    printed = json.loads(result.stdout)

    assert [(one["id"], one["score"]) for one in printed] == [*guidance.search(content, query)]
    assert all(one["title"] and set(one) == {"id", "title", "score"} for one in printed)


def test_a_search_needs_no_quotes(run: Run) -> None:
    """Several words are one question."""
    assert run("guidance", "search", "sending", "money").stdout == run("guidance", "search", "sending money").stdout


def test_starting_the_command_loads_nothing_heavy() -> None:
    """What a command needs is imported when it runs, so that `--help` and the others start at once."""
    script = "import sys; import bot.cli.chatting, bot.cli.content_commands; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, check=True, capture_output=True, text=True)

    assert {"pydantic", "babel", "aiohttp", "holidays", "sqlalchemy", "bot.content"}.isdisjoint(done.stdout.split())


def test_content_is_found_from_anywhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command serves its own content, wherever it is called from."""
    monkeypatch.chdir(tmp_path)

    assert content_root() == HOUSE
    assert run("check", "--content").exit_code == 0
