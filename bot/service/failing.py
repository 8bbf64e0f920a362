"""What is done about a send that failed, beyond trying again: who is told, what else must wait, what is given up."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.core.events import Undelivered
from bot.core.sending import Plan, Reason, plan
from bot.service.delivery import Delivery
from bot.service.deskwork import UNREACHABLE
from bot.service.house import GROUP
from bot.service.messaging import Clock, SendFailed
from bot.service.pacing import Halt
from bot.service.queueing import CARDS, SILENCED
from bot.service.receiving import Receiver
from bot.service.rows import HIDES, Arrival, OutboxRow, Settled

NO_GROUP_SECONDS = 60.0
"""Cards are kept until the group can be written to again, and tried so often."""
LONG_WAIT_SECONDS = 3600.0
"""Somebody must hear it if Telegram asks to wait so long; nothing waits longer without being tried."""
SEVERAL_TRIES = 10
"""A row that waited long for its turn is not given up at the first failure."""
log = structlog.get_logger()


class Failures:
    """Judge failed rows of one process; `halt` says when nothing at all may be sent."""

    def __init__(
        self,
        *,
        receiver: Receiver,
        delivery: Delivery,
        clock: Clock,
        alarm: Callable[[str], Awaitable[None]],
        settle: Callable[[Settled], None],
        rest: Callable[[str], Sequence[OutboxRow]],
        token: str,
    ) -> None:
        """Use these ports; `settle` takes results, `rest` takes out what else is in hand for a person."""
        self._receiver = receiver
        self._delivery = delivery
        self._clock = clock
        self._alarm = alarm
        self._settle = settle
        self._rest = rest
        self._token = token
        self.halt = Halt()

    async def failed(self, row: OutboxRow, failed: SendFailed) -> Plan | None:
        """Do what a failure asks for; gives the plan if the row must be tried again."""
        age = (self._clock.now() - (row.made or row.due)).total_seconds() if row.tries >= SEVERAL_TRIES else 0.0
        hides = row.priority == HIDES
        what = plan(failed.failure, kind=row.kind, tries=row.tries, age_seconds=age, after=failed.after, hides=hides)
        log.info("outbox.send_failed", row=row.id, kind=row.kind, failure=failed.failure, do=what.do)
        await self._tell(row, failed, what)
        match what.do:
            case "done":
                self._settle(Settled(row.id, self._token, "sent"))
                return None
            case "undeliverable":
                return await self.lost(row, what.reason or "gone")
            case "again" if failed.chat is not None:
                await self._delivery.moved(row, failed.chat)
                await self._alarm("group_moved")
            case "again" | "stop":
                pass
        return what

    async def _tell(self, row: OutboxRow, failed: SendFailed, what: Plan) -> None:
        """Tell of what is more than one message's trouble, and let everything wait that would meet the same."""
        now = self._clock.now()
        match failed.failure:
            case "malformed":
                await self._alarm("refused")
            case "revoked":
                self.halt.stop(now, what.seconds)
                await self._alarm("token_revoked")
            case "wait":
                self.halt.refused(row.lane, now, seconds=what.seconds)
                if what.seconds >= LONG_WAIT_SECONDS:
                    await self._alarm("told_to_wait")
            case "unknown" if row.kind in SILENCED:
                self._delivery.doubt(row.lane)
            case _:
                pass

    async def lost(self, row: OutboxRow, reason: Reason) -> Plan | None:
        """Give up a row, and with it what else was to be said to a person who cannot be reached.

        What the group did not get goes to operators privately, and waits for the group.
        """
        if row.kind == "card" and row.lane == GROUP and row.case is not None:
            await self._receiver.unseen(row.case, row.key)
        if row.kind in CARDS and row.lane == GROUP and reason != "refused":
            await self._alarm(UNREACHABLE)
            return Plan(do="again", seconds=NO_GROUP_SECONDS)
        for one in [row, *(self._rest(row.lane) if reason != "refused" else ())]:
            self._give_up(one, reason)
        return None

    def _give_up(self, row: OutboxRow, reason: Reason) -> None:
        """Write down that a row will never arrive; what was for a person is told in their lane with it."""
        arrival: Arrival | None = None
        if row.kind in SILENCED:
            case = row.case if row.kind == "reply" else None
            event = Undelivered(row=row.key, case=case, reason=reason)
            arrival = self._receiver.arrival(row.lane, "outbox", f"{row.key}:{reason}", event)
        self._settle(Settled(row.id, self._token, "undeliverable", arrival=arrival))
