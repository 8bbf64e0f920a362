"""The command's entry: finds the sub-command, loads only what it needs, and tells an error as one sentence."""

import sys
from importlib import import_module

import typer

from bot.core.errors import HelplineError

COMMANDS = {
    "try": ("trying", "Try the whole helpline on one page, with nothing to set up."),
    "run": ("serving", "Serve people, from .env or the environment."),
    "init": ("setting_up", "Make the organisation's key and the recovery words, and invite the first operator."),
    "operators": ("setting_up", "Say who may act on cases: add, invite, remove, list."),
    "keys": ("keys", "Say who can open cases: grant, password, renew, list."),
    "roster": ("rostering", "Say who is on duty when: list, set, clear."),
    "check": ("content_commands", "Say whether everything is fit to serve people."),
    "cases": ("cases", "Show the queue."),
    "case": ("cases", "Open a case, or save a file of it."),
    "hold": ("keeping", "Keep a closed case from being destroyed, with a reason; or no longer."),
    "erase": ("erasing", "Destroy one case: one person asks, another confirms."),
    "retention": ("keeping", "Say after how many days a closed case is destroyed."),
    "backup": ("backing_up", "Make a sealed backup now, or test one with the recovery words."),
    "restore": ("restoring", "Put a backup into empty folders."),
    "upgrade": ("backing_up", "Bring a store of an older release up to date, after a backup."),
    "audit": ("auditing", "Verify the record of who opened which case."),
    "chat": ("chatting", "Talk to the bot in this terminal; record a story."),
    "flows": ("content_commands", "Check the conversations."),
    "words": ("content_commands", "Bring the catalogues of words up to date."),
    "triage": ("content_commands", "Read messages from standard input and say how urgent each is."),
    "guidance": ("content_commands", "Search the guidance articles."),
    "move": ("moving", "Move from SQLite to PostgreSQL."),
    "bench": ("benching", "Measure speed and memory."),
}
"""Each command: the module that registers it, the only one imported (the others take seconds), and what it does."""

app = typer.Typer(
    name="helpline",
    pretty_exceptions_enable=False,  # a traceback with local variables could print keys and words
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def helpline() -> None:
    """Keep sub-commands sub-commands, also when a module registers only one."""


def main() -> None:
    """Run the command; a known error is one message and exit code 1."""
    wanted = next((one for one in sys.argv[1:] if not one.startswith("-")), "")
    if wanted not in COMMANDS:
        _overview(wanted)
    import_module(f"bot.cli.{COMMANDS[wanted][0]}")
    try:
        app()
    except HelplineError as error:
        typer.echo(f"helpline: {error}", err=True)
        sys.exit(1)


def _overview(wanted: str) -> None:
    """List the commands; a wrong one exits with 2."""
    typer.echo("A helpline for Cambodian migrant workers on Telegram, in Khmer and English.\n")
    for name, (_, what) in COMMANDS.items():
        typer.echo(f"  ./helpline {name:<10} {what}")
    typer.echo("  ./helpline test       Run all tests.\n\n./helpline COMMAND --help tells more.")
    if wanted:
        typer.echo(f"\nhelpline: there is no command '{wanted}'.", err=True)
    sys.exit(2 if wanted else 0)
