"""Cases as an operator reads and works on them at the console. Every opening is recorded before anything is opened."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.core.errors import OperatorError
from bot.core.events import Desk, Event, Opened, Replied
from bot.core.khmer import fold
from bot.core.state import Conversation
from bot.core.values import Urgency
from bot.service.auditing import Audit
from bot.service.bell import Bell
from bot.service.closing import Closer
from bot.service.consoling import ConsoleStore, Wanted
from bot.service.entering import Visitor
from bot.service.messaging import Clock
from bot.service.receiving import Receiver
from bot.service.rows import QueueItem, SealedRecord
from bot.service.storing import Blobs, DeskStore, LaneReader
from bot.service.unlocking import Keyring, OpenCase
from bot.service.vaulting import operator_recipient

CONSOLE = "console"
"""The source of acts at the console in the inbox."""
PATIENCE = timedelta(seconds=3)
"""So long an act is waited for; it is decided all the same."""
LOOK_AGAIN = timedelta(milliseconds=100)
SEARCHED = 300
"""Cases of one's own, and of nobody's, that a search opens: a second or so."""
REASONS = ("asked", "covering", "danger", "supervising")
"""Why somebody opens a case that a colleague has taken."""


class MissingError(OperatorError):
    """There is no such case or file, or it is not theirs; which of these is not told."""


class ReasonNeededError(OperatorError):
    """A colleague has taken the case: opening it needs a reason."""


@dataclass(frozen=True, slots=True)
class Item:
    """One opened record; `file` is what was sealed about its file once it was fetched."""

    id: str
    body: Mapping[str, Any]
    at: datetime
    media: bool
    opened: bool
    blob: str | None
    file: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as it was opened. `items` is None if it is not sealed to this operator; `unsent` replies are on their way.

    `talk` is the conversation it belongs to, as the contact rule knows it.
    """

    item: QueueItem
    talk: Conversation
    items: Sequence[Item] | None
    unsent: int


Work = Literal["take", "give_back", "urgency", "resolve"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What an act on a case needs beside its name."""

    urgency: Urgency | None = None
    reason: str | None = None
    outcome: str | None = None


class Casebook:
    """Open cases and act on them, as one visitor."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        console: ConsoleStore,
        lanes: LaneReader,
        blobs: Blobs,
        closer: Closer,
        keyring: Keyring,
        receiver: Receiver,
        audit: Audit,
        clock: Clock,
        decided: Bell,
    ) -> None:
        """Use these ports; `decided` rings after each commit."""
        self._desk = desk
        self._console = console
        self._lanes = lanes
        self._blobs = blobs
        self._closer = closer
        self._keyring = keyring
        self._receiver = receiver
        self._audit = audit
        self._clock = clock
        self._decided = decided

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self, visitor: Visitor, secret: bytes, number: str) -> Dossier:
        """Open a case; raises MissingError, or ReasonNeededError if a colleague has taken it and none was given."""
        item = await self._allowed(visitor, number)
        wraps, records = await self._desk.dossier(item.case.id)
        wrap = wraps.get(operator_recipient(visitor.operator.id))
        state = await self._lanes.lane(item.lane)
        talk = self._closer.open_talk(item.lane, state.body)
        unsent = await self._console.unsent(item.lane, item.case.id, self._clock.now())
        if wrap is None:
            await self._audit.note(visitor.operator.id, "not_sealed_to", case=item.case.id)
            return Dossier(item, talk, None, unsent)
        await self._audit.note(visitor.operator.id, "opened", case=item.case.id)
        opened = self._keyring.open_case(wrap, secret)
        items = await asyncio.to_thread(_items, opened, item.case.id, records)
        return Dossier(item, talk, items, unsent)

    async def file(self, visitor: Visitor, secret: bytes, number: str, record: str) -> tuple[Item, bytes]:
        """Open a file of a case, whole and verified, and note that a human has now heard or seen it.

        Raises MissingError, or ReasonNeededError as `open` does.
        """
        item = await self._allowed(visitor, number)
        wraps, records = await self._desk.dossier(item.case.id)
        sealed = next((one for one in records if one.id == record and one.blob is not None), None)
        wrap = wraps.get(operator_recipient(visitor.operator.id))
        if sealed is None or sealed.blob is None or wrap is None:
            raise MissingError("There is no such file.")
        await self._audit.note(visitor.operator.id, "opened_file", case=item.case.id)
        opened = self._keyring.open_case(wrap, secret)
        pieces = [piece async for piece in self._blobs.read(sealed.blob)]
        case = item.case.id
        clear = await asyncio.to_thread(lambda: b"".join(opened.file(pieces, case=case, record=record)))
        if sealed.media and not sealed.opened:
            await self._receiver.event(item.lane, "opened", record, Opened(case=case, record=record))
        return (await asyncio.to_thread(_items, opened, case, [sealed]))[0], clear

    async def search(self, visitor: Visitor, secret: bytes, words: str) -> Sequence[QueueItem]:
        """Find the open cases, one's own and nobody's, in whose records these words stand, however they are spelt.

        They are opened one after the other in memory; nothing is kept of them. Of each kind the first SEARCHED.
        """
        await self._audit.note(visitor.operator.id, "searched")
        wanted, found = fold(words), []
        for part in (Wanted(assignee=visitor.operator.id), Wanted(untaken=True)):
            for item in await self._console.part(part, limit=SEARCHED):
                wraps, records = await self._desk.dossier(item.case.id)
                wrap = wraps.get(operator_recipient(visitor.operator.id))
                if wrap is None:
                    continue
                items = await asyncio.to_thread(_items, self._keyring.open_case(wrap, secret), item.case.id, records)
                if any(wanted in fold(text) for one in items for text in _texts(one.body)):
                    found.append(item)
        return found

    async def reasoned(self, visitor: Visitor, number: str, reason: str) -> None:
        """Record why a colleague's case is opened; it holds until this session ends. Raises MissingError."""
        item = await self._found(number)
        if reason not in REASONS:
            raise MissingError("There is no such reason.")
        await self._audit.note(visitor.operator.id, f"reason:{reason}", case=item.case.id)

    async def _allowed(self, visitor: Visitor, number: str) -> QueueItem:
        item = await self._found(number)
        if item.case.assignee in (None, visitor.operator.id):
            return item
        if not await self._console.has_reason(visitor.operator.id, item.case.id, visitor.session.began):
            raise ReasonNeededError("A colleague has taken this case.")
        return item

    async def _found(self, number: str) -> QueueItem:
        item = await self._desk.case(number.upper())
        if item is None:
            raise MissingError("There is no such case.")
        return item

    # ── acting ───────────────────────────────────────────────────────────────────────────────────────────────

    async def act(self, visitor: Visitor, number: str, act: Work, choice: Choice, *, key: str) -> None:
        """Commit an act on a case, once for each key, and wait a while until it is decided. Raises MissingError."""
        item = await self._found(number)
        operator = visitor.operator
        fields = {"urgency": choice.urgency, "reason": choice.reason, "outcome": choice.outcome}
        event = Desk.model_validate(
            {"act": act, "case": item.case.id, "operator": operator.id, "name": operator.name, **fields}
        )
        await self._commit(visitor, item, event, key=key, act=act)

    async def reply(self, visitor: Visitor, number: str, text: str, *, key: str) -> None:
        """Commit a reply to the person of a case, once for each key; the contact rule says when it goes."""
        item = await self._allowed(visitor, number)
        operator = visitor.operator
        event = Replied(case=item.case.id, operator=operator.id, name=operator.name, text=text)
        await self._commit(visitor, item, event, key=key, act="replied")

    async def _commit(self, visitor: Visitor, item: QueueItem, event: Event, *, key: str, act: str) -> None:
        """Record an act before it can happen, then wait until it did."""
        await self._audit.note(visitor.operator.id, act, case=item.case.id)
        await self._receiver.event(item.lane, CONSOLE, key, event)
        left = PATIENCE
        while left > timedelta():
            coming = self._decided.next()
            if not await self._console.is_waiting(CONSOLE, key):
                return
            await self._decided.wait(coming, LOOK_AGAIN)
            left -= LOOK_AGAIN


def _texts(value: object) -> Iterator[str]:
    """Give every text in a record, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in _texts(one))


def _items(opened: OpenCase, case: str, records: Sequence[SealedRecord]) -> Sequence[Item]:
    items = []
    for row in records:
        body = opened.record(row.sealed, case=case, record=row.id, kind="record")
        described = row.described
        file = opened.record(described, case=case, record=row.id, kind="file") if described else None
        items.append(Item(row.id, body, row.at, row.media, row.opened, row.blob, file))
    return items
