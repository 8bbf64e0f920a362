"""What the helpline tells operators by itself: the daily summary, sent even when empty, and alarms.

They go through the inbox like everything else, under a key of their own, so that each is told exactly once.
"""

from datetime import datetime, time, timedelta

import structlog

from bot.core.content import Content
from bot.core.errors import MachineError
from bot.core.render import both
from bot.core.values import is_flagged
from bot.service.cards import HOME, SIGNS, country_name
from bot.service.messaging import Clock
from bot.service.receiving import Receiver
from bot.service.storing import DeskStore

SUMMARY_AT = time(8, 0)
LISTED = 40
"""Lines of a summary; the rest is counted. Keeps the message under Telegram's 4,096 characters."""
PAGE = 500
log = structlog.get_logger()


async def summary(content: Content, desk: DeskStore) -> str:
    """Write the daily summary: what is open, and each request without a flag, oldest first."""
    items = await desk.queue(limit=PAGE)
    quiet = [item.case for item in items if not is_flagged(item.case.urgency)]
    counts = {"total": str(len(items)), "count": str(len(quiet))}
    lines = [both(content, content.phrases["daily_summary"], counts)]
    if not items:
        lines.append(both(content, content.phrases["daily_empty"]))
    for case in sorted(quiet, key=lambda one: one.created)[:LISTED]:
        lines.append(f"{SIGNS[case.urgency]} {case.number} · {country_name(content, case)} · {case.created:%d.%m.}")
    if len(quiet) > LISTED:
        lines.append(both(content, content.phrases["more_waiting"], {"count": str(len(quiet) - LISTED)}))
    return "\n".join(lines)


class Summaries:
    """Order a summary each morning in Cambodia."""

    def __init__(self, *, receiver: Receiver, clock: Clock) -> None:
        """Use these ports."""
        self._receiver = receiver
        self._clock = clock

    async def run(self) -> None:
        """Order one each day, for ever; of those missed while the machine was away, the newest."""
        due = last_summary(self._clock.now())
        while True:
            await self.order(due)
            due = max(due + timedelta(days=1), last_summary(self._clock.now()))
            await self._clock.until(due)

    async def order(self, due: datetime) -> None:
        """Order the summary of a day, once; while the machine is sick it is tried again each minute."""
        while True:
            try:
                await self._receiver.order("summary", f"{due:%Y-%m-%d}")
                return
            except MachineError as error:
                log.error("summary.machine_sick", error=str(error))
                await self._clock.until(self._clock.now() + timedelta(minutes=1))


def last_summary(now: datetime) -> datetime:
    """Give the newest instant at which a summary was due."""
    local = now.astimezone(HOME)
    today = datetime.combine(local.date(), SUMMARY_AT, tzinfo=HOME)
    return today if today <= local else today - timedelta(days=1)
