"""What the helpline itself sees to when it has a file made anew: how long, how much, and one at a time."""

import asyncio
from pathlib import Path

import pytest

from bot.console import apart
from bot.console.apart import Apart


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(600)",
        "import sys, time; sys.stdin.close(); time.sleep(600)",
        "while True: print('x' * 65536)",
        "raise SystemExit",
        "import os; os.abort()",
        "import sys; sys.stdin.read(1)",
        "import os, time; os.fork() or time.sleep(20)",
    ],
    ids=["never answers", "hangs up", "never ends", "reads nothing", "dies", "reads a little", "leaves one behind"],
)
async def test_whatever_becomes_of_it_nothing_waits_for_ever(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended, gives nothing, and the next one has its turn."""
    (tmp_path / "__main__.py").write_text(program)
    monkeypatch.setattr(apart, "PROGRAM", tmp_path)
    monkeypatch.setattr(apart, "SECONDS", 3.0)
    made = Apart()
    results = await asyncio.gather(made.picture(bytes(8 << 20)), made.voice(b"x"))

    assert not any(results)


async def test_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take as much memory as all the helpline: the second begins when the first has ended."""
    (tmp_path / "__main__.py").write_text(
        "import os, sys; at = sys.path[0] + '/busy'; os.mkdir(at); sys.stdin.read(); os.rmdir(at); print('done')"
    )
    monkeypatch.setattr(apart, "PROGRAM", tmp_path)
    made = Apart()

    assert await asyncio.gather(*(made.picture(b"x") for _ in range(4))) == [b"done\n"] * 4
