"""Send what the outbox holds: chats side by side, one message of a chat at a time, in order.

Rows come handed over at commit (already leased to this process), or are leased when due: after a crash, a pause, or a
window of the contact rule. What became of them is written in batches. A wipe waits for nobody: a send still in flight
when its chat was hidden is deleted on arrival (DESIGN §3, Hide).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.core import contact
from bot.core.content import Content
from bot.core.errors import HelplineError, MachineError
from bot.core.events import Undelivered
from bot.core.sending import Plan, plan
from bot.service.clerk import Answer
from bot.service.closing import Closer
from bot.service.delivery import Delivered, Delivery
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.pacing import Pace
from bot.service.receiving import Receiver
from bot.service.storing import LaneReader, Outbox, OutboxRow, Settled

LEASE = timedelta(seconds=60)
IN_FLIGHT = 32
IDLE_SECONDS = 5.0
LONG_PAUSE_SECONDS = 20.0
"""A longer pause gives the chat's rows back to the store instead of holding them leased."""
UNPACED = ("delete", "wipe")
log = structlog.get_logger()


@dataclass(slots=True)
class Lane:
    """The rows of one chat, in order. `wiped` counts wipes, so that a send that began before one is known."""

    rows: deque[OutboxRow] = field(default_factory=deque)
    busy: bool = False
    wiped: int = 0


class Sender:
    """Run the outbox of one process."""

    def __init__(
        self,
        *,
        content: Callable[[], Content],
        closer: Closer,
        outbox: Outbox,
        lanes: LaneReader,
        delivery: Delivery,
        messenger: Messenger,
        receiver: Receiver,
        clock: Clock,
        pace: Pace,
        alarm: Callable[[str], Awaitable[None]],
        token: str,
    ) -> None:
        """Use these ports."""
        self._content = content
        self._closer = closer
        self._outbox = outbox
        self._lane_store = lanes
        self._delivery = delivery
        self._messenger = messenger
        self._receiver = receiver
        self._clock = clock
        self._pace = pace
        self._alarm = alarm
        self._token = token
        self._lanes: dict[str, Lane] = {}
        self._known: set[int] = set()
        self._settled: list[Settled] = []
        self._to_settle = asyncio.Event()
        self._wake = asyncio.Event()
        self._free = asyncio.Semaphore(IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped_until = 0.0

    # ── taking rows ──────────────────────────────────────────────────────────────────────────────────────────

    def hand(self, rows: Sequence[OutboxRow], answers: Sequence[Answer]) -> None:
        """Take rows leased to this process at commit, and presses to be answered at once."""
        for answer in answers:
            self._start(self._answer(answer))
        for row in rows:
            self._take(row)
        self._wake.set()

    def _take(self, row: OutboxRow) -> None:
        if row.id in self._known:
            return
        self._known.add(row.id)
        lane = self._lanes.setdefault(row.lane, Lane())
        if row.kind == "wipe":
            lane.wiped += 1
            for waiting in lane.rows:
                self._settle(Settled(waiting.id, self._token, "cancelled"))
                self._give_back_reply(waiting)
            lane.rows.clear()
            self._start(self._wipe(row))
            return
        lane.rows.append(row)
        if not lane.busy:
            lane.busy = True
            self._start(self._drain(row.lane, lane))

    def _give_back_reply(self, row: OutboxRow) -> None:
        if row.kind == "reply":
            self._start(self._undeliverable(row, "refused"))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.task_failed", error=type(error).__name__)

    async def run(self) -> None:
        """Settle results and lease rows that are due, for ever; ends by cancellation, after what is in flight."""
        settling = asyncio.ensure_future(self._settle_for_ever())
        try:
            while True:
                self._wake.clear()
                await self._lease()
                try:
                    await asyncio.wait_for(self._wake.wait(), await self._pause())
                except TimeoutError:
                    continue
        finally:
            settling.cancel()
            await self._drain_down()

    async def _drain_down(self) -> None:
        """Let calls in flight end, at most four seconds, and write what became of them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=4.0)
        for task in list(self._tasks):
            task.cancel()
        await self._write_settled()

    async def _lease(self) -> None:
        now = self._clock.now()
        try:
            rows = await self._outbox.lease(100, now=now, until=now + LEASE, token=self._token)
        except MachineError as error:
            log.error("outbox.machine_sick", error=str(error))
            return
        for row in rows:
            self._take(row)

    async def _pause(self) -> float:
        due = await self._outbox.next_due()
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.05), IDLE_SECONDS)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _drain(self, name: str, lane: Lane) -> None:
        """Send a chat's rows one after the other until none is left."""
        try:
            while lane.rows:
                row = lane.rows.popleft()
                again = await self._send(row, lane)
                if again is not None:
                    await self._wait_or_release(lane, row, again)
        finally:
            lane.busy = False
            if not lane.rows and lane.wiped == 0:
                self._lanes.pop(name, None)

    async def _wait_or_release(self, lane: Lane, row: OutboxRow, again: Plan) -> None:
        """Keep the chat's order while it waits: a short pause in memory, a long one in the store."""
        if again.seconds <= LONG_PAUSE_SECONDS:
            await asyncio.sleep(again.seconds)
            lane.rows.appendleft(_tried(row))
            return
        due = self._clock.now() + timedelta(seconds=again.seconds)
        for one in (row, *lane.rows):
            self._settle(Settled(one.id, self._token, "ready", due=due))
        lane.rows.clear()

    async def _send(self, row: OutboxRow, lane: Lane) -> Plan | None:
        """Send one row; gives the plan if it must be tried again."""
        if not await self._allowed(row):
            return None
        chat = await self._delivery.chat_of(row)
        if row.kind not in UNPACED:
            wait = self._pace.wait(chat, time.monotonic())
            if wait > LONG_PAUSE_SECONDS:
                return Plan(do="again", seconds=wait)
            await asyncio.sleep(wait)
        wiped = lane.wiped
        async with self._free:
            try:
                delivered = await self._delivery.carry(row, chat)
            except SendFailed as failed:
                return await self._failed(row, failed)
            except HelplineError as error:
                log.error("outbox.row_unusable", row=row.id, error=type(error).__name__)
                self._settle(Settled(row.id, row.lease or self._token, "undeliverable"))
                return None
        if lane.wiped != wiped and row.kind in ("screen", "reply", "notice"):
            await self._delivery.remove(chat, delivered)
            delivered = Delivered()
        self._settle(self._delivery.settled(row, delivered, self._token))
        return None

    async def _wipe(self, row: OutboxRow) -> None:
        while True:
            chat = await self._delivery.chat_of(row)
            try:
                delivered = await self._delivery.carry(row, chat)
            except SendFailed as failed:
                again = await self._failed(row, failed)
                if again is None:
                    return
                await asyncio.sleep(again.seconds)
                row = _tried(row)
                continue
            self._settle(self._delivery.settled(row, delivered, self._token))
            return

    async def _failed(self, row: OutboxRow, failed: SendFailed) -> Plan | None:
        age = (self._clock.now() - row.due).total_seconds()
        what = plan(failed.failure, kind=row.kind, tries=row.tries, age_seconds=age, after=failed.after)
        log.info("outbox.send_failed", row=row.id, kind=row.kind, failure=failed.failure, do=what.do)
        match what.do:
            case "done":
                self._settle(Settled(row.id, self._token, "sent"))
                return None
            case "undeliverable":
                self._settle(Settled(row.id, self._token, "undeliverable"))
                await self._undeliverable(row, what.reason or "gone")
                return None
            case "stop":
                await self._alarm("token_revoked")
            case "again" if failed.chat is not None:
                await self._delivery.moved(row, failed.chat)
            case "again":
                pass
        return what

    async def _undeliverable(self, row: OutboxRow, reason: str) -> None:
        """Bring what could not be delivered back to the operators; a card that found no group alarms."""
        if row.kind in ("card", "card_reply") and row.lane == "group":
            await self._alarm("group_unreachable")
        if row.kind in ("screen", "reply", "notice"):
            event = Undelivered.model_validate(
                {"row": row.key, "case": row.case if row.kind == "reply" else None, "reason": reason}
            )
            await self._receiver.event(row.lane, "outbox", f"{row.key}:{reason}", event)

    async def _allowed(self, row: OutboxRow) -> bool:
        """Ask the contact rule once more for initiatives, and for answers grown old; what may not go now waits."""
        now = self._clock.now()
        old = row.kind in ("screen", "reply") and now - row.due > contact.ANSWER_TIME
        if row.kind not in ("screen", "reply", "notice") or not (row.initiative or old):
            return True
        state = await self._lane_store.lane(row.lane)
        talk = self._closer.open_talk(row.lane, state.body)
        country = next((case.country for case in state.cases if case.id == row.case), None)
        zones = self._content().zones(country or str(talk.answers.get("country", "")))
        if contact.is_answer(talk.last_act, now) or contact.may_write(talk.contact, zones, now):
            return True
        due = contact.next_allowed(talk.contact, zones, now)
        if row.kind == "screen":
            self._settle(Settled(row.id, self._token, "cancelled"))
        else:
            self._settle(Settled(row.id, self._token, "held" if due is None else "ready", due=due))
        return False

    async def _answer(self, answer: Answer) -> None:
        try:
            await self._messenger.answer(answer.callback, answer.text, alert=answer.alert)
        except SendFailed as failed:
            log.info("outbox.press_unanswered", failure=failed.failure)

    # ── results ──────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, result: Settled) -> None:
        self._settled.append(result)
        self._to_settle.set()

    async def _settle_for_ever(self) -> None:
        while True:
            await self._to_settle.wait()
            self._to_settle.clear()
            await self._write_settled()

    async def _write_settled(self) -> None:
        results, self._settled = self._settled, []
        if not results:
            return
        try:
            await self._outbox.settle(results)
        except MachineError as error:
            log.error("outbox.machine_sick", error=str(error))
            self._settled = results + self._settled
            await asyncio.sleep(1.0)
            self._to_settle.set()
            return
        self._known.difference_update(result.id for result in results)


def _tried(row: OutboxRow) -> OutboxRow:
    return replace(row, tries=row.tries + 1)
