"""What `run` refuses before it begins."""

from bot.cli import serving  # noqa: F401 - it registers its command
from bot.core.errors import OperatorError
from tests.cli.conftest import Run


def test_in_earnest_no_page_frames_the_console(run: Run) -> None:
    """What `try` passes on is refused without its trial line on every screen."""
    refused = run("run", "--framer", "8809", "--no-dotenv").exception

    assert isinstance(refused, OperatorError) and "Leave it out" in str(refused)
