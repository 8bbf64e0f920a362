"""Receive: every update is committed to the inbox before it is acknowledged, with its lane resolved."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.core.contact import ANSWER_TIME
from bot.core.content import Content
from bot.core.engine import FIRST, command_of
from bot.core.errors import MachineError, PeerError
from bot.core.events import Blocked, CardWanted, Event, Returned, Unblocked, Unseen
from bot.service.closing import Closer
from bot.service.messaging import Clock, GroupPressed, GroupWrote, Incoming, PersonCame, Translator
from bot.service.rows import Arrival
from bot.service.storing import DeskStore, Inbox

# Sorted, so that one update is one whichever way it came; Khmer as it is takes half the bytes of escapes.
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

DESK = "desk"
"""The lane of operators' acts that touch no case, and of what cannot be read."""


class Receiver:
    """Put what comes from outside, and from the helpline itself, into the inbox."""

    def __init__(
        self,
        *,
        content: Callable[[], Content],
        closer: Closer,
        inbox: Inbox,
        desk: DeskStore,
        translate: Translator,
        clock: Clock,
    ) -> None:
        """Use these ports. `on_arrival` is called after each commit, `on_sick` with the chats whose words were lost.

        `before` is called ahead of each commit of updates, and may raise MachineError.

        `received` counts the updates kept.
        """
        self._content = content
        self._closer = closer
        self._inbox = inbox
        self._desk = desk
        self._translate = translate
        self._clock = clock
        self.on_arrival: Callable[[], None] = lambda: None
        self.on_sick: Callable[[Sequence[int]], Awaitable[None]] | None = None
        self.before: Callable[[], Awaitable[None]] | None = None
        self.received = 0

    async def updates(self, updates: Sequence[dict[str, object]]) -> int:
        """Commit raw updates; only after this returns may they be acknowledged. Gives how many were new.

        A connection that is cut, or another process in the way, is over at the second try. Raises MachineError if it is
        not; then the people who wrote are told.
        """
        try:
            new = await self._keep(updates)
        except MachineError:
            try:
                new = await self._keep(updates)
            except MachineError:
                await self._tell_those_who_wait(updates)
                raise
        self.received += new
        return new

    async def _keep(self, updates: Sequence[dict[str, object]]) -> int:
        if self.before is not None:
            await self.before()
        return await self._commit([await self._arrival(update) for update in updates])

    async def _tell_those_who_wait(self, updates: Sequence[dict[str, object]]) -> None:
        if self.on_sick is not None:
            chats = (self._waiting(update) for update in updates)
            await self.on_sick([chat for chat in chats if chat is not None])

    def _waiting(self, update: dict[str, object]) -> int | None:
        """Give the chat of a person who waits for an answer; not of one who wants to see nothing any more."""
        incoming = self._translated(update)
        if not isinstance(incoming, PersonCame) or isinstance(incoming.event, Blocked | Unblocked):
            return None
        return None if command_of(self._content(), incoming.event) == "hide" else incoming.chat

    async def event(self, lane: str, source: str, key: str, event: Event) -> int:
        """Commit an event of the helpline's own: a timer, a failed delivery, an act at the desk."""
        return await self._commit([self.arrival(lane, source, key, event)])

    async def unseen(self, case: str, key: str) -> None:
        """Commit, once for each key, that the operators' group could not be shown a case's card."""
        await self._about(case, f"{key}:unseen", Unseen(case=case))

    async def card_wanted(self, case: str, key: str) -> None:
        """Commit, once for each key, that there is news of a case which has no card."""
        await self._about(case, f"{key}:card", CardWanted(case=case))

    async def _about(self, case: str, key: str, event: Event) -> None:
        lane = await self._desk.lane_of(case)
        if lane is not None:
            await self.event(lane, "outbox", key, event)

    async def returned(self, *, since: datetime, back: datetime) -> None:
        """Commit, once for each absence, that the helpline is back, for all who were talking when it went away."""
        lanes = await self._inbox.came_since(since - ANSWER_TIME)
        key, event = f"{since:%Y-%m-%dT%H:%M:%S.%f}", Returned(back=back)
        await self._commit([self.arrival(lane, "return", f"{lane}:{key}", event) for lane in lanes])

    def arrival(self, lane: str, source: str, key: str, event: Event) -> Arrival:
        """Make an arrival of an event, to be committed together with something else."""
        body = self._closer.body(f"inbox|{lane}", {"event": event.model_dump(mode="json")})
        first = command_of(self._content(), event) in FIRST
        return Arrival(lane, source, key, body, self._clock.now(), first=first)

    async def order(self, order: str, key: str) -> int:
        """Commit an order to tell operators something (`summary`, `alarm:CODE`), once for each key."""
        body = self._closer.body(f"inbox|{DESK}", {"order": order})
        return await self._commit([Arrival(DESK, "order", f"{order}:{key}", body, self._clock.now())])

    async def _commit(self, arrivals: Sequence[Arrival]) -> int:
        new = await self._inbox.receive(arrivals) if arrivals else 0
        self.on_arrival()
        return new

    async def _arrival(self, update: dict[str, object]) -> Arrival:
        now = self._clock.now()
        raw = _SORTED.encode(update)
        key = f"{update.get('update_id')}:{self._closer.digest(raw)}"
        incoming = self._translated(update)
        lane, case = await self._resolve(incoming)
        body = self._closer.update(lane, raw, case=case)
        return Arrival(lane, "telegram", key, body, now, first=self._is_first(incoming))

    def _translated(self, update: dict[str, object]) -> Incoming | None:
        try:
            return self._translate(update, self._clock.now())
        except PeerError:
            return None

    def _is_first(self, incoming: Incoming | None) -> bool:
        if not isinstance(incoming, PersonCame):
            return False
        return command_of(self._content(), incoming.event) in FIRST

    async def _resolve(self, incoming: Incoming | None) -> tuple[str, str | None]:
        """Give the lane an update belongs to, and the case it names, if it does."""
        found: tuple[str, str] | None = None
        match incoming:
            case GroupPressed(data=data) if data.startswith("c:"):
                found = await self._desk.card(data.split(":")[1])
            case GroupPressed(data=data) if data.startswith("l:"):
                item = await self._desk.case(data[2:])
                found = (item.case.id, item.lane) if item is not None else None
            case GroupPressed(data=data) if data.startswith("r:"):
                found = await self._desk.reply_case(data[2:].rpartition(":")[0])
            case GroupWrote(chat=chat, replied_to=int(card)) | PersonCame(chat=chat, replied_to=int(card)):
                found = await self._desk.card_at(chat, card)
        if found is not None:
            return found[1], found[0]
        return (self._closer.lane(incoming.chat) if isinstance(incoming, PersonCame) else DESK), None
