"""`./helpline restore`: a backup into empty folders, verified before anything is put in place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app
from bot.cli.progress import Bar
from bot.cli.reaching import settings_for
from bot.cli.serving import NoDotenv
from bot.cli.typed import Words, recovery_words
from bot.core.errors import OperatorError
from bot.settings import Settings
from bot.store.backup_files import chunks_of
from bot.store.copying import DATABASE, key_check_of, scratch_folder
from bot.store.folder import InstanceLock, make_private_folder
from bot.store.forgetting import forget_closed
from bot.store.opening import SQLITE, database_path, lock_path
from bot.store.restoring import Restored, put_in_place, unpack
from bot.vault.backups import Header, open_backup, read_header
from bot.vault.formats import KeyPair
from bot.vault.key_files import KeyFolder
from bot.vault.provisional import provisional_recipient, read_provisional
from bot.vault.recovery import recovery_from_words
from bot.vault.server_key import SERVER_KEY, create_server_key, load_server_key


@app.command()
def restore(
    file: Path,
    *,
    recovery_file: Words = None,
    without_server_key: Annotated[
        bool, typer.Option("--without-server-key", help="The keys folder is lost: keep the cases, and say what is not.")
    ] = False,
    dotenv: NoDotenv = True,
) -> None:
    """Put a backup into empty folders: opened with the recovery words, verified, and only then put in place."""
    settings = settings_for(dotenv=dotenv)
    refuse_postgresql(settings)
    keys = KeyFolder(settings.keys)
    _refuse_keys(keys, without_server_key=without_server_key)
    make_private_folder(settings.data)
    make_private_folder(database_path(settings.database).parent)
    with InstanceLock(lock_path(settings.database)):
        _refuse_full(settings)
        with scratch_folder(settings.data) as scratch:
            restored = _unpacked(settings, file, recovery_file, scratch)
            lost = _keyed(keys, scratch / DATABASE, anew=without_server_key)
            put_in_place(scratch, data=settings.data, database=database_path(settings.database))
    show(restored)
    if lost is not None:
        _tell_lost(lost)
    typer.echo("Restored. `./helpline check`, then `./helpline run`.")


def refuse_postgresql(settings: Settings) -> None:
    """Refuse a database that has tools of its own; raises OperatorError."""
    if not settings.database.startswith(SQLITE):
        raise OperatorError(
            "This is for SQLite. For PostgreSQL use pg_dump and pg_restore, and copy the folder blobs of HELPLINE_DATA "
            "with them; the keys folder belongs to neither."
        )


def verified(settings: Settings, file: Path, recovery_file: Path | None) -> Restored:
    """Open and check a backup in a scratch folder, as a restore would; nothing is kept. Raises OperatorError."""
    folder = settings.data if settings.data.exists() else file.absolute().parent
    # In a folder of its own: a running helpline may be making a copy in the data folder at this moment.
    with scratch_folder(folder, kind="verify-") as scratch:
        return _unpacked(settings, file, recovery_file, scratch)


def show(restored: Restored) -> None:
    """Say what a backup holds."""
    rows = restored.rows
    typer.echo(f"Backup of {restored.made[:16].replace('T', ' ')} UTC, schema {restored.schema}:")
    typer.echo(f"  {rows['cases']} cases, {rows['records']} records, {restored.blobs} files, {sum(rows.values())} rows")
    if restored.missing:
        typer.echo(f"  {restored.missing} files were gone when it was made: destroyed meanwhile, or lost before")


def _refuse_keys(keys: KeyFolder, *, without_server_key: bool) -> None:
    """Say before asking for the words whether the server key is there as it must be; raises OperatorError."""
    there = keys.holds(SERVER_KEY)
    if without_server_key and there:
        raise OperatorError(
            f"{keys.path / SERVER_KEY} is there: leave --without-server-key out. If it is not the key of this backup, "
            "move it away."
        )
    if not without_server_key and not there:
        raise OperatorError(
            f"{keys.path / SERVER_KEY} is missing, and no backup holds it: put the copy you keep of the keys folder "
            f"there (mode 0700, files 0600). If there is none, add --without-server-key: every case is kept and can be "
            "opened, but not to whom it belongs. Nobody can be answered until they write again."
        )


def _refuse_full(settings: Settings) -> None:
    """Refuse folders that hold a store, or a part of one; raises OperatorError."""
    blobs = settings.data / "blobs"
    in_the_way = [path for path in (database_path(settings.database), blobs) if _is_used(path)]
    if in_the_way:
        raise OperatorError(
            f"{in_the_way[0]} is there already, and a restore never overwrites: set HELPLINE_DATA to an empty folder, "
            "or move the old one away."
        )


def _is_used(path: Path) -> bool:
    return path.exists() and (path.is_file() or any(path.iterdir()))


def _unpacked(settings: Settings, file: Path, recovery_file: Path | None, scratch: Path) -> Restored:
    if not file.is_file():
        raise OperatorError(f"{file} is not a file: give the file of a backup.")
    header, rest = read_header(chunks_of(file))
    pair = _opener(settings, header, recovery_file)
    with Bar("Opening", file.stat().st_size) as bar:
        return unpack(open_backup(header, _counted(rest, bar), pair), scratch)


def _counted(pieces: Iterator[bytes], bar: Bar) -> Iterator[bytes]:
    for piece in pieces:
        bar.advance(len(piece))
        yield piece


def _opener(settings: Settings, header: Header, recovery_file: Path | None) -> KeyPair:
    """Give the secret: of the words, or of the provisional key for a backup made before `init`."""
    keys = KeyFolder(settings.keys)
    provisional = provisional_recipient(keys)
    if provisional is not None and provisional.public_key == header.public_key:
        return read_provisional(keys)
    return recovery_from_words(recovery_words(recovery_file))


def _keyed(keys: KeyFolder, database: Path, *, anew: bool) -> dict[str, int] | None:
    """Hold the server key against the backup's; or make a new one and give what is lost with the old."""
    if anew:
        return forget_closed(database, key_check=create_server_key(keys).key_check())
    load_server_key(keys, key_check=key_check_of(database))
    return None


def _tell_lost(lost: dict[str, int]) -> None:
    typer.echo(
        f"""A new server key was made; what only the old one could open is gone:
  {lost["conversations"]} conversations: to which chat a case belongs is not known any more, and an
  answer to its card reaches nobody. Who writes again is new to the helpline; who presses
  "I wrote before" and gives their number names the old case in the new one. Tell operators.
  {lost["inbox"]} updates, {lost["outbox"]} messages and {lost["fetches"]} files, done or under way."""
    )
