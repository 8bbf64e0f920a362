"""Receive: every update is committed to the inbox before it is acknowledged, with its lane resolved (DESIGN §3)."""

import json
from collections.abc import Callable, Sequence

from bot.core.content import Content
from bot.core.engine import command_of
from bot.core.errors import PeerError
from bot.core.events import Event
from bot.service.closing import Closer
from bot.service.messaging import Clock, GroupPressed, GroupWrote, Incoming, PersonCame, Translator
from bot.service.storing import Arrival, DeskStore, Inbox

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
        """Use these ports; `on_arrival` is called after each commit."""
        self._content = content
        self._closer = closer
        self._inbox = inbox
        self._desk = desk
        self._translate = translate
        self._clock = clock
        self.on_arrival: Callable[[], None] = lambda: None

    async def updates(self, updates: Sequence[dict[str, object]]) -> int:
        """Commit raw updates; only after this returns may they be acknowledged. Gives how many were new."""
        arrivals = [await self._arrival(update) for update in updates]
        return await self._commit(arrivals)

    async def event(self, lane: str, source: str, key: str, event: Event) -> int:
        """Commit an event of the helpline's own: a timer, a failed delivery, an act at the desk."""
        body = self._closer.body(f"inbox|{lane}", {"event": event.model_dump(mode="json")})
        return await self._commit([Arrival(lane, source, key, body, self._clock.now())])

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
        raw = json.dumps(update, sort_keys=True, ensure_ascii=True)
        key = f"{update.get('update_id')}:{self._closer.digest(raw)}"
        try:
            incoming = self._translate(update, now)
        except PeerError:
            incoming = None
        lane, case = await self._resolve(incoming)
        body = self._closer.body(f"inbox|{lane}", {"update": update, "case": case})
        return Arrival(lane, "telegram", key, body, now, first=self._is_first(incoming))

    def _is_first(self, incoming: Incoming | None) -> bool:
        if not isinstance(incoming, PersonCame):
            return False
        return command_of(self._content(), incoming.event) in ("hide", "stop", "danger")

    async def _resolve(self, incoming: Incoming | None) -> tuple[str, str | None]:
        """Give the lane an update belongs to, and the case it names, if it does."""
        found: tuple[str, str] | None = None
        match incoming:
            case GroupPressed(data=data) if data.startswith("c:"):
                found = await self._desk.card(data.split(":")[1])
            case GroupPressed(data=data) if data.startswith("r:"):
                found = await self._desk.reply_case(data[2:].rpartition(":")[0])
            case GroupWrote(chat=chat, replied_to=int(card)) | PersonCame(chat=chat, replied_to=int(card)):
                found = await self._desk.card_at(chat, card)
        if found is not None:
            return found[1], found[0]
        return (self._closer.lane(incoming.chat) if isinstance(incoming, PersonCame) else DESK), None
