"""The command that verifies the record of acts at the console: does it still hold together."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

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
def verify(
    *,
    kept: Annotated[str, typer.Option(help="An end of it that was told before, such as 1234-3fa91b2c77d0e8a4.")] = "",
    dotenv: NoDotenv = True,
) -> None:
    """Follow the record from its first entry; fails at one that was changed, taken out or put in, or cut off its end.

    An older record put back as a whole is found with --kept: any end of it that was told after the older one. The
    summary in the operators' group tells it each morning.
    """
    verified = asyncio.run(_verified(settings_for(dotenv=dotenv), kept))
    end = f", and ends with {verified['end']}: keep that elsewhere" if verified["end"] else ""
    typer.echo(f"The record holds together. It has {verified['entries']} entries{end}.")


async def _verified(settings: Settings, kept: str) -> Mapping[str, Any]:
    async with reach(settings) as helpline:
        return await helpline.answer({"do": "verify_record", "kept": kept})
