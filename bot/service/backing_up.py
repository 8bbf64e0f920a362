"""Making backups, one at a time, and which of them are kept.

A backup is one consistent copy of the store, sealed to the offline recovery key: the helpline cannot open the ones it
made before. The test opens the one just written, while its key is still in memory: the file is read back from the disk
and restored into a scratch folder, which is opened as a store. Only the recovery words are not tested by that;
docs/drill.md is for them.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import datetime
from typing import Protocol

from bot.core.errors import HelplineError, OperatorError
from bot.service.cards import HOME
from bot.service.messaging import Clock
from bot.service.vaulting import BackupSealer, Recipient

DAYS, WEEKS = 7, 4
"""The newest backup of each of the last 7 days that have one is kept, and of each of the last 4 weeks."""


class Copier(Protocol):
    """Copy the store as it is at one moment."""

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom the store seals."""

    def copy(self, now: datetime) -> AsyncGenerator[bytes, None]:
        """Give the copy in chunks; raises MachineError."""

    async def rehearse(self, pieces: Iterator[bytes]) -> None:
        """Restore a copy into a scratch folder and open it there; raises OperatorError if it is not fit."""


class BackupFiles(Protocol):
    """Where backups lie."""

    async def write(self, made: datetime, sealed: AsyncIterable[bytes]) -> str:
        """Keep a backup, whole or not at all; gives its name. Raises MachineError."""

    async def made(self) -> Sequence[tuple[datetime, str]]:
        """List those that lie there, oldest first."""

    def read(self, name: str) -> Iterator[bytes]:
        """Read one in chunks; may block."""

    async def delete(self, names: Sequence[str]) -> None:
        """Delete some."""


Seal = Callable[[Sequence[Recipient]], BackupSealer]
"""Begin a backup for one of these; raises OperatorError if nobody among them may have it."""


class Backups:
    """Make backups, one at a time."""

    def __init__(self, *, copier: Copier, files: BackupFiles, seal: Seal, clock: Clock) -> None:
        """Use these ports."""
        self._copier = copier
        self._files = files
        self._seal = seal
        self._clock = clock
        self._busy = False

    async def sealed(self) -> AsyncGenerator[bytes, None]:
        """Begin a backup for somebody else to write, and give its bytes.

        Raises OperatorError if one is being made, or there is nobody to seal to.
        """
        self._refuse_second()
        return self._frames(self._seal(await self._copier.recipients()))

    async def make(self, *, test: bool) -> str:
        """Make a backup, test it if asked to, forget those it makes superfluous; gives its name.

        Raises OperatorError or MachineError; then the older ones are still there, and this one is not.
        """
        self._refuse_second()
        sealer = self._seal(await self._copier.recipients())
        async with aclosing(self._frames(sealer)) as frames:
            name = await self._files.write(self._clock.now(), frames)
        if test:
            with self._alone():
                await self._tested(name, sealer)
        await self._files.delete(superfluous(await self._files.made()))
        return name

    async def _tested(self, name: str, sealer: BackupSealer) -> None:
        try:
            await self._copier.rehearse(sealer.reopened(self._files.read(name)))
        except HelplineError:
            await self._files.delete([name])
            raise

    async def _frames(self, sealer: BackupSealer) -> AsyncGenerator[bytes, None]:
        with self._alone():
            yield sealer.header()
            async with aclosing(self._copier.copy(self._clock.now())) as chunks:
                async for chunk in chunks:
                    if frames := sealer.feed(chunk):
                        yield frames
            yield sealer.finish()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._refuse_second()
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _refuse_second(self) -> None:
        if self._busy:
            raise OperatorError("A backup is being made at this moment: wait until it is there.")


def superfluous(made: Sequence[tuple[datetime, str]]) -> list[str]:
    """Name the backups not to be kept, from all there are, oldest first; days and weeks are Cambodia's."""
    days = {at.astimezone(HOME).date(): name for at, name in made}
    weeks = {at.astimezone(HOME).isocalendar()[:2]: name for at, name in made}
    kept = {*list(days.values())[-DAYS:], *list(weeks.values())[-WEEKS:]}
    return [name for _, name in made if name not in kept]
