"""The helpline's inbox and outbox without HTTP, where the test says when each call to the messenger ends, and how.

Content, decisions, store and sender are real. A crash cancels everything at once and writes nothing; what is opened
after it finds what a dead process would have left.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bot.core.content import Content
from bot.core.errors import MachineError
from bot.core.events import Attachment
from bot.core.render import Button, Message, both
from bot.service.closing import Closer
from bot.service.delivery import Delivered, Delivery
from bot.service.deskwork import Deskwork
from bot.service.folding import Folding
from bot.service.household import Household, Seats
from bot.service.inbox import Decider
from bot.service.messaging import SendFailed, Standing
from bot.service.outbox import Sender
from bot.service.pacing import Pace
from bot.service.permission import Permission
from bot.service.receiving import Receiver
from bot.service.rows import Kept, OutboxRow, Settled
from bot.service.vaulting import Recipient
from bot.store.batch import SqlBatch
from bot.store.inbox import SqlInbox
from bot.store.opening import Store, open_store
from bot.store.outbox import SqlOutbox
from bot.tg.translate import translate
from bot.vault.key_files import KeyFolder
from bot.vault.recovery import new_recovery
from bot.vault.sealing import CaseSealer
from bot.vault.server_key import create_server_key
from tests.faults.counting import CountingLoop

End = Literal["ok", "failed", "lost", "busy"]
"""How a call ends. failed: not done, tried again at once. lost: done, and nobody was told. busy: not for a minute."""
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(milliseconds=1)
"""No two things happen at the same instant."""
TURNS = 30
"""After so many turns of the loop without work in a thread everything waits for somebody outside."""
_row: ContextVar[OutboxRow] = ContextVar("row")


async def _nothing() -> str:
    """Nobody is at the console here."""
    return ""


class OutOfTurnError(AssertionError):
    """A chat was sent what was not its turn."""


class SteppedClock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Give the time."""
        return self._now

    async def until(self, moment: datetime) -> None:
        """Wait until an instant has come."""
        while self._now < moment:
            await self._moved.wait()

    def put_forward(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
        self._moved.set()
        self._moved = asyncio.Event()


@dataclass
class Chats:
    """What lies in the chats, each message with the outbox row that made it, and the calls that have not ended.

    `fresh` are messages by their row of which nothing is written down yet; if that never happens they are `ghosts`,
    which nobody can delete.
    """

    messages: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    shown: set[int] = field(default_factory=set)
    waiting: list[tuple[int, asyncio.Future[End]]] = field(default_factory=list)
    fresh: dict[int, int] = field(default_factory=dict)
    ghosts: set[int] = field(default_factory=set)
    _last: int = 1_000_000  # below are the numbers of what people write

    async def send(self, chat: int, message: Message, *, reply_to: int | None = None) -> int:
        """Show a message."""
        end = await self._ends(chat)
        if end in ("ok", "lost"):
            self._last += 1
            self._show(chat, self._last)
            if row := _row.get(None):
                self.fresh[row.id] = self._last
        if end == "lost":
            self.ghosts.add(self._last)
        return self._told(end, self._last)

    async def edit(self, chat: int, message_id: int, message: Message) -> None:
        """Change one; it must be there."""
        end = await self._ends(chat)
        if end in ("ok", "lost"):
            if message_id not in self.messages[chat]:
                raise SendFailed("nothing", missing=True)
            self._show(chat, message_id)
        self._told(end, 0)

    async def delete(self, chat: int, message_ids: Sequence[int]) -> tuple[int, ...]:
        """Take messages out of a chat."""
        end = await self._ends(chat)
        if end in ("ok", "lost"):
            for message in message_ids:
                self.messages[chat].pop(message, None)
        self._told(end, 0)
        return ()

    async def send_file(self, chat: int, attachment: Attachment, caption: str, rows: Sequence[Sequence[Button]]) -> int:
        """Show a file."""
        return await self.send(chat, Message(text=caption))

    async def edit_buttons(self, chat: int, message_id: int, rows: Sequence[Sequence[Button]]) -> None:
        """Change a card."""

    async def answer(self, callback: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press."""

    async def download(self, file: str) -> AsyncGenerator[bytes, None]:
        """Give a file."""
        yield b""

    async def standing(self, chat: int, person: int) -> Standing:
        """Tell nothing else than that the bot may do all."""
        return Standing(present=True, may_delete=True)

    async def leave(self, chat: int) -> None:
        """Leave a group."""

    async def name(self) -> tuple[int, str]:
        """Give the bot's name."""
        return 1, "helpline_bot"

    def _show(self, chat: int, message: int) -> None:
        row = _row.get(None)
        if row is not None:
            self.messages[chat][message] = row.id
            self.shown.add(row.id)

    @property
    def next_number(self) -> int:
        """Give the number that the next message will have."""
        return self._last + 1

    def written(self, rows: Sequence[int]) -> None:
        """Note that what became of these rows was written down."""
        for row in rows:
            self.fresh.pop(row, None)

    def die(self) -> None:
        """End no call any more; what was not written down will never be."""
        self.waiting.clear()
        self.ghosts |= {*self.fresh.values()}
        self.fresh.clear()

    async def _ends(self, chat: int) -> End:
        if chat < 0:
            return "ok"
        ends: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.waiting.append((chat, ends))
        return await ends

    def _told(self, end: End, message: int) -> int:
        match end:
            case "ok":
                return message
            case "busy":
                raise SendFailed("wait", after=60.0)
            case "failed" | "lost":
                raise SendFailed("moved")  # the one failure that is tried again without a pause


class Watched(Delivery):
    """Carry rows as ever, and note whose turn was taken."""

    last: dict[str, int]
    faults: list[BaseException]

    async def carry(self, row: OutboxRow, chat: int, *, until: datetime | None = None) -> Delivered:
        """Carry a row. Raises OutOfTurnError if a later screen of this chat was begun before in this process."""
        if row.kind == "screen":
            if row.id < self.last.get(row.lane, 0):
                self.faults.append(OutOfTurnError(f"row {row.id} after {self.last[row.lane]}"))
                raise self.faults[-1]
            self.last[row.lane] = row.id
        _row.set(row)
        return await super().carry(row, chat, until=until)


class Sick(SqlOutbox):
    """An outbox whose results cannot be written while it is sick."""

    is_sick = False
    chats: Chats

    async def settle(self, results: Sequence[Settled]) -> Sequence[Kept]:
        """Record results, or fail as a locked database does."""
        if self.is_sick:
            raise MachineError("database is locked: nothing was changed")
        strays = await super().settle(results)
        self.chats.written([result.id for result in results])
        return strays


class Watchful(SqlInbox):
    """An inbox that cannot open so many batches; `coming` arrives just before the first row is counted.

    With `tidied` what follows the commit of a batch, the files of a shredded case, takes until that is set.
    """

    failing = 0
    tidied: asyncio.Event | None = None
    coming: Sequence[dict[str, Any]] = ()
    receive_coming: Callable[[Sequence[dict[str, Any]]], Awaitable[int]]

    async def tried(self, row: int) -> int:
        """Count a row's tries; what is coming has arrived by then."""
        coming, self.coming = self.coming, ()
        await self.receive_coming(coming)
        return await super().tried(row)

    @asynccontextmanager
    async def batch(self, limit: int, *, alone: int | None = None) -> AsyncIterator[SqlBatch]:
        """Open a batch, or fail as a locked database does."""
        if self.failing:
            self.failing -= 1
            raise MachineError("database is locked: nothing was changed")
        async with super().batch(limit, alone=alone) as batch:
            yield batch
        if self.tidied is not None:
            await self.tidied.wait()


@dataclass
class Line:
    """One helpline on a folder; `open` begins a process, `crash` ends it as a kill does.

    `failing`: so many batches of the next process cannot be opened. `coming`: updates that arrive in it while it
    decides what an unclean stop left. Not `alone`: another process may take its rows once their lease has run out.
    """

    folder: Path
    content: Content
    clock: SteppedClock = field(default_factory=SteppedClock)
    chats: Chats = field(default_factory=Chats)
    closer: Closer = field(init=False)
    store: Store = field(init=False)
    inbox: Watchful = field(init=False)
    outbox: Sick = field(init=False)
    receiver: Receiver = field(init=False)
    decider: Decider = field(init=False)
    sender: Sender = field(init=False)
    alone: bool = True
    token: str = ""
    failing: int = 0
    coming: Sequence[dict[str, Any]] = ()
    faults: list[BaseException] = field(default_factory=list)
    _life: int = 0

    def __post_init__(self) -> None:
        """Make the keys."""
        self.closer = Closer(create_server_key(KeyFolder(self.folder / "keys")))

    async def open(self, *, sender_first: bool = False) -> None:
        """Open the store, let the sender run, and decide what an unclean stop left: at once, or once the sender is at
        it."""
        self._life += 1
        self.store = await open_store(f"sqlite:///{self.folder}/data/helpline.db", self.folder / "data")
        if self._life == 1:
            await self.store.desk.put_recipient(Recipient("recovery", new_recovery().public_key))
        self.outbox = Sick(self.store.database)
        self.outbox.chats = self.chats
        self.token = f"life {self._life}"
        self._build()
        unclean = await self.store.begin_run()
        if sender_first:
            self._running = asyncio.create_task(self.sender.run())
            await self.rest()
        if unclean:
            await self.decider.recover()
        if not sender_first:
            self._running = asyncio.create_task(self.sender.run())
        await self.rest()

    async def crash(self) -> None:
        """End everything at once; nothing is written any more."""
        self.outbox.is_sick = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.chats.die()
        await self.store.close()

    async def rest(self) -> None:
        """Wait until nothing goes on any more but calls that wait for their end."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        quiet = 0
        while quiet < TURNS:
            if loop.in_threads:
                await asyncio.wait(loop.in_threads)
                quiet = 0
            await asyncio.sleep(0)
            quiet += 1
        if self.faults:
            raise self.faults[0]

    async def end(self, at: int, end: End) -> None:
        """End one of the calls that wait."""
        self.clock.put_forward(MOMENT)
        _, ends = self.chats.waiting.pop(at % len(self.chats.waiting))
        ends.set_result(end)
        await self.rest()

    async def calm(self) -> None:
        """Let everything that waits happen."""
        self.outbox.is_sick = False
        quiet = 0
        while quiet < 3:
            quiet = 0 if self.chats.waiting or await self.decider.step() else quiet + 1
            while self.chats.waiting:
                await self.end(0, "ok")
            self.clock.put_forward(2 * MINUTE)
            self.sender.wake()
            await self.rest()

    def _build(self) -> None:
        store, clock, closer = self.store, self.clock, self.closer
        inbox = self.inbox = Watchful(store.database, store.blobs)
        inbox.failing, inbox.coming = self.failing, self.coming
        self.receiver = Receiver(
            content=self._content,
            closer=closer,
            inbox=store.inbox,
            desk=store.desk,
            translate=translate,
            clock=clock,
        )
        inbox.receive_coming = self.receiver.updates
        hide = both(self.content, self.content.phrases["button_hide"])
        delivery = Watched(
            closer=closer, messenger=self.chats, lanes=store.lanes, desk=store.desk, clock=clock, hide_label=hide
        )
        delivery.last, delivery.faults = {}, self.faults
        pace = Pace(0)
        self.sender = Sender(
            permission=Permission(
                content=self._content, closer=closer, lanes=store.lanes, clock=clock, token=self.token
            ),
            outbox=self.outbox,
            folding=Folding(content=self._content, desk=store.desk, messenger=self.chats, clock=clock, pace=pace),
            delivery=delivery,
            messenger=self.chats,
            receiver=self.receiver,
            clock=clock,
            pace=pace,
            alarm=self._alarm,
            token=self.token,
            alone=self.alone,
        )
        self.decider = Decider(
            content=self._content,
            closer=closer,
            sealer=CaseSealer(),
            inbox=inbox,
            deskwork=Deskwork(desk=store.desk, closer=closer, free=lambda: 0, recorded=_nothing),
            translate=translate,
            clock=clock,
            household=Household(desk=store.desk, clock=clock, seats=Seats(-1001, None, trial=False)),
            hand=self.sender.hand,
            alarm=self._alarm,
            token=self.token,
            unlimited=True,
        )
        self.decider.on_release = self.sender.expect

    def _content(self) -> Content:
        return self.content

    async def _alarm(self, code: str) -> None:
        self.faults.append(OutOfTurnError(f"alarm: {code}"))
