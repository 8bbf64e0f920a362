"""A disk that is really full, where the machine lets us make one."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT, bare_environment
from tests.conftest import Report

APART = ("unshare", "--mount", "--map-root-user")
SECONDS = 30.0
"""So long after there is room again everybody must be answered."""


async def _apart(*command: str) -> tuple[int, str]:
    """Run a command that may mount what nobody else sees; gives its exit code and all it printed."""
    process = await asyncio.create_subprocess_exec(
        *(*APART, *command),
        env={**bare_environment(), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def _refusal(folder: Path) -> str | None:
    """Say why no file system can be mounted here; None if one can."""
    try:
        code, printed = await _apart("mount", "-t", "tmpfs", "none", str(folder))
    except FileNotFoundError:
        return "there is no `unshare`"
    return printed.strip() if code else None


async def test_a_full_disk_loses_nothing(tmp_path: Path, report: Report) -> None:
    """Nothing fits any more: nothing is confirmed to Telegram; with room again all are answered, without a restart."""
    if (refusal := await _refusal(tmp_path)) is not None:
        report(f"full disk: NOT TRIED, because this machine mounts nothing for us: {refusal}")
        pytest.skip(refusal)
    code, printed = await _apart(sys.executable, "-m", "tests.faults.full_disk", str(tmp_path))

    assert code == 0, printed
    report(f"full disk: all answered {printed.strip()} s after there was room")
    assert float(printed) < SECONDS
