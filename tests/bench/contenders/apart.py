"""The contenders' packages, in an environment of their own beside the helpline's: made once, left alone afterwards."""

import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT

WANTED = Path(__file__).with_name("requirements.txt")
PLACE = ROOT / ".venv-contenders"
STAMP = PLACE / "installed"


def installed() -> Path:
    """Give the Python that has the contenders' packages, installing them first if need be.

    Raises: CalledProcessError if they cannot be installed; what was wrong is printed by the tool that failed.
    """
    python = PLACE / "bin" / "python"
    if not is_installed():
        _run("-m", "venv", "--clear", str(PLACE), python=Path(sys.executable))
        _run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(WANTED), python=python)
        STAMP.write_bytes(WANTED.read_bytes())
    return python


def is_installed() -> bool:
    """Say whether all of them are there, in the wanted versions: then nothing is fetched."""
    return STAMP.exists() and STAMP.read_bytes() == WANTED.read_bytes()


def _run(*arguments: str, python: Path) -> None:
    subprocess.run((python, *arguments), check=True)
