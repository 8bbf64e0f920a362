"""Cases as an operator reads and works on them at the console. Every opening is recorded before anything is opened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.core.events import Attachment, Event, Opened
from bot.core.khmer import fold
from bot.core.names import speaks_of, variants
from bot.core.roles import may
from bot.core.searching import NAME
from bot.core.state import Conversation
from bot.core.values import to_minute
from bot.service.auditing import Audit
from bot.service.casefile import Item, file_of, open_items, read_case
from bot.service.closing import Closer
from bot.service.consoling import ConsoleStore, Wanted
from bot.service.deciding import Decisions
from bot.service.entries import CaseFile, File
from bot.service.histories import History, history
from bot.service.messaging import Clock
from bot.service.minting import new_id, read_number
from bot.service.receiving import Receiver
from bot.service.rows import QueueItem, Record, SealedRecord
from bot.service.shifts import Visitor
from bot.service.storing import Blobs, DeskStore, LaneReader
from bot.service.unlocking import Keyring
from bot.service.vaulting import Sealer, operator_recipient
from bot.service.wishes import Wish, WishError, Wishes

SEARCHED = 300
"""Cases of one's own, and of nobody's, that a search opens: a second or so."""
LONGEST_NUMBER = 16
REASONS = ("asked", "covering", "danger", "supervising")
"""Why somebody opens a case that a colleague has taken."""
UNOPENED = frozenset({"take", "seen", "take_over", "urgency", "give_back", "resolve"})
"""Acts that say nothing of a case's content: who comes second reads who was quicker, and gives no reason."""


class MissingError(OperatorError):
    """There is no such case or file, or it is not theirs; which of these is not told."""


class ReasonNeededError(OperatorError):
    """A colleague has taken the case: opening it needs a reason."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as it was opened. `file` is None if it is not sealed to this operator; `unsent` replies are on their way.

    `talk` is the conversation it belongs to, as the contact rule knows it; `held` is since when it is kept.
    """

    item: QueueItem
    talk: Conversation
    file: CaseFile | None
    history: History
    held: datetime | None
    unsent: int


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
        sealer: Sealer,
        receiver: Receiver,
        audit: Audit,
        clock: Clock,
        content: Callable[[], Content],
        decisions: Decisions,
    ) -> None:
        """Use these ports."""
        self._desk = desk
        self._console = console
        self._lanes = lanes
        self._blobs = blobs
        self._closer = closer
        self._keyring = keyring
        self._sealer = sealer
        self._receiver = receiver
        self._audit = audit
        self._clock = clock
        self._content = content
        self._decisions = decisions

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self, visitor: Visitor, secret: bytes, number: str) -> Dossier:
        """Open a case; raises MissingError, or ReasonNeededError if a colleague has taken it and none was given."""
        item = await self._allowed(visitor, number)
        case, operator = item.case, visitor.operator
        wraps, records = await self._desk.dossier(case.id)
        wrap = wraps.get(operator_recipient(operator.id))
        await self._audit.note(operator.id, "opened" if wrap is not None else "not_sealed_to", case=case.id)
        items = await self._opened(case.id, wrap, secret, records)
        talk = await self._talk(item)
        content = self._content().aloud if talk.by_hand else self._content()
        file = read_case(content, items, visitor.language) if items is not None else None
        return Dossier(
            item=item,
            talk=talk,
            file=file,
            history=await history(self._desk, case.number),
            held=await self._desk.held(case.id),
            unsent=await self._console.unsent(item.lane, case.id, self._clock.now()),
        )

    async def file(self, visitor: Visitor, secret: bytes, number: str, record: str) -> tuple[File, bytes]:
        """Open a file of a case, whole and verified; that a human heard or saw it is for `seen` to say.

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
        (read,) = await asyncio.to_thread(open_items, opened, case, [sealed])
        return file_of(read), clear

    async def seen(self, number: str, file: File) -> None:
        """Note that a human has now heard or seen a file of a case, unless somebody had."""
        if not file.opened:
            item = await self._found(number)
            await self._receiver.event(item.lane, "opened", file.record, Opened(case=item.case.id, record=file.record))

    async def search(self, visitor: Visitor, secret: bytes, words: str) -> Sequence[QueueItem]:
        """Find the open cases, one's own and nobody's, in whose records these words stand, however they are spelt.

        They are opened one after the other in memory; nothing is kept of them. Of each kind the first SEARCHED. That
        each of them was opened is recorded before, and each that was found before it is shown.
        """
        wanted = fold(words)
        return await self._search(visitor, secret, lambda text: wanted in fold(text))

    async def kin(self, visitor: Visitor, secret: bytes, number: str) -> Sequence[QueueItem]:
        """Find the cases that `search` looks through in which the name stands that a family's request asks for.

        Raises MissingError, or ReasonNeededError as `open` does.
        """
        item = await self._allowed(visitor, number)
        wraps, records = await self._desk.dossier(item.case.id)
        wrap = wraps.get(operator_recipient(visitor.operator.id))
        said = [one.body for one in await self._opened(item.case.id, wrap, secret, records) or ()]
        answers = [str(body["text"]) for body in said if body.get("question") == NAME and "text" in body]
        names = [name for answer in answers for name in variants(answer)]
        if not names:
            return ()
        found = await self._search(visitor, secret, lambda text: any(speaks_of(text, name) for name in names))
        return [one for one in found if one.case.id != item.case.id]

    async def _search(self, visitor: Visitor, secret: bytes, tells: Callable[[str], bool]) -> Sequence[QueueItem]:
        """Find the open cases, one's own and nobody's, that hold a text like this; the record names them."""
        found, who = [], visitor.operator.id
        sealed = [one async for one in self._openable(who)]
        await self._audit.note(who, "searched", cases=[item.case.id for item, _, _ in sealed])
        for item, wrap, records in sealed:
            items = await self._opened(item.case.id, wrap, secret, records) or ()
            if any(tells(text) for one in items for text in _texts(one.body)):
                found.append(item)
        await self._audit.note_each(who, "found", [item.case.id for item in found])
        return found

    async def _openable(self, operator: int) -> AsyncIterator[tuple[QueueItem, bytes, Sequence[SealedRecord]]]:
        """Give what a search opens: one's own cases and nobody's, as far as they are sealed to the operator."""
        for part in (Wanted(assignee=operator), Wanted(untaken=True)):
            for item in await self._console.part(part, limit=SEARCHED):
                wraps, records = await self._desk.dossier(item.case.id)
                wrap = wraps.get(operator_recipient(operator))
                if wrap is not None:
                    yield item, wrap, records

    async def _opened(
        self, case: str, wrap: bytes | None, secret: bytes, records: Sequence[SealedRecord]
    ) -> Sequence[Item] | None:
        """Open the records of a case; None if it is not sealed to this operator."""
        if wrap is None:
            return None
        return await asyncio.to_thread(open_items, self._keyring.open_case(wrap, secret), case, records)

    async def reasoned(self, visitor: Visitor, number: str, reason: str) -> None:
        """Record why a colleague's case is opened; it holds until this session ends. Raises MissingError."""
        item = await self._found(number)
        if reason not in REASONS:
            raise MissingError("There is no such reason.")
        await self._audit.note(visitor.operator.id, f"reason:{reason}", case=item.case.id)

    async def may_hear(self, visitor: Visitor, number: str, *, said: str, word: str) -> bool:
        """Say whether somebody may hear where a case stands: they say its number, and the agreed word if there is one.

        It is recorded, also if they may not. Raises as `open` does.
        """
        item = await self._allowed(visitor, number)
        agreed = (await self._talk(item)).word
        may_hear = read_number(said) == item.case.number and (agreed is None or agreed.is_said(word))
        await self._audit.note(visitor.operator.id, "status" if may_hear else "status_refused", case=item.case.id)
        return may_hear

    async def _talk(self, item: QueueItem) -> Conversation:
        return self._closer.open_talk(item.lane, (await self._lanes.lane(item.lane)).body)

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

    async def act(
        self,
        visitor: Visitor,
        number: str,
        act: str,
        fields: Mapping[str, str],
        *,
        key: str,
        spoken: Attachment | None = None,
    ) -> None:
        """Commit what a visitor wishes, once for each key, and wait a while until it is decided.

        Raises WishError, MissingError, or ReasonNeededError as `open` does.
        """
        item = await (self._found(number) if act in UNOPENED else self._allowed(visitor, number))
        wishes = Wishes(self._content(), await self._desk.operators(), self._clock.now())
        event = wishes.event(Wish(act, item.case.id, fields, spoken), visitor.operator)
        await self._commit(visitor, item, event, key=key, act=act)

    async def hold(self, visitor: Visitor, number: str, fields: Mapping[str, str]) -> None:
        """Keep a case from being destroyed, or no longer; the reason is sealed to it. Raises as `act` does."""
        if not may(visitor.operator.role, "hold"):
            raise WishError("role", "Only a supervisor holds a case.")
        item = await self._allowed(visitor, number)
        case = item.case.id
        wish = Wish("hold", case, fields)
        held, reason = wish.is_so("held"), wish.text("reason")
        record = await self._sealed(visitor, case, {"kind": "hold", "held": held, "reason": reason})
        await self._audit.note(visitor.operator.id, "hold" if held else "unhold", case=case)
        await self._desk.hold(case, since=record.at if held else None, reason=record)

    async def link(self, visitor: Visitor, number: str, fields: Mapping[str, str]) -> None:
        """Note in a family's request and in another case that they belong together, and why; nothing is merged.

        Who is noted must be theirs to open, both of them. Raises as `act` does.
        """
        item = await self._allowed(visitor, number)
        wish = Wish("link", item.case.id, fields)
        other, reason = await self._allowed(visitor, wish.text("other", most=LONGEST_NUMBER)), wish.text("reason")
        talk = await self._talk(item)
        if other.case.id == item.case.id or talk.search_of(item.case.id) is None:
            raise WishError("other", "Only a family's request and another case belong together.")
        pairs = ((item.case, other.case), (other.case, item.case))
        said = [(one.id, {"kind": "link", "number": to.number, "reason": reason}) for one, to in pairs]
        records = [await self._sealed(visitor, case, body) for case, body in said]
        for case, _ in said:
            await self._audit.note(visitor.operator.id, "link", case=case)
        await self._desk.add_records(records)

    async def _sealed(self, visitor: Visitor, case: str, body: Mapping[str, object]) -> Record:
        """Seal what a visitor says of a case that changes nothing that is decided in its lane."""
        record, now = new_id(), self._clock.now()
        public_key = (await self._desk.public_keys([case])).get(case)
        if public_key is None:
            raise MissingError("There is no such case.")
        said = {**body, "operator": visitor.operator.id, "at": to_minute(now).isoformat()}
        return Record(record, case, self._sealer.record(public_key, said, case=case, record=record, kind="record"), now)

    async def _commit(self, visitor: Visitor, item: QueueItem, event: Event, *, key: str, act: str) -> None:
        """Record an act before it can happen, then wait until it did."""
        await self._audit.note(visitor.operator.id, act, case=item.case.id)
        await self._decisions.on(item.lane, key, event)


def _texts(value: object) -> Iterator[str]:
    """Give every text in a record, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in _texts(one))
