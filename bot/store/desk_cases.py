"""Cases as operators see them: the queue, a case by its number, its card, its sealed records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.service.storing import CardPlace, OutboxRow, QueueItem, SealedRecord
from bot.store.database import Database
from bot.store.rows import case_of, outbox_of
from bot.store.saving import REPLY
from bot.store.schema import cards, cases, is_queued, one_of, outbox, records, wraps

_card = (
    select(cards.c.case_id, cases.c.lane).join(cases, cases.c.id == cards.c.case_id).order_by(cards.c.chat).limit(1)
)
_card_of_token = _card.where(cards.c.token == bindparam("token"))
_card_lying_at = _card.where(cards.c.chat == bindparam("chat"), cards.c.message == bindparam("message"))
_cards = select(cards).where(cards.c.case_id == bindparam("case")).order_by(cards.c.chat, cards.c.message)
_by_number = select(cases).where(cases.c.number == bindparam("number"), one_of(cases.c.state, "new", "taken", "closed"))
_reply = select(outbox).where(outbox.c.key == bindparam("key"), outbox.c.kind == REPLY, outbox.c.case_id.is_not(None))
_public_keys = select(cases.c.id, cases.c.public_key).where(cases.c.id.in_(bindparam("ids", expanding=True)))
_place = (cases.c.urgency, cases.c.created_at, cases.c.id)
_queue = select(cases).where(is_queued).order_by(*_place).limit(bindparam("limit"))
_queue_after = _queue.where(
    tuple_(*_place)
    > tuple_(bindparam("urgency"), bindparam("created", type_=cases.c.created_at.type), bindparam("id"))
)
_wraps = select(wraps.c.recipient, wraps.c.wrap).where(wraps.c.case_id == bindparam("case"))
_records = select(records).where(records.c.case_id == bindparam("case")).order_by(records.c.seq)


class DeskCases:
    """Cases and cards on SQL."""

    _database: Database

    async def card(self, token: str) -> tuple[str, str] | None:
        """Give (case id, lane) of a card's token, or None."""
        return await self._find_card(_card_of_token, {"token": token})

    async def card_at(self, chat: int, message: int) -> tuple[str, str] | None:
        """Give (case id, lane) of the card lying there, or None."""
        return await self._find_card(_card_lying_at, {"chat": chat, "message": message})

    async def reply(self, key: str) -> OutboxRow | None:
        """Give an operator's reply by its row key, or None."""

        async def work(connection: AsyncConnection) -> OutboxRow | None:
            row = (await connection.execute(_reply, {"key": key})).first()
            return None if row is None else outbox_of(row)

        return await self._database.read(work)

    async def reply_case(self, key: str) -> tuple[str, str] | None:
        """Give (case id, lane) of an operator's reply, or None."""
        row = await self.reply(key)
        return None if row is None or row.case is None else (row.case, row.lane)

    async def public_keys(self, cases: Sequence[str]) -> Mapping[str, bytes]:
        """Read the public keys of cases; a shredded case is left out."""

        async def work(connection: AsyncConnection) -> Mapping[str, bytes]:
            return {row.id: row.public_key for row in await connection.execute(_public_keys, {"ids": cases})}

        return await self._database.read(work)

    async def cards(self, case: str) -> Sequence[CardPlace]:
        """List where a case's cards lie."""

        async def work(connection: AsyncConnection) -> Sequence[CardPlace]:
            return [
                CardPlace(case=row.case_id, chat=row.chat, message=row.message, token=row.token)
                for row in await connection.execute(_cards, {"case": case})
            ]

        return await self._database.read(work)

    async def case(self, number: str) -> QueueItem | None:
        """Find a visible case by its number, closed ones too."""

        async def work(connection: AsyncConnection) -> QueueItem | None:
            row = (await connection.execute(_by_number, {"number": number})).first()
            return None if row is None else _item(row)

        return await self._database.read(work)

    async def queue(self, *, limit: int, after: tuple[str, datetime, str] | None = None) -> Sequence[QueueItem]:
        """List open visible cases: urgency, then oldest first; `after` is the last row's (urgency, created, id)."""

        async def work(connection: AsyncConnection) -> Sequence[QueueItem]:
            if after is None:
                found = await connection.execute(_queue, {"limit": limit})
            else:
                last = dict(zip(("urgency", "created", "id"), after, strict=True))
                found = await connection.execute(_queue_after, {"limit": limit, **last})
            return [_item(row) for row in found]

        return await self._database.read(work)

    async def dossier(self, case: str) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
        """Give a case's wraps by recipient and its sealed records in order."""

        async def work(connection: AsyncConnection) -> tuple[Mapping[str, bytes], Sequence[SealedRecord]]:
            wrapped = {row.recipient: row.wrap for row in await connection.execute(_wraps, {"case": case})}
            return wrapped, [_sealed(row) for row in await connection.execute(_records, {"case": case})]

        return await self._database.read(work)

    async def _find_card(self, statement: Select[Any], asked: Mapping[str, object]) -> tuple[str, str] | None:
        async def work(connection: AsyncConnection) -> tuple[str, str] | None:
            row = (await connection.execute(statement, asked)).first()
            return None if row is None else (row.case_id, row.lane)

        return await self._database.read(work)


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
