"""What the helpline tells operators by itself: the daily summary, sent even when empty, and alarms.

They go through the inbox like everything else, under a key of their own, so that each is told exactly once.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import structlog

from bot.core.content import Content
from bot.core.errors import MachineError
from bot.core.expiry import expiring
from bot.core.render import both
from bot.core.state import Case
from bot.core.values import URGENCIES, is_flagged
from bot.service.cards import HOME, SIGNS, country_name
from bot.service.messaging import Clock
from bot.service.nights import TESTED, instant
from bot.service.receiving import Receiver
from bot.service.storing import DeskStore

SUMMARY_AT = time(8, 0)
BEGUN = "summaries_begun"
"""The fact that tells when this helpline began to send summaries."""
LISTED = 40
"""Lines of a summary; the rest is counted. Keeps the message under Telegram's 4,096 characters."""
EXPIRING = 10
log = structlog.get_logger()


async def summary(content: Content, desk: DeskStore, *, now: datetime, free: int, recorded: str) -> str:
    """Write the daily summary: what is open, each request without a flag, oldest first, and how the helpline is.

    `recorded` is how the record of acts ends: what the group has seen, nobody takes back.
    """
    census = await desk.census()
    total = sum(census.values())
    quiet = sum(number for (urgency, _), number in census.items() if not is_flagged(urgency))
    lines = [both(content, content.phrases["daily_summary"], {"total": str(total), "count": str(quiet)})]
    if not total:
        lines.append(both(content, content.phrases["daily_empty"]))
    if untaken := sum(number for (_, state), number in census.items() if state == "new"):
        lines.append(both(content, content.phrases["daily_untaken"], {"count": str(untaken)}))
    for case in await _oldest_quiet(desk):
        lines.append(f"{SIGNS[case.urgency]} {case.number} · {country_name(content, case)} · {case.created:%d.%m.}")
    if quiet > LISTED:
        lines.append(both(content, content.phrases["more_waiting"], {"count": str(quiet - LISTED)}))
    tested = instant(await desk.get(TESTED))
    health = [*_health(content, tested=tested, free=free, now=now)]
    if recorded:
        health.append(both(content, content.phrases["daily_record"], {"name": recorded}))
    return "\n".join([*lines, "", *health])


async def _oldest_quiet(desk: DeskStore) -> list[Case]:
    quiet = [urgency for urgency in URGENCIES if not is_flagged(urgency)]
    found = [case for urgency in quiet for case in await desk.oldest(urgency, limit=LISTED)]
    return sorted(found, key=lambda case: case.created)[:LISTED]


def _health(content: Content, *, tested: datetime | None, free: int, now: datetime) -> Iterator[str]:
    """Say how the helpline itself is: its last tested backup, its disk, and what is to be looked at again."""
    phrases = content.phrases
    if tested is None:
        yield both(content, phrases["daily_no_backup"])
    else:
        yield both(content, phrases["daily_backup"], {"time": f"{tested.astimezone(HOME):%d.%m.%Y}"})
    yield both(content, phrases["daily_disk"], {"count": f"{free / 1000**3:.0f}"})
    for day, name in expiring(content, now.astimezone(HOME).date())[:EXPIRING]:
        yield both(content, phrases["daily_expires"], {"time": f"{day:%d.%m.%Y}", "name": name})


class Summaries:
    """Order a summary each morning in Cambodia."""

    def __init__(self, *, receiver: Receiver, desk: DeskStore, clock: Clock) -> None:
        """Use these ports."""
        self._receiver = receiver
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Order one each day, for ever; of those missed while the machine was away, the newest.

        A new helpline has missed none: its first comes when the first morning does.
        """
        due = last_summary(self._clock.now())
        if due <= await self._begun():
            due += timedelta(days=1)
            await self._clock.until(due)
        while True:
            await self.order(due)
            due = max(due + timedelta(days=1), last_summary(self._clock.now()))
            await self._clock.until(due)

    async def _begun(self) -> datetime:
        """Give the first start of this helpline; a sick machine is not asked twice, and missing one is no harm."""
        now = self._clock.now()
        try:
            begun = instant(await self._desk.get(BEGUN))
            if begun is None:
                await self._desk.put(BEGUN, now.isoformat())
        except MachineError as error:
            log.error("summary.machine_sick", error=str(error))
            return now
        return begun or now

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
