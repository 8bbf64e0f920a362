"""`./helpline erase`: destroy one case for the organisation's duty, by two people, and prove it by a count."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.app import app
from bot.cli.keys import KEYRING
from bot.cli.reaching import Reached, reach, settings_for
from bot.cli.reaching_keys import ReachedKeys
from bot.cli.serving import NoDotenv
from bot.cli.typed import PassphraseFile, passphrase
from bot.core.errors import OperatorError
from bot.service.vaulting import operator_recipient


@app.command()
def erase(
    number: str,
    *,
    operator: Annotated[int, typer.Option("--as", metavar="ID", help="Who you are: your id, with your own password.")],
    passphrase_file: PassphraseFile = None,
    dotenv: NoDotenv = True,
) -> None:
    """Destroy a case: a supervisor or administrator asks for it, another person gives the same command to confirm."""
    told = asyncio.run(_erase(number, operator, file=passphrase_file, dotenv=dotenv))
    if not told["done"]:
        typer.echo(
            f"Asked for and recorded. Within {told['hours']} hours another person confirms it:\n"
            f"  ./helpline erase {number.upper()} --as THEIR_ID"
        )
        return
    for name, count in told["before"].items():
        typer.echo(f"{name:<10} {count:>4} before, {told['after'][name]} now")
    typer.echo(
        f"Erased. Backups made before hold it, sealed, until {told['until']}; your copies of them for as long as\n"
        "you keep those. The record of acts still says that it was opened and erased, and nothing of what was in it."
    )


async def _erase(number: str, operator: int, *, file: Path | None, dotenv: bool) -> Mapping[str, Any]:
    async with reach(settings_for(dotenv=dotenv)) as helpline:
        if not helpline.running:
            raise OperatorError("Start the helpline first (`./helpline run`): it also empties the cards in the group.")
        await _prove(helpline, operator, file)
        return await helpline.answer({"do": "erase", "number": number, "operator": operator})


async def _prove(helpline: Reached, operator: int, file: Path | None) -> None:
    """Let whoever sits here prove with their password that they are this operator; raises OperatorError."""
    name = operator_recipient(operator)
    key = await ReachedKeys(helpline).wrapped(name)
    given = passphrase(file, whose="Your password")
    await asyncio.to_thread(KEYRING.unlock, name, key, given)
