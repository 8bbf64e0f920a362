"""`./helpline backup` and `upgrade`: a backup now, and an older store brought up to date after one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app
from bot.cli.progress import Bar
from bot.cli.reaching import reach, settings_for
from bot.cli.restoring import refuse_postgresql, show, verified
from bot.cli.serving import NoDotenv
from bot.cli.typed import Words
from bot.core.errors import OperatorError
from bot.settings import Settings
from bot.store.backup_files import BackupFolder
from bot.store.folder import LockedError
from bot.store.migrating import HEAD
from bot.store.opening import BeforeUpgrade, database_path, open_store
from bot.wiring import upgrade_backup


@app.command()
def backup(
    *,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Instead of HELPLINE_BACKUPS.")] = None,
    verify: Annotated[Path | None, typer.Option(metavar="FILE", help="Open a backup and test it; keep none.")] = None,
    recovery_file: Words = None,
    dotenv: NoDotenv = True,
) -> None:
    """Make a backup, sealed to the recovery words; or test one with them. The helpline may go on meanwhile."""
    settings = settings_for(dotenv=dotenv)
    refuse_postgresql(settings)
    if verify is not None:
        show(verified(settings, verify, recovery_file))
        typer.echo("The backup is whole, and these words open it. Nothing was changed.")
        return
    if not database_path(settings.database).exists():
        raise OperatorError(f"There is no database at {database_path(settings.database)} yet: nothing to back up.")
    written = asyncio.run(_back_up(settings, (to or settings.backups).absolute()))
    typer.echo(f"{written}  ({written.stat().st_size:,} bytes)")


async def _back_up(settings: Settings, folder: Path) -> Path:
    async with reach(settings) as helpline:
        with Bar("Backing up", _expected(settings)) as bar:
            async with helpline.backup() as sealed:
                name = await BackupFolder(folder).write(datetime.now(UTC), _counted(sealed, bar))
        await helpline.answer({"do": "backed_up"})
    return folder / name


async def _counted(sealed: AsyncIterator[bytes], bar: Bar) -> AsyncIterator[bytes]:
    async for piece in sealed:
        bar.advance(len(piece))
        yield piece


def _expected(settings: Settings) -> int:
    """Guess the size: a compacted database is smaller, frames add a little."""
    blobs = settings.data / "blobs"
    sizes = [path.stat().st_size for path in (blobs.iterdir() if blobs.exists() else ())]
    return database_path(settings.database).stat().st_size + sum(sizes)


@app.command()
def upgrade(*, dotenv: NoDotenv = True) -> None:
    """Bring a store of an older release up to date: backup, migration, check; undone if the check fails."""
    settings = settings_for(dotenv=dotenv)
    refuse_postgresql(settings)
    if not database_path(settings.database).exists():
        raise OperatorError(f"There is no database at {database_path(settings.database)} yet: nothing to upgrade.")
    made: list[Path] = []

    async def back_up() -> None:
        await upgrade_backup(settings)()
        made.append(settings.backups)

    asyncio.run(_open_and_close(settings, back_up))
    told = f"Upgraded; the backup from before lies in {made[0]}." if made else "Nothing to do."
    typer.echo(f"{told} The database is at schema {HEAD}.")


async def _open_and_close(settings: Settings, back_up: BeforeUpgrade) -> None:
    try:
        store = await open_store(settings.database, settings.data, before_upgrade=back_up)
    except LockedError as held:
        raise OperatorError(
            "A helpline is running on this database: it was upgraded when it started. Stop it, install the new "
            "release, and start it again; or stop it and run `./helpline upgrade`."
        ) from held
    await store.close()
