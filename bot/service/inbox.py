"""Decide what waits in the inbox: take a batch, decide in memory, write all effects in one transaction, hand over.

A batch is one unit of work. If deciding fails, the batch is rolled back and its rows run alone; a row that fails three
times alone is set aside and a human is called (ARCHITECTURE, Inbox). A sick machine sets nothing aside.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from pydantic import TypeAdapter

from bot.core.content import Content
from bot.core.duty import Watch
from bot.core.engine import crashed, decide
from bot.core.errors import HelplineError, MachineError
from bot.core.events import Blocked, Event, Opened, Received, Replied, Said, Sent, TakenDown, Unblocked
from bot.core.state import Conversation, Session
from bot.service.clerk import Clerk
from bot.service.closing import NO_CHAT, Closer
from bot.service.delivery import DELETABLE
from bot.service.deskwork import Deskwork
from bot.service.household import Household
from bot.service.jobs import Answer, Job
from bot.service.messaging import Clock, Incoming, PersonCame, PersonEvent, Translator
from bot.service.minting import new_spare
from bot.service.rows import InboxRow, Kept, LaneState, OutboxRow
from bot.service.storing import Batch, Inbox
from bot.service.vaulting import Sealer

BATCH = 64
TRIES = 3
IDLE = timedelta(seconds=1)
BACK_OFF = timedelta(seconds=2)
LIMIT_SECONDS = 10.0
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
T = TypeVar("T")
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
        """Use these ports; `hand` takes what may be sent after each commit. `decided` counts the rows finished."""
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
        self.decided = 0
        self.on_files: Callable[[], None] = lambda: None
        self.on_release: Callable[[], None] = lambda: None
        self.on_pages: Callable[[], None] = lambda: None
        self.on_cases: Callable[[], None] = lambda: None
        self.on_commit: Callable[[], None] = lambda: None
        self.record: Callable[[int, str, str], Awaitable[None]] = _no_record

    def wake(self) -> None:
        """Say that something arrived."""
        self._wake.set()

    async def run(self, *, unclean: bool = False) -> None:
        """Decide for ever: at once when something arrives, and once a second in case a hint was missed.

        `unclean`: an earlier run was not closed, so what it left is decided first, with care.
        """
        if unclean:
            await self.recover()
        while True:
            self._wake.clear()
            try:
                while await self.step() == BATCH:
                    pass
            except MachineError as error:
                log.error("inbox.machine_sick", error=str(error))
                await self._clock.until(self._clock.now() + BACK_OFF)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE.total_seconds()):  # wait_for can swallow a cancellation
                    await self._wake.wait()

    async def recover(self) -> None:
        """After an unclean stop: decide what waited one by one, counted before each, so that a deadly row is found.

        Hide, stop and danger that come meanwhile go before what is left of it; all else that is new waits for its end.
        While the machine is sick it waits, and does not count again.
        """
        left = await self._patiently(self._inbox.waiting)
        overtaking = partial(self._inbox.overtaking, max(left, default=0))
        for row in left:
            for late in await self._patiently(overtaking):
                await self._carefully(late)
            await self._carefully(row)

    async def _carefully(self, row: int) -> None:
        tries = await self._patiently(partial(self._inbox.tried, row))
        if tries > TRIES:
            await self._patiently(partial(self._give_up, row, deadly=tries > TRIES + 1))
        elif not await self._patiently(partial(self._alone, row)):
            await self._patiently(partial(self._try_alone, row))

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work, again and again while the machine is sick."""
        while True:
            try:
                return await work()
            except MachineError as error:
                log.error("inbox.machine_sick", error=str(error))
                await self._clock.until(self._clock.now() + BACK_OFF)

    async def step(self) -> int:
        """Decide one batch; gives how many rows were taken."""
        rows: Sequence[InboxRow] = ()
        try:
            async with self._inbox.batch(BATCH) as batch:
                rows = batch.rows
                if not rows:
                    return 0
                clerk, ready = await self._decide(batch)
                self._go(clerk, ready, released=batch.released)
        except MachineError:
            raise
        except Exception as error:  # noqa: BLE001 - one poison row must not stop the others; they run alone now
            log.warning("inbox.batch_failed", rows=len(rows), error=type(error).__name__)
            await self._one_by_one(rows)
        else:
            await self._raise(clerk)
        return len(rows)

    def _go(self, clerk: Clerk, ready: Sequence[OutboxRow], *, released: bool) -> None:
        """Hand over what was committed; operators may have changed, and there may be files to fetch.

        It is handed over in the very moment of the commit: whatever is written down of earlier rows of these lanes
        must not be heard of before, and nobody is to wait until the files of a shredded case are gone.
        """
        self.decided += len(clerk.changes.done)
        if clerk.changes.operators or clerk.changes.facts:
            self._household.forget()
        if released:
            self.on_release()
        self._hand(ready, clerk.answers)
        if clerk.changes.deliver:
            self._hand((), ())  # an operator's reply became due in another chat
        if clerk.changes.fetches:
            self.on_files()
        if clerk.changes.pages:
            self.on_pages()
        if clerk.changes.new_cases or clerk.changes.cases:
            self.on_cases()
        self.on_commit()

    async def _raise(self, clerk: Clerk) -> None:
        """Raise the alarms that acts of the batch gave cause for, and put acts on record, once it is written."""
        for code in dict.fromkeys(clerk.alarms):
            await self._alarm(code)
        for one in clerk.on_record:
            await self.record(one.operator, one.act, one.case)

    async def _one_by_one(self, rows: Sequence[InboxRow]) -> None:
        for row in rows:
            if not await self._alone(row.id):
                await self._try_alone(row.id)

    async def _try_alone(self, row: int) -> None:
        """Try a row that failed again at once, before any later one of its lane; then set it aside."""
        while await self._inbox.tried(row) < TRIES:
            if await self._alone(row):
                return
        await self._give_up(row)

    async def _alone(self, row: int, *, crash: bool = False) -> bool:
        """Decide one row by itself; False if deciding failed."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS), self._inbox.batch(1, alone=row) as batch:
                clerk, ready = await self._decide(batch, crash=crash)
                self._go(clerk, ready, released=batch.released)
        except MachineError:
            raise
        except Exception as error:  # noqa: BLE001 - counted, shown, and handed to a human after three tries
            log.error("inbox.row_failed", row=row, error=type(error).__name__, crash=crash)
            return False
        await self._raise(clerk)
        return True

    async def _give_up(self, row: int, *, deadly: bool = False) -> None:
        """Set a poison row aside: the person gets a kind line, an operator a case, the group an alarm.

        Its body stays with it, closed. What no person did (a timer, an operator's act) makes no case: the alarm tells.
        `deadly`: the process died of giving it up as well, so it is not even read again.
        """
        await self._alarm("poison")
        if not deadly:
            await self._alone(row, crash=True)
        await self._inbox.set_aside(row)

    # ── one batch ────────────────────────────────────────────────────────────────────────────────────────────

    async def _decide(self, batch: Batch, *, crash: bool = False) -> tuple[Clerk, Sequence[OutboxRow]]:
        now = self._clock.now()
        house = await self._household.house()
        clerk = Clerk(self._content(), self._closer, self._sealer, house, self._token)
        clerk.keys.update(batch.keys)
        sessions = {lane: self._session(state, house.watch, crash=crash) for lane, state in batch.lanes.items()}
        chats: dict[str, int | None] = {}
        for row in batch.rows:
            read = self._read(row) if not crash else self._read_what_can(row)
            chats[row.lane] = chats.get(row.lane) or self._chat(clerk, read, batch.lanes[row.lane])
            job = Job(row=row.id, lane=row.lane, chat=chats[row.lane], now=now)
            before = sessions[row.lane]
            if before.overtaken != (row.id < before.conversation.hid):
                before = before.model_copy(update={"overtaken": not before.overtaken})
            if crash:
                sessions[row.lane] = self._crash(clerk, job, read, before)
            else:
                sessions[row.lane] = await self._one(clerk, job, read, before, batch=batch)
                clerk.changes.done.append(row.id)
        await self._after_hiding(batch, clerk, sessions, now)
        if clerk.changes.forget:
            clerk.changes.ledger[:0] = await self._still_deletable(batch, clerk.changes.forget, now)
        for lane, session in sessions.items():
            if (talking := chats[lane]) is not None or session.conversation.by_hand:
                body = self._closer.talk(lane, session.conversation)
                clerk.changes.lanes[lane] = (body, clerk.chat(lane, talking or NO_CHAT))
        clerk.changes.at = now
        try:
            return clerk, await batch.save(clerk.changes)
        except MachineError:
            self._household.read_anew()  # keys may have changed meanwhile: the next try is sealed to the new ones
            raise

    def _session(self, state: LaneState, watch: Watch, *, crash: bool) -> Session:
        """Give what is known of a lane. What cannot be read any more is begun anew, once it has failed for good."""
        try:
            talk = self._closer.open_talk(state.lane, state.body)
        except (HelplineError, ValueError):
            if not crash:
                raise
            talk = Conversation()
        spare = new_spare()
        return Session(conversation=talk, cases=state.cases, spare=spare, unlimited=self._unlimited, watch=watch)

    def _chat(self, clerk: Clerk, read: Read, state: LaneState) -> int | None:
        """Give the chat a lane writes to: that of the person who came, whose lane is made of it, else the one kept.

        None: it is not known, or the person calls or comes and has none.
        """
        if isinstance(read.incoming, PersonCame) and not read.case:
            chat = read.incoming.chat
        elif state.chat is not None:
            chat = self._closer.open_chat(state.lane, state.chat)
        else:
            return None
        if state.chat is not None:
            clerk.chats[state.lane, chat] = state.chat
        return chat or None

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

    def _read_what_can(self, row: InboxRow) -> Read:
        try:
            return self._read(row)
        except Exception as error:  # noqa: BLE001 - it failed for good already, perhaps in this very way
            log.error("inbox.row_unreadable", row=row.id, error=type(error).__name__)
            return Read(row)

    def _crash(self, clerk: Clerk, job: Job, read: Read, session: Session) -> Session:
        """Fail towards a human for what a person did; anything else is told by the alarm alone."""
        if isinstance(read.event, TakenDown):
            return self._apply(clerk, job, session, None)
        if not isinstance(read.incoming, PersonCame) or read.case is not None:
            return session
        return self._apply(clerk, job, self._met(clerk, job, read.incoming, session), None)

    async def _one(self, clerk: Clerk, job: Job, read: Read, session: Session, *, batch: Batch) -> Session:
        """Decide one row; gives the lane's session as it is from now on."""
        incoming, event = read.incoming, read.event
        if isinstance(incoming, PersonCame) and read.case is None:
            if self._deskwork.private(clerk, job, incoming):
                return session
            return self._apply(clerk, job, self._met(clerk, job, incoming, session), _numbered(incoming))
        if read.order is not None:
            await self._deskwork.order(clerk, job, read.order)
        if isinstance(event, Opened):
            if event.record not in await batch.unopened([event.record]):
                return session
            clerk.changes.opened.append((event.case, event.record))
        if event is None and incoming is not None:
            event = await self._deskwork.event(clerk, job, incoming, case_id=read.case, session=session)
        if isinstance(event, Replied):
            event = self._deskwork.written(clerk, job, event, session=session)
        return self._apply(clerk, job, session, event) if event is not None else session

    def _met(self, clerk: Clerk, job: Job, incoming: PersonCame, session: Session) -> Session:
        """Note what a person's act brings besides its event: a press to answer, a message to remove, a language."""
        job.pressed, job.callback = incoming.pressed, incoming.callback
        if isinstance(incoming.event, Blocked | Unblocked):
            return session
        if incoming.message is not None and not _is_edit(incoming.event):
            clerk.keep_message(job, incoming.message, incoming.at, overtaken=session.overtaken)
        if session.conversation.hint == incoming.hint:
            return session
        talk = session.conversation.model_copy(update={"hint": incoming.hint})
        return session.model_copy(update={"conversation": talk})

    def _apply(self, clerk: Clerk, job: Job, session: Session, event: Event | None) -> Session:
        is_said = session.conversation.by_hand or isinstance(event, Received)
        content = self._content().aloud if is_said else self._content()
        made = crashed(content, session, job.now) if event is None else decide(content, session, event, job.now)
        clerk.carry(job, session, made)
        after = made.session
        if clerk.hidden.get(job.lane) is job:
            after = after.model_copy(update={"conversation": after.conversation.model_copy(update={"hid": job.row})})
        kept = tuple(case for case in after.cases if case.state != "closed")
        return after.model_copy(update={"cases": kept, "spare": new_spare()})

    async def _after_hiding(self, batch: Batch, clerk: Clerk, sessions: dict[str, Session], now: datetime) -> None:
        """Note what is too old to be deleted (Telegram: 48 hours), and bring unsent replies back to their cards."""
        if not clerk.hidden:
            return
        hidden = list(clerk.hidden)
        for lane in {kept.lane for kept in await batch.ledger(hidden) if now - kept.at >= DELETABLE}:
            talk = sessions[lane].conversation
            talk = talk.model_copy(update={"undeleted": talk.mode == "hidden"})
            sessions[lane] = sessions[lane].model_copy(update={"conversation": talk})
        for row in await batch.unsent_replies(hidden):
            clerk.give_back(clerk.hidden[row.lane], sessions[row.lane].cases, row.case)

    async def _still_deletable(self, batch: Batch, lanes: Sequence[str], now: datetime) -> list[Kept]:
        """Give what stays in ledgers whose person is told what could not be deleted: a later hide deletes the rest."""
        return [kept for kept in await batch.ledger(lanes) if now - kept.at < DELETABLE]


async def _no_record(operator: int, act: str, case: str) -> None:
    """Keep no record of acts; whoever builds a helpline gives one."""


def _numbered(incoming: PersonCame) -> PersonEvent:
    """Give what a person did; words with the number of their message, so that their versions can be put together."""
    event = incoming.event
    return event.model_copy(update={"message": incoming.message}) if isinstance(event, Said) else event


def _is_edit(event: PersonEvent) -> bool:
    """Say whether an act changed an older message, whose id and time are known already."""
    return isinstance(event, Said | Sent) and event.edited
