"""The command's entry: every sub-command, and errors told as one sentence each."""

import sys
from importlib import import_module

import typer

from bot.core.errors import HelplineError

app = typer.Typer(
    name="helpline",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could print keys and words
    add_completion=False,
)


@app.callback()
def _helpline() -> None:
    """A helpline for Cambodian migrant workers on Telegram, in Khmer and English."""


_WHERE = {
    "run": "serving",
    "try": "trying",
    "init": "setting_up",
    "operators": "setting_up",
    "cases": "cases",
    "case": "cases",
    "chat": "chatting",
    "check": "content_commands",
    "flows": "content_commands",
    "words": "content_commands",
    "triage": "content_commands",
    "guidance": "content_commands",
}
"""Which module registers a command: only that one is imported, because the others take a second to load."""


def main() -> None:
    """Run the command; a known error is one message and exit code 1."""
    wanted = _WHERE.get(next((one for one in sys.argv[1:] if not one.startswith("-")), ""))
    for module in (wanted,) if wanted else dict.fromkeys(_WHERE.values()):
        import_module(f"bot.cli.{module}")
    try:
        app()
    except HelplineError as error:
        typer.echo(f"helpline: {error}", err=True)
        sys.exit(1)
