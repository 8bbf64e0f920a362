"""What the helpline does for its own survival: a backup each night, a test of it each week, a look at the disk."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import structlog

from bot.core.errors import HelplineError, MachineError
from bot.service.backing_up import Backups
from bot.service.cards import HOME
from bot.service.household import Alarms
from bot.service.messaging import Clock
from bot.service.storing import DeskStore

BACKUP_AT = time(3, 0)
"""In Cambodia: the hour in which the fewest people write."""
TEST_AFTER = timedelta(days=6, hours=12)
"""A week, less half a day: the night decides, not the minute."""
OLD = timedelta(days=2)
AGAIN = timedelta(hours=6)
"""So long after a failure it is tried again; as often the disk is looked at."""
LOW_DISK = 1024**3
"""Bytes. A night needs room for a copy of the database and a backup, and people's files need some too."""

MADE, TESTED = "backup_made", "backup_tested"
"""The facts that tell when the last backup was made, and when the last one that passed the test."""
log = structlog.get_logger()


class Nights:
    """Make a backup each night, and raise an alarm when there is none, or when the disk fills."""

    def __init__(
        self, *, backups: Backups, desk: DeskStore, alarm: Alarms, clock: Clock, free: Callable[[], int]
    ) -> None:
        """Use these ports; `free` tells the free bytes of the disk of the data."""
        self._backups = backups
        self._desk = desk
        self._alarm = alarm
        self._clock = clock
        self._free = free

    async def run(self) -> None:
        """Do so for ever; a night missed while the machine was away is made up for at once."""
        due = next_night(await self._fact(MADE) or self._clock.now())
        while True:
            now = self._clock.now()
            if now >= due:
                due = next_night(now) if await self.night() else now + AGAIN
            await self.look()
            await self._clock.until(min(due, self._clock.now() + AGAIN))

    async def night(self) -> bool:
        """Make a backup, and test it if the last test is a week old. False, and an alarm, if that failed."""
        now = self._clock.now()
        tested = await self._fact(TESTED)
        test = tested is None or now - tested >= TEST_AFTER
        try:
            await self._backups.make(test=test)
            if test:
                await self._desk.put(TESTED, now.isoformat())
            await self._desk.put(MADE, now.isoformat())
        except Exception as error:  # noqa: BLE001 - no backup that fails, of whatever, may end the serving of people: logged, alarmed, tried again
            told = str(error) if isinstance(error, HelplineError) else ""
            log.error("backup.failed", error=type(error).__name__, told=told)
            await self._alarm("backup_failed")
            return False
        log.info("backup.made", tested=test)
        return True

    async def look(self) -> None:
        """Raise an alarm if the last backup is old, or the disk nearly full."""
        made = await self._fact(MADE)
        if made is not None and self._clock.now() - made > OLD:
            await self._alarm("backup_old")
        try:
            is_low = self._free() < LOW_DISK
        except OSError as sick:
            log.error("disk.unknown", error=type(sick).__name__)
            return
        if is_low:
            await self._alarm("disk_low")

    async def _fact(self, key: str) -> datetime | None:
        try:
            return instant(await self._desk.get(key))
        except MachineError as error:
            log.error("backup.machine_sick", error=str(error))
            return None


def instant(fact: str | None) -> datetime | None:
    """Read an instant from a fact."""
    return None if not fact else datetime.fromisoformat(fact)


def next_night(after: datetime) -> datetime:
    """Give the first instant after this one at which a backup is due."""
    local = after.astimezone(HOME)
    tonight = datetime.combine(local.date(), BACKUP_AT, tzinfo=HOME)
    return tonight if tonight > local else tonight + timedelta(days=1)
