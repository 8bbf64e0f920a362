"""The folder of backups: each whole or not there at all, named by its instant, private."""

from collections.abc import AsyncIterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.core.errors import MachineError, OperatorError
from bot.service.backing_up import BackupFiles
from bot.store.copying import CHUNK_BYTES
from bot.store.whole_files import UNFINISHED, on_disk, sync_folder, write_whole

ENDING = ".backup"
_NAME = f"helpline-%Y%m%d-%H%M%S{ENDING}"


class BackupFolder(BackupFiles):
    """Keep backups in one folder, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def write(self, made: datetime, sealed: AsyncIterable[bytes]) -> str:
        """Keep a backup made at an instant, durable when this returns; gives its name. Raises MachineError."""
        name = made.astimezone(UTC).strftime(_NAME)
        for left in self.path.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        await write_whole(self.path / name, sealed)
        return name

    async def made(self) -> Sequence[tuple[datetime, str]]:
        """List the backups that lie there, oldest first, by instant and name; other files are not ours."""
        return await on_disk(self.path, lambda: sorted(_ours(self.path)))

    def read(self, name: str) -> Iterator[bytes]:
        """Read a backup in chunks, in the thread that asks; raises MachineError."""
        return chunks_of(self.path / name)

    async def delete(self, names: Sequence[str]) -> None:
        """Delete backups; those already gone are passed over."""

        def delete() -> None:
            for name in names:
                (self.path / name).unlink(missing_ok=True)
            if names:
                sync_folder(self.path)

        await on_disk(self.path, delete)


def chunks_of(path: Path) -> Iterator[bytes]:
    """Read a file in chunks; raises OperatorError if it cannot be opened, MachineError if it cannot be read."""
    try:
        file = path.open("rb")
    except OSError as refused:
        raise OperatorError(f"{path} cannot be read ({refused.strerror}): give the file of a backup") from refused
    with file:
        try:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
        except OSError as sick:
            raise MachineError(f"{path} cannot be read ({sick.strerror}): look at the disk") from sick


def _ours(folder: Path) -> Iterator[tuple[datetime, str]]:
    for path in folder.glob(f"*{ENDING}"):
        try:
            yield datetime.strptime(path.name, _NAME).replace(tzinfo=UTC), path.name
        except ValueError:
            continue
