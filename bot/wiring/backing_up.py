"""What makes backups of the store: each night, on request, and before an upgrade."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.core.errors import OperatorError
from bot.service.backing_up import Backups
from bot.service.messaging import Clock
from bot.service.vaulting import Recipient
from bot.settings import Settings
from bot.store.backup_files import BackupFolder
from bot.store.copier import StoreCopier
from bot.store.copying import recipients_of
from bot.store.opening import database_path
from bot.vault.backups import StreamBackupSealer, backup_recipient
from bot.wiring.clock import RealClock

log = structlog.get_logger()


def backups_of(settings: Settings, clock: Clock) -> Backups:
    """Give what makes backups of the store at these settings. Only for whoever holds its lock."""
    copier = StoreCopier(database_path(settings.database), settings.data)
    return Backups(copier=copier, files=BackupFolder(settings.backups), seal=_seal_backup, clock=clock)


def upgrade_backup(settings: Settings) -> Callable[[], Awaitable[None]]:
    """Give what makes a backup before an upgrade; it stops the upgrade if it fails.

    A store that seals to nobody yet holds no case, and nothing that a new one would not have again.
    """

    async def back_up() -> None:
        if await asyncio.to_thread(recipients_of, database_path(settings.database)):
            name = await backups_of(settings, RealClock()).make(test=False)
            log.info("upgrade.backed_up", file=str(settings.backups / name))

    return back_up


def _seal_backup(recipients: Sequence[Recipient]) -> StreamBackupSealer:
    recipient = backup_recipient(recipients)
    if recipient is None:
        raise OperatorError("There is nobody to seal a backup to yet: run `./helpline init`.")
    return StreamBackupSealer(recipient)
