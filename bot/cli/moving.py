"""`./helpline move`: from SQLite to PostgreSQL, when one machine is not enough any more."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app
from bot.cli.reaching import settings_for
from bot.cli.serving import NoDotenv
from bot.core.errors import OperatorError
from bot.settings import ROOT, Settings
from bot.store.moving import Counted
from bot.store.moving import move as move_store
from bot.store.opening import SQLITE, is_postgres, open_store


@app.command()
def move(
    *,
    source: Annotated[
        Path | None, typer.Option("--from", help="The SQLite file, if not helpline.db in HELPLINE_DATA.")
    ] = None,
    dotenv: NoDotenv = True,
) -> None:
    """Copy the SQLite database into the empty PostgreSQL that HELPLINE_DATABASE names, and verify the copy."""
    settings = settings_for(dotenv=dotenv)
    if not is_postgres(settings.database):
        raise OperatorError(
            "HELPLINE_DATABASE names the place to move to: set it to postgresql://USER:PASSWORD@HOST/NAME"
        )
    file = ROOT / source if source is not None else settings.data / "helpline.db"
    if not file.is_file():
        raise OperatorError(f"{file} is not there: name the SQLite file with --from FILE")
    for one in asyncio.run(_move(settings, file)):
        typer.echo(f"{one.table:<14} {one.rows:>9} rows   sha256 sum {one.digest[:16]}…")
    typer.echo(f"\nMoved. Sealed files stay in {settings.data / 'blobs'}, keys in {settings.keys}.")
    typer.echo(f"{file} is not served any more: keep it until the first backup, then delete it.")


async def _move(settings: Settings, file: Path) -> Sequence[Counted]:
    source = await open_store(f"{SQLITE}{file}", settings.data)
    try:
        target = await open_store(settings.database, settings.data)
        try:
            return await move_store(source, target)
        finally:
            await target.close()
    finally:
        await source.close()
