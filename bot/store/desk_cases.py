"""Cases as operators see them: the queue, a case by its number, its card, its sealed records."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, insert, or_, select, tuple_

from bot.core.state import Case, CaseState
from bot.core.values import Urgency
from bot.service.rows import CardPlace, OutboxRow, QueueItem, Record, SealedRecord
from bot.store.database import Database
from bot.store.lanes import public_keys
from bot.store.rows import Columns, case_of, outbox_of, record_columns
from bot.store.saving import REPLY
from bot.store.schema import cards, cases, is_queued, one_of, outbox, records, wraps

_card = select(cards.c.case_id, cases.c.lane).join(cases, cases.c.id == cards.c.case_id).order_by(cards.c.chat).limit(1)
_card_of_token = _card.where(cards.c.token == bindparam("token"))
_card_lying_at = _card.where(cards.c.chat == bindparam("chat"), cards.c.message == bindparam("message"))
_cards = select(cards).where(cards.c.case_id == bindparam("case")).order_by(cards.c.chat, cards.c.message)
_by_number = select(cases).where(cases.c.number == bindparam("number"), one_of(cases.c.state, "new", "taken", "closed"))
_lane = select(cases.c.lane).where(cases.c.id == bindparam("case"))
_reply = select(outbox).where(outbox.c.key == bindparam("key"), outbox.c.kind == REPLY, outbox.c.case_id.is_not(None))
_place = (cases.c.urgency, cases.c.created_at, cases.c.id)
_queue = select(cases).where(is_queued).order_by(*_place).limit(bindparam("limit"))
_queue_after = _queue.where(
    tuple_(*_place)
    > tuple_(bindparam("urgency"), bindparam("created", type_=cases.c.created_at.type), bindparam("case"))
)
_census = (
    select(cases.c.urgency, cases.c.state, func.count().label("number")).where(is_queued).group_by("urgency", "state")
)
_oldest = select(cases).where(is_queued, cases.c.urgency == bindparam("urgency")).order_by(*_place[1:])
_oldest = _oldest.limit(bindparam("limit"))
# `+ 0`: else SQLite goes by the chat, and reads through all cards that ever lay in it, for each case.
_has_card = exists().where(cards.c.case_id == cases.c.id, cards.c.chat + 0 == bindparam("chat"))
_uncarded = (
    select(cases)
    .where(is_queued, one_of(cases.c.state, "new"), one_of(cases.c.urgency, "P1", "P2"))
    .where(or_(~_has_card, cases.c.id.in_(bindparam("also", expanding=True))))
    .order_by(*_place)
    .limit(bindparam("limit"))
)
_is_known = one_of(cases.c.state, "new", "taken", "closed")
_of_lane = (
    select(cases)
    .where(cases.c.lane == bindparam("lane"), _is_known)
    .order_by(cases.c.seq.desc())
    .limit(bindparam("limit"))
)
_near = select(cases).where(cases.c.country == bindparam("country"), cases.c.lane != bindparam("not_of"), _is_known)
_at, _bound = (bindparam(name, type_=cases.c.created_at.type) for name in ("at", "bound"))
_before = (
    _near.where(cases.c.created_at.between(_bound, _at)).order_by(cases.c.created_at.desc()).limit(bindparam("limit"))
)
_after = (
    _near.where(cases.c.created_at > _at, cases.c.created_at <= _bound)
    .order_by(cases.c.created_at)
    .limit(bindparam("limit"))
)
_wraps = select(wraps.c.recipient, wraps.c.wrap).where(wraps.c.case_id == bindparam("case"))
_records = select(records).where(records.c.case_id == bindparam("case")).order_by(records.c.seq)


class DeskCases:
    """Cases and cards on SQL."""

    _database: Database

    async def card(self, token: str) -> tuple[str, str] | None:
        """Give (case id, lane) of a card's token, or None."""
        return await self._database.read(_case_and_lane, _card_of_token, {"token": token})

    async def card_at(self, chat: int, message: int) -> tuple[str, str] | None:
        """Give (case id, lane) of the card lying there, or None."""
        return await self._database.read(_case_and_lane, _card_lying_at, {"chat": chat, "message": message})

    async def lane_of(self, case: str) -> str | None:
        """Give the lane of a case, or None if it was destroyed."""
        return await self._database.read(lambda connection: connection.scalars(_lane, {"case": case}).first())

    async def reply(self, key: str) -> OutboxRow | None:
        """Give an operator's reply by its row key, or None."""
        return await self._database.read(_find_reply, key)

    async def reply_case(self, key: str) -> tuple[str, str] | None:
        """Give (case id, lane) of an operator's reply, or None."""
        return await self._database.read(_case_and_lane, _reply, {"key": key})

    async def cards(self, case: str) -> Sequence[CardPlace]:
        """List where a case's cards lie."""
        return await self._database.read(_list_cards, case)

    async def case(self, number: str) -> QueueItem | None:
        """Find a visible case by its number, closed ones too."""
        return await self._database.read(_find_case, number)

    async def queue(self, *, limit: int, after: tuple[str, datetime, str] | None = None) -> Sequence[QueueItem]:
        """List open visible cases: urgency, then oldest first; `after` is the last row's (urgency, created, id)."""
        return await self._database.read(_list_queue, limit, after)

    async def census(self) -> Mapping[tuple[Urgency, CaseState], int]:
        """Count the open visible cases by urgency and state; where there are none, the pair is left out."""
        return await self._database.read(_count_open)

    async def oldest(self, urgency: Urgency, *, limit: int) -> Sequence[Case]:
        """List open visible cases of an urgency, oldest first."""
        return await self._database.read(_list_cases, _oldest, {"urgency": urgency, "limit": limit})

    async def uncarded(self, chat: int, *, also: Sequence[str], limit: int) -> Sequence[Case]:
        """List untaken flagged cases without a card in a chat, and `also` these: urgency, then oldest first."""
        return await self._database.read(_list_cases, _uncarded, {"chat": chat, "also": also, "limit": limit})

    async def of_lane(self, lane: str, *, limit: int) -> Sequence[Case]:
        """List the cases of a lane that operators have seen, closed ones too: the newest first."""
        return await self._database.read(_list_cases, _of_lane, {"lane": lane, "limit": limit})

    async def near(self, country: str, at: datetime, *, within: timedelta, not_of: str, limit: int) -> Sequence[Case]:
        """List the cases of a country begun near an instant, but for one lane's: at most `limit` each way."""
        asked = {"country": country, "at": at, "not_of": not_of, "limit": limit}
        before = await self._database.read(_list_cases, _before, {**asked, "bound": at - within})
        return [*before, *await self._database.read(_list_cases, _after, {**asked, "bound": at + within})]

    async def dossier(self, case: str) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
        """Give a case's wraps by recipient and its sealed records in order."""
        return await self._database.read(_read_dossier, case)

    async def add_records(self, records: Sequence[Record]) -> None:
        """Keep sealed records of cases outside a batch, all or none."""
        await self._database.write(_add_records, records)

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases; a shredded case is left out."""
        return await self._database.read(public_keys, cases)


def _case_and_lane(connection: Connection, statement: Select[Any], asked: Columns) -> tuple[str, str] | None:
    row = connection.execute(statement, asked).first()
    return None if row is None else (row.case_id, row.lane)


def _find_reply(connection: Connection, key: str) -> OutboxRow | None:
    row = connection.execute(_reply, {"key": key}).first()
    return None if row is None else outbox_of(row)


def _list_cards(connection: Connection, case: str) -> Sequence[CardPlace]:
    return [
        CardPlace(case=row.case_id, chat=row.chat, message=row.message, token=row.token)
        for row in connection.execute(_cards, {"case": case})
    ]


def _find_case(connection: Connection, number: str) -> QueueItem | None:
    row = connection.execute(_by_number, {"number": number}).first()
    return None if row is None else _item(row)


def _list_queue(connection: Connection, limit: int, after: tuple[str, datetime, str] | None) -> Sequence[QueueItem]:
    if after is None:
        return [_item(row) for row in connection.execute(_queue, {"limit": limit})]
    urgency, created, case = after
    last = {"urgency": urgency, "created": created, "case": case}
    return [_item(row) for row in connection.execute(_queue_after, {"limit": limit, **last})]


def _list_cases(connection: Connection, statement: Select[Any], asked: Columns) -> Sequence[Case]:
    return [case_of(row) for row in connection.execute(statement, asked)]


def _count_open(connection: Connection) -> Mapping[tuple[Urgency, CaseState], int]:
    return {(row.urgency, row.state): int(row.number) for row in connection.execute(_census)}


def _read_dossier(connection: Connection, case: str) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
    wrapped = {row.recipient: row.wrap for row in connection.execute(_wraps, {"case": case})}
    return wrapped, [_sealed(row) for row in connection.execute(_records, {"case": case})]


def _add_records(connection: Connection, added: Sequence[Record]) -> None:
    connection.execute(insert(records), [record_columns(one) for one in added])


def _item(row: Row[Any]) -> QueueItem:
    return QueueItem(case=case_of(row), lane=row.lane)


def _sealed(row: Row[Any]) -> SealedRecord:
    return SealedRecord(
        id=row.id,
        sealed=row.sealed,
        at=row.at,
        media=row.media,
        opened=row.opened_at is not None,
        blob=row.blob,
        described=row.described,
    )
