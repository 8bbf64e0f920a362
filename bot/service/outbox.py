"""Send what the outbox holds: chats side by side, one message of a chat at a time, in order.

Rows come handed over at commit (already leased to this process), or are leased when due: after a crash, a pause, or a
window of the contact rule. What became of them is written in batches. A wipe waits for nobody: a send still in flight
when its chat was hidden is deleted on arrival (ARCHITECTURE, Hide).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.core.errors import MachineError
from bot.core.sending import Plan, pause
from bot.service.delivery import Delivery
from bot.service.failing import Failures
from bot.service.folding import Folding
from bot.service.house import GROUP
from bot.service.jobs import Answer
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.pacing import Pace
from bot.service.permission import Permission
from bot.service.queueing import LONG_PAUSE_SECONDS, SILENCED, Lane, Waiting
from bot.service.receiving import Receiver
from bot.service.removing import Removals
from bot.service.rows import Kept, OutboxRow, Settled
from bot.service.settling import Settler
from bot.service.storing import Outbox

LEASE = timedelta(seconds=60)
AT_ONCE = 100
IN_FLIGHT = 32
IDLE_SECONDS = 5.0
SICK_SECONDS = 2.0
STOP_SECONDS = 4.0
UNPACED = ("delete", "wipe")
log = structlog.get_logger()


class Sender:
    """Run the outbox of one process."""

    def __init__(
        self,
        *,
        permission: Permission,
        outbox: Outbox,
        folding: Folding,
        delivery: Delivery,
        messenger: Messenger,
        receiver: Receiver,
        clock: Clock,
        pace: Pace,
        alarm: Callable[[str], Awaitable[None]],
        token: str,
        lease: timedelta = LEASE,
        alone: bool = True,
    ) -> None:
        """Use these ports. `lease`: for how long rows are ours; not `alone`: other processes send from this store."""
        self._outbox = outbox
        self._permission = permission
        self._folding = folding
        self._delivery = delivery
        self._messenger = messenger
        self._receiver = receiver
        self._clock = clock
        self.pace = pace
        self._alarm = alarm
        self._token = token
        self._lease_time = lease
        self._alone = alone
        self._lanes: dict[str, Lane] = {}
        self._known: dict[int, str] = {}
        self._given_back: dict[int, tuple[str, str | None]] = {}
        self._unwritten: dict[int, asyncio.Event] = {}
        self._removals = Removals(delivery=delivery, outbox=outbox, clock=clock, start=self._start)
        self._settler = Settler(outbox=outbox, clock=clock, alarm=alarm, written=self._written_down)
        self._failures = Failures(
            receiver=receiver,
            delivery=delivery,
            clock=clock,
            alarm=alarm,
            settle=self._settler.add,
            rest=self._rest_of,
            token=token,
        )
        self._wake = asyncio.Event()
        self._free = asyncio.Semaphore(IN_FLIGHT)
        self._tasks, self._calling = set[asyncio.Task[None]](), set[asyncio.Task[None]]()
        self._stopping = False
        self._some_wait = True

    @property
    def is_busy(self) -> bool:
        """Say whether rows or answers are in hand, or results not written down yet."""
        return bool(self._tasks or self._known)

    # ── taking rows ──────────────────────────────────────────────────────────────────────────────────────────

    def hand(self, rows: Sequence[OutboxRow], answers: Sequence[Answer]) -> None:
        """Take rows leased to this process at commit, and presses to be answered at once.

        With none of these, look at once for what became due; else once these are settled, because a reply that was held
        goes after the answer to what released it. A row that has to wait for others of its lane is not leased yet.
        """
        for answer in answers:
            self._start(self._answer(answer))
        mine = [row for row in rows if row.state == "leased"]
        for row in mine:
            self._take(row)
        if len(mine) < len(rows) or not rows:
            self.wake()

    def wake(self) -> None:
        """Say that rows may have become due."""
        self._wake.set()

    def expect(self) -> None:
        """Say that rows wait in the store for what is in hand: it is looked at again when that is written down."""
        self._some_wait = True

    def _take(self, row: OutboxRow) -> None:
        if row.id in self._known:
            return
        self._known[row.id] = row.lane
        lane = self._lanes.setdefault(row.lane, Lane())
        if row.kind == "wipe":
            for overtaken in lane.begin_wipe(row):
                self._settler.add(Settled(overtaken.id, self._token, "cancelled"))
            self._start(self._wipe(row, lane))
            return
        if (row.lane, row.case) in self._given_back.values():
            self._release([row], 0.0)  # else it would overtake what goes back to the store
            return
        lane.add(row)
        if not lane.busy:
            lane.busy = True
            self._start(self._drain(row.lane, lane))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.task_failed", error=type(error).__name__)

    async def run(self) -> None:
        """Settle results and lease rows that are due, for ever; ends by cancellation, after what is in flight.

        What an earlier process had still to delete comes first.
        """
        settling = asyncio.create_task(self._settler.run())
        try:
            await self._removals.take_back_earlier()
            while True:
                self._wake.clear()
                seconds = await self._lease()
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):  # wait_for can swallow a cancellation
                        await self._wake.wait()
        finally:
            settling.cancel()
            with suppress(asyncio.CancelledError):
                await settling
            await self._drain_down()

    async def _drain_down(self) -> None:
        """Let calls in flight end, at most four seconds, and write what became of them; nothing new is begun."""
        self._stopping = True
        if self._calling:
            await asyncio.wait(self._calling, timeout=STOP_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await self._settler.write()

    async def _lease(self) -> float:
        """Take what is due; gives the seconds until something else is."""
        now, self._some_wait = self._clock.now(), False
        full = [name for name, lane in self._lanes.items() if lane.is_full]
        until = now + self._lease_time
        try:
            for row in await self._outbox.lease(AT_ONCE, now=now, until=until, token=self._token, full=full):
                self._take(row)
            due, some = await self._outbox.next_due()
            self._some_wait = self._some_wait or some or (due is not None and due <= now)
        except MachineError as error:
            log.error("outbox.machine_sick", error=str(error))
            return SICK_SECONDS
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.05), IDLE_SECONDS)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _drain(self, name: str, lane: Lane) -> None:
        """Send a chat's rows one after the other until none is left."""
        try:
            while not self._stopping and (waiting := await lane.next()) is not None:
                again = await self._guarded(waiting.row, self._send(waiting, lane))
                if again is not None:
                    await self._wait_or_release(waiting, lane, again)
                elif not self._alone:
                    await self._written(waiting.row)
        finally:
            lane.busy = False
            self._forget(name, lane)

    async def _written(self, row: OutboxRow) -> None:
        """Wait until it is written down what became of a row: only then is it known whether it still was ours to send.

        If it was not, another process has shown this, and its screen is the one that the next row follows.
        """
        if row.id in self._known:
            await self._unwritten.setdefault(row.id, asyncio.Event()).wait()

    def _rest_of(self, name: str) -> Sequence[OutboxRow]:
        """Take out what else was to be said to a person who cannot be reached."""
        lane = self._lanes.get(name)
        return lane.take_out(kinds=SILENCED) if lane is not None else ()

    def _forget(self, name: str, lane: Lane) -> None:
        if lane.is_idle and self._lanes.get(name) is lane:
            del self._lanes[name]

    async def _wait_or_release(self, waiting: Waiting, lane: Lane, again: Plan) -> None:
        """Keep the chat's order while it waits: a short pause in memory, a long one in the store."""
        if again.seconds <= LONG_PAUSE_SECONDS:
            await lane.pause(again.seconds)
            lane.again(replace(waiting, row=_tried(waiting.row)))
        else:
            self._release([waiting.row, *lane.take_out()], again.seconds)

    def _release(self, rows: Sequence[OutboxRow], seconds: float) -> None:
        due = self._clock.now() + timedelta(seconds=seconds)
        for row in rows:
            self._given_back[row.id] = row.lane, row.case
            self._settler.add(Settled(row.id, self._token, "ready", due=due))

    async def _guarded(self, row: OutboxRow, work: Coroutine[None, None, Plan | None]) -> Plan | None:
        """Do work on a row; gives the plan if it must be tried again."""
        try:
            try:
                return await work
            except SendFailed as failed:
                return await self._failures.failed(row, failed)
        except MachineError as error:
            log.error("outbox.machine_sick", error=str(error))
            return Plan(do="again", seconds=pause(row.tries))
        except Exception as error:  # noqa: BLE001 - one row that cannot be used must not stop its chat
            log.error("outbox.row_unusable", row=row.id, kind=row.kind, error=type(error).__name__)
            await self._alarm("outbox")
            return await self._failures.lost(row, "refused")

    async def _send(self, waiting: Waiting, lane: Lane) -> Plan | None:
        row = waiting.row
        if (refused := await self._permission.refusal(row)) is not None:
            self._settler.add(refused)
            return None
        if not await self._delivery.is_expected(row):
            self._settler.add(Settled(row.id, self._token, "cancelled"))
            return None
        chat = await self._delivery.chat_of(row)
        if (halted := self._failures.halt.wait(self._clock.now())) > 0:
            return Plan(do="again", seconds=halted)
        if row.kind == "card" and row.lane == GROUP and await self._is_folded(row, lane, chat):
            return None
        if row.kind not in UNPACED and (later := await lane.turn(waiting, chat, pace=self.pace)) > 0:
            return Plan(do="again", seconds=later)
        if lane.is_overtaken(waiting):
            self._settler.add(Settled(row.id, self._token, "cancelled"))
            return None
        async with self._free:
            # Hide, or another process, may have it; if not, it stays ours until then.
            until = None if self._alone else self._clock.now() + self._lease_time / 3
            if until is None or await self._outbox.is_mine(row, token=self._token, at=until):
                await self._carry(row, chat, until=until)
            else:
                self._release([row, *lane.take_out()], 0.0)
        return None

    async def _carry(self, row: OutboxRow, chat: int, *, until: datetime | None = None) -> None:
        if row.clear is None and row.state == "leased" and row.kind in SILENCED:
            self._delivery.doubt(row.lane)  # whoever had it may have sent it
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - rows are sent in tasks of our own
        self._calling.add(task)
        try:
            delivered = await self._delivery.carry(row, chat, until=until)
        finally:
            self._calling.discard(task)
        self._failures.halt.taken()
        self._settler.add(self._delivery.settled(row, delivered, self._token))
        if delivered.old is not None:
            self._removals.begin(partial(self._delivery.clear, row, chat, delivered.old))
        for guess in self._delivery.guesses(row.lane, delivered.message) if delivered.message else ():
            self._removals.begin(partial(self._delivery.uncover, row.lane, chat, guess))
        if delivered.left:
            await self._alarm("cannot_delete")
        if delivered.foreign:
            await self._alarm("foreign_group")
        await self._follow(row, chat, uncarded=delivered.uncarded)

    async def _is_folded(self, row: OutboxRow, lane: Lane, chat: int) -> bool:
        """Let a card that is one of many become a line of the list; until it can be, it waits in the store."""
        body = self._delivery.body(row)
        case, alone, danger = row.case or "", bool(body.get("alone", True)), bool(body.get("danger"))
        if not self._folding.is_folded(row.id, case, alone=alone, danger=danger):
            return False
        wait = await self._folding.fold(case, chat)
        if wait > 0:
            self._release([row, *lane.take_out(case=row.case)], wait)
        else:
            self._settler.add(Settled(row.id, self._token, "cancelled"))
        return True

    async def _follow(self, row: OutboxRow, chat: int, *, uncarded: bool) -> None:
        """Do what a row asks for beside itself: a card for news of a case that has none, a list that changed."""
        if uncarded and row.lane == GROUP and row.case is not None:
            await self._receiver.card_wanted(row.case, row.key)
        if row.kind == "card_buttons" and row.lane == GROUP and self._folding.lists(row.case):
            self._removals.begin(partial(self._folding.refresh, chat))

    async def _wipe(self, row: OutboxRow, lane: Lane) -> None:
        """Empty a chat, until it is done; what follows in this chat waits for the first try only."""
        while not self._stopping:
            again = await self._guarded(row, self._wipe_once(row))
            lane.end_wipe()
            if again is None:
                self._forget(row.lane, lane)
                return
            await self._clock.until(self._clock.now() + timedelta(seconds=again.seconds))
            row = _tried(row)

    async def _wipe_once(self, row: OutboxRow) -> None:
        await self._carry(row, await self._delivery.chat_of(row))

    async def _answer(self, answer: Answer) -> None:
        try:
            await self._messenger.answer(answer.callback, answer.text, alert=answer.alert)
        except SendFailed as failed:
            log.info("outbox.press_unanswered", failure=failed.failure)

    # ── results ──────────────────────────────────────────────────────────────────────────────────────────────

    def _written_down(self, results: Sequence[Settled], strays: Sequence[Kept]) -> None:
        """Go on from what was written: rows may be leased again, strays are deleted, events decided."""
        written = {self._known.pop(result.id) for result in results if result.id in self._known}
        for result in results:
            self._given_back.pop(result.id, None)
            if waited_for := self._unwritten.pop(result.id, None):
                waited_for.set()
        if not self._alone:
            for lane in written.difference(self._known.values()).union(stray.lane for stray in strays):
                self._delivery.forget(lane)
        if self._some_wait or not self._alone or any(result.state == "ready" for result in results):
            self.wake()
        self._removals.take_back(strays)
        for card in (result.card for result in results if result.card is not None):
            if card.chat < 0 and self._folding.lists(card.case):
                self._removals.begin(partial(self._folding.refresh, card.chat))
        if any(result.arrival is not None for result in results):
            self._receiver.on_arrival()


def _tried(row: OutboxRow) -> OutboxRow:
    return replace(row, tries=row.tries + 1)
