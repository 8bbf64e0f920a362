"""The command that verifies the record of acts at the console: does it still hold together."""

import asyncio
from collections.abc import Mapping
from typing import Any

import typer

from bot.cli.app import app
from bot.cli.reaching import reach, settings_for
from bot.cli.serving import NoDotenv
from bot.settings import Settings

audit = typer.Typer(help="The record of who did what at the console.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@audit.callback()
def record() -> None:
    """Look at the record of who did what at the console."""


@audit.command()
def verify(*, dotenv: NoDotenv = True) -> None:
    """Follow the record from its first entry; fails at one that was changed, taken out or put in, or cut off its end.

    An older record put back as a whole is found by nobody but who knows how it ended: compare the last link with the
    log.
    """
    verified = asyncio.run(_verified(settings_for(dotenv=dotenv)))
    last = verified["last"] or "none"
    typer.echo(f"The record holds together: {verified['entries']} entries, the last link is {last}.")


async def _verified(settings: Settings) -> Mapping[str, Any]:
    async with reach(settings) as helpline:
        return await helpline.answer({"do": "verify_record"})
