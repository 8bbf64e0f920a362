"""Decide what waits in the inbox: take a batch, decide in memory, write all effects in one transaction, hand over.

A batch is one unit of work. If deciding fails, the batch is rolled back and its rows run alone; a row that fails three
times alone is set aside and a human is called (DESIGN §3, Poison). A sick machine sets nothing aside.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter

from bot.core.content import Content
from bot.core.engine import crashed, decide
from bot.core.errors import MachineError
from bot.core.events import Blocked, Event, Opened, Unblocked
from bot.core.state import Session
from bot.service.clerk import Answer, Clerk, Job
from bot.service.closing import Closer
from bot.service.deskwork import Deskwork
from bot.service.household import Household
from bot.service.messaging import Clock, Incoming, PersonCame, Translator
from bot.service.minting import new_spare
from bot.service.storing import Batch, Inbox, InboxRow, LaneState, OutboxRow
from bot.service.vaulting import Sealer

BATCH = 64
TRIES = 3
IDLE = timedelta(seconds=1)
BACK_OFF = timedelta(seconds=2)
LIMIT_SECONDS = 10.0
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Read:
    """A waiting row, opened: what came, an event or order of our own, and the case that an operator's act names."""

    row: InboxRow
    incoming: Incoming | None = None
    event: Event | None = None
    case: str | None = None
    order: str | None = None


class Decider:
    """Run the inbox of one process."""

    def __init__(
        self,
        *,
        content: Callable[[], Content],
        closer: Closer,
        sealer: Sealer,
        inbox: Inbox,
        deskwork: Deskwork,
        translate: Translator,
        clock: Clock,
        household: Household,
        hand: Callable[[Sequence[OutboxRow], Sequence[Answer]], None],
        alarm: Callable[[str], Awaitable[None]],
        token: str,
        unlimited: bool,
    ) -> None:
        """Use these ports; `hand` takes what may be sent after each commit."""
        self._content = content
        self._closer = closer
        self._sealer = sealer
        self._inbox = inbox
        self._deskwork = deskwork
        self._translate = translate
        self._clock = clock
        self._household = household
        self._hand = hand
        self._alarm = alarm
        self._token = token
        self._unlimited = unlimited
        self._wake = asyncio.Event()
        self.on_files: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """Say that something arrived."""
        self._wake.set()

    async def run(self) -> None:
        """Decide for ever: at once when something arrives, and once a second in case a hint was missed."""
        while True:
            self._wake.clear()
            try:
                while await self.step():
                    pass
            except MachineError as error:
                log.error("inbox.machine_sick", error=str(error))
                await asyncio.sleep(BACK_OFF.total_seconds())
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE.total_seconds())
            except TimeoutError:
                continue

    async def recover(self) -> None:
        """After an unclean stop: decide what waited one by one, counted before each, so that a deadly row is found."""
        for row in await self._inbox.waiting():
            if await self._inbox.tried(row) > TRIES:
                await self._give_up(row)
            else:
                await self._alone(row)

    async def step(self) -> int:
        """Decide one batch; gives how many rows were taken."""
        rows: Sequence[InboxRow] = ()
        try:
            async with self._inbox.batch(BATCH) as batch:
                rows = batch.rows
                if not rows:
                    return 0
                clerk, ready = await self._decide(batch)
        except MachineError:
            raise
        except Exception as error:  # noqa: BLE001 - one poison row must not stop the others; they run alone now
            log.warning("inbox.batch_failed", rows=len(rows), error=type(error).__name__)
            await self._one_by_one(rows)
            return len(rows)
        self._go(clerk, ready)
        return len(rows)

    def _go(self, clerk: Clerk, ready: Sequence[OutboxRow]) -> None:
        """Hand over what was committed; operators may have changed, and there may be files to fetch."""
        if clerk.changes.operators:
            self._household.forget()
        self._hand(ready, clerk.answers)
        if clerk.changes.fetches:
            self.on_files()

    async def _one_by_one(self, rows: Sequence[InboxRow]) -> None:
        for row in rows:
            if not await self._alone(row.id) and await self._inbox.tried(row.id) >= TRIES:
                await self._give_up(row.id)

    async def _alone(self, row: int, *, crash: bool = False) -> bool:
        """Decide one row by itself; False if deciding failed."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS), self._inbox.batch(1, alone=row) as batch:
                clerk, ready = await self._decide(batch, crash=crash)
        except MachineError:
            raise
        except Exception as error:  # noqa: BLE001 - counted, shown, and handed to a human after three tries
            log.error("inbox.row_failed", row=row, error=type(error).__name__, crash=crash)
            return False
        self._go(clerk, ready)
        return True

    async def _give_up(self, row: int) -> None:
        """Set a poison row aside: the person gets a kind line, an operator a case, the group an alarm."""
        await self._alarm("poison")
        await self._alone(row, crash=True)
        await self._inbox.set_aside(row)

    # ── one batch ────────────────────────────────────────────────────────────────────────────────────────────

    async def _decide(self, batch: Batch, *, crash: bool = False) -> tuple[Clerk, Sequence[OutboxRow]]:
        now = self._clock.now()
        house = await self._household.house()
        clerk = Clerk(self._content(), self._closer, self._sealer, house, self._token)
        lanes = await batch.lanes(list(dict.fromkeys(row.lane for row in batch.rows)))
        clerk.keys.update(await batch.public_keys([case.id for lane in lanes.values() for case in lane.cases]))
        sessions = {lane: self._session(state) for lane, state in lanes.items()}
        chats = {lane: self._chat(state) for lane, state in lanes.items()}
        for row in batch.rows:
            read = self._read(row) if not crash else Read(row)
            chat = read.incoming.chat if isinstance(read.incoming, PersonCame) and not read.case else chats[row.lane]
            chats[row.lane] = chat
            job = Job(row=row.id, lane=row.lane, chat=chat, now=now)
            sessions[row.lane] = await self._one(clerk, job, read, sessions[row.lane], crash=crash)
            clerk.changes.done.append(row.id)
        await self._mark_undeleted(batch, clerk, sessions, now)
        for lane, session in sessions.items():
            if (talking := chats[lane]) is not None:
                body = self._closer.talk(lane, session.conversation)
                clerk.changes.lanes[lane] = (body, self._closer.chat(lane, talking))
        clerk.changes.at = now
        return clerk, await batch.save(clerk.changes)

    def _session(self, state: LaneState) -> Session:
        talk = self._closer.open_talk(state.lane, state.body)
        return Session(conversation=talk, cases=state.cases, spare=new_spare(), unlimited=self._unlimited)

    def _chat(self, state: LaneState) -> int | None:
        return self._closer.open_chat(state.lane, state.chat) if state.chat is not None else None

    def _read(self, row: InboxRow) -> Read:
        body = self._closer.open_body(f"inbox|{row.lane}", row.body)
        if "event" in body:
            return Read(row, event=_EVENT.validate_python(body["event"]))
        if "order" in body:
            return Read(row, order=str(body["order"]))
        update, case = body["update"], body.get("case")
        if not isinstance(update, dict):
            raise TypeError("An inbox row holds no update; it is set aside.")
        return Read(row, self._translate(update, row.at), case=case if isinstance(case, str) else None)

    async def _one(self, clerk: Clerk, job: Job, read: Read, session: Session, *, crash: bool) -> Session:
        """Decide one row; gives the lane's session as it is from now on."""
        if crash:
            return self._apply(clerk, job, session, None)
        incoming = read.incoming
        if isinstance(incoming, PersonCame) and read.case is None:
            if self._deskwork.private(clerk, job, incoming):
                return session
            job.pressed, job.callback = incoming.pressed, incoming.callback
            if incoming.message is not None:
                clerk.keep_message(job, incoming.message)
            if not isinstance(incoming.event, Blocked | Unblocked):
                talk = session.conversation.model_copy(update={"hint": incoming.hint})
                session = session.model_copy(update={"conversation": talk})
            return self._apply(clerk, job, session, incoming.event)
        event = read.event
        if read.order is not None:
            await self._deskwork.order(clerk, job, read.order)
        if isinstance(event, Opened):
            clerk.changes.opened.append((event.case, event.record))
        if event is None and incoming is not None:
            event = await self._deskwork.event(clerk, job, incoming, case_id=read.case, session=session)
        return self._apply(clerk, job, session, event) if event is not None else session

    def _apply(self, clerk: Clerk, job: Job, session: Session, event: Event | None) -> Session:
        content = self._content()
        made = crashed(content, session, job.now) if event is None else decide(content, session, event, job.now)
        clerk.carry(job, session, made)
        kept = tuple(case for case in made.session.cases if case.state != "closed")
        return made.session.model_copy(update={"cases": kept, "spare": new_spare()})

    async def _mark_undeleted(self, batch: Batch, clerk: Clerk, sessions: dict[str, Session], now: datetime) -> None:
        """Note, for chats that were hidden, whether something is too old to be deleted (Telegram: 48 hours)."""
        if not clerk.hidden:
            return
        oldest = now - timedelta(hours=48)
        old: Mapping[str, bool] = {
            kept.lane: True for kept in await batch.ledger(list(clerk.hidden)) if kept.at < oldest
        }
        for lane in old:
            talk = sessions[lane].conversation.model_copy(update={"undeleted": True})
            sessions[lane] = sessions[lane].model_copy(update={"conversation": talk})
