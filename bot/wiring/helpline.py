"""The running helpline: its parts, run together."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from starlette.applications import Starlette

from bot.core.errors import MachineError
from bot.service.attachments import Fetcher
from bot.service.auditing import Audit
from bot.service.backing_up import Backups
from bot.service.bell import Bell
from bot.service.clearing import Clearer
from bot.service.closing import Closer
from bot.service.heartbeat import Heartbeat
from bot.service.household import Alarms, Household
from bot.service.inbox import Decider
from bot.service.messaging import Clock
from bot.service.nights import Nights
from bot.service.office import Office
from bot.service.orders import Summaries
from bot.service.outbox import Sender
from bot.service.paging import Pager
from bot.service.receiving import Receiver
from bot.service.retention import Retention
from bot.service.room import Room
from bot.service.shifts import Shifts
from bot.service.timers import Timers
from bot.service.vitals import Vitals
from bot.store.opening import Store
from bot.tg.receive import Poller
from bot.tg.webhook_watch import WebhookWatch

PRUNE_AFTER = timedelta(days=8)
"""Telegram repeats an update for a day; its ids start anew after a week."""
Source = Poller | WebhookWatch
"""Where updates come from: asked for, or posted to us."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Helpline:
    """The running helpline."""

    store: Store
    closer: Closer
    receiver: Receiver
    decider: Decider
    sender: Sender
    timers: Timers
    fetcher: Fetcher
    clearer: Clearer
    pager: Pager | None
    summaries: Summaries
    backups: Backups | None
    nights: Nights | None
    retention: Retention
    room: Room
    office: Office
    household: Household
    alarm: Alarms
    source: Source
    vitals: Vitals
    heartbeat: Heartbeat | None
    audit: Audit
    shifts: Shifts
    cases: Bell
    site: Starlette
    clock: Clock

    async def run(self, *, unclean: bool = False) -> None:
        """Run every part until cancelled; the sender ends last, so that calls in flight are written down.

        `unclean`: an earlier run was not closed. What it left is decided with care while all else runs, so that
        nobody who hides now has to wait for it.
        """
        peers = self.store.peers
        is_polling = isinstance(self.source, Poller)
        parts = [
            self.source.run() if peers is None or not is_polling else peers.while_poller(self.source.run),
            self.decider.run(unclean=unclean),
            self.sender.run(),
            self.timers.run(),
            self.fetcher.run(),
            self.clearer.run(),
            self.summaries.run(),
            self._prune(),
            self._look_for_damage(),
            self.retention.run(),
            self.room.run(),
            self.shifts.run(),
        ]
        if peers is not None:
            parts.append(peers.run())
        if self.pager is not None:
            parts.append(self.pager.run())
        if self.nights is not None:
            parts.append(self.nights.run())
        if self.heartbeat is not None:
            parts.append(self.heartbeat.run())
        self.vitals.serving = True
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(part)
        finally:
            self.vitals.serving = False
            self.cases.end()

    async def _look_for_damage(self) -> None:
        """Check a large database while people are served: they would wait a minute for each 4 GB otherwise."""
        try:
            findings = await self.store.damage()
        except MachineError as error:
            log.error("store.unreadable", error=str(error))
            findings = 1
        if findings:
            log.error("store.damaged", findings=findings)
            await self.alarm("database_damaged")

    async def _prune(self) -> None:
        """Forget old inbox keys and what was sent long ago, once a day."""
        while True:
            before = self.clock.now() - PRUNE_AFTER
            try:
                await self.store.inbox.prune(before)
                await self.store.outbox.prune(before)
            except MachineError as error:
                log.error("prune.machine_sick", error=str(error))
            await self.clock.until(self.clock.now() + timedelta(days=1))
