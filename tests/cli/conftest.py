"""The shipped content, and a house with stories of its own around it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import chatting, content_commands  # noqa: F401 - they register their commands
from bot.cli.app import app
from bot.cli.content_folder import content_root
from bot.content.loading import load
from bot.core.content import Content
from bot.core.flow import Ask, Menu
from tests.content.conftest import Tree

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the content that is served."""
    return load(content_root(), today=date(2026, 11, 22))


@pytest.fixture
def run() -> Run:
    """Run the command in this process: arguments, and what comes in at standard input."""

    def invoke(*arguments: str, typed: str | bytes = "") -> Result:
        return CliRunner().invoke(app, arguments, input=typed)

    return invoke


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Give a folder with the shipped content and room for stories."""
    for name in ("flows", "locales"):
        (tmp_path / name).symlink_to(content_root() / name)
    (tmp_path / "tests" / "stories").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Give a small content tree that is right, to be spoilt."""
    return Tree(tmp_path)


@pytest.fixture(scope="session")
def number(content: Content) -> Callable[[str, str], str]:
    """Give the number of a choice on its screen, all choices being offered: `number("help.safe", "yes")`."""

    def nth(screen: str, choice: str) -> str:
        flow_id, _, step_id = screen.partition(".")
        step = next(step for step in content.flows[flow_id].steps if step.id == step_id)
        assert isinstance(step, Ask | Menu)
        return str([one.id for one in step.choices].index(choice) + 1)

    return nth
