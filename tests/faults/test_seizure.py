"""What a thief finds among three hundred conversations."""

from pathlib import Path

from tests.conftest import Report
from tests.whole.seizing import besieged


async def test_three_hundred_stolen_conversations_give_up_nobodys_words(tmp_path: Path, report: Report) -> None:
    """Killed in the middle: no word in clear; each key opens what SECURITY.md says; after shredding nothing is left."""
    await besieged(tmp_path, people=300)
    report("seizure: 300 conversations searched, 0 canaries found")
