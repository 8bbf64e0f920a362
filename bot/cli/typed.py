"""Secrets that a person types, or keeps in a file beside the command: passphrases and recovery words."""

from pathlib import Path
from typing import Annotated

import typer

from bot.core.errors import OperatorError
from bot.vault.passphrases import check_passphrase

PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file that holds the passphrase in its first line.")
]
Words = Annotated[Path | None, typer.Option("--recovery-file", help="A file that holds the recovery words.")]


def passphrase(file: Path | None, *, whose: str = "Passphrase of the organisation") -> str:
    """Ask for a passphrase, or read it from the first line of a file. Raises OperatorError."""
    if file is None:
        return str(typer.prompt(whose, hide_input=True))
    lines = _lines(file)
    return lines[0].removeprefix("passphrase: ") if lines else ""


def new_passphrase(file: Path | None, *, whose: str) -> str:
    """Ask twice for a new one, or read it from a file. Raises OperatorError if it is short, or the two differ."""
    first = passphrase(file, whose=f"{whose} (15 characters or more)")
    check_passphrase(first)
    if file is None and first != typer.prompt("Once more", hide_input=True):
        raise OperatorError("The two are not the same. Nothing was changed; run the command again.")
    return first


def recovery_words(file: Path | None) -> str:
    """Ask for the recovery words, or read them from the last line of a file, as `init --out` writes it."""
    if file is None:
        return str(typer.prompt("The 24 recovery words", hide_input=True))
    lines = _lines(file)
    return lines[-1].removeprefix("recovery words: ") if lines else ""


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").strip().splitlines()
    except OSError as refused:
        raise OperatorError(f"{file} cannot be read ({refused.strerror}).") from refused
    except UnicodeDecodeError as refused:
        raise OperatorError(f"{file} cannot be read as text: give a file that holds the secret itself.") from refused
