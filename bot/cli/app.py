"""The command's entry: every sub-command, and errors told as one sentence each."""

import sys

import typer

from bot.core.errors import HelplineError

app = typer.Typer(
    name="helpline",
    help="A helpline for Cambodian migrant workers on Telegram, in Khmer and English.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could print keys and words
    add_completion=False,
)


def main() -> None:
    """Run the command; a known error is one message and exit code 1."""
    from bot.cli import cases, content_commands, serving, setting_up, trying  # noqa: F401, PLC0415 - they register their commands

    try:
        app()
    except HelplineError as error:
        typer.echo(f"helpline: {error}", err=True)
        sys.exit(1)
