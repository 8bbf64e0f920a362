"""What a thief finds, briefly; ten times as many conversations by `./helpline test --faults`."""

from pathlib import Path

from tests.whole.seizing import besieged


async def test_a_stolen_helpline_gives_up_nobodys_words(tmp_path: Path) -> None:
    """Killed in the middle: no word in clear; each key opens what SECURITY.md says; after shredding nothing is left."""
    await besieged(tmp_path, people=30)
