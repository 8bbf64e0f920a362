"""Keys on SQL: recipients, invites, and who can open which case."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update

from bot.service.holding import Wraps, next_key
from bot.service.vaulting import Recipient
from bot.store import holders
from bot.store.conflicts import insert_new, put
from bot.store.database import Database
from bot.store.rows import wrap_columns
from bot.store.schema import cases, invites, is_open, recipients, wraps

_recipients = (
    select(recipients.c.id, recipients.c.public_key)
    .where(recipients.c.active, ~holders.is_admins)
    .order_by(recipients.c.id)
)
_retire = update(recipients).where(recipients.c.id == bindparam("recipient")).values(active=False)
_wrapped = select(recipients.c.public_key, recipients.c.wrapped).where(
    recipients.c.id == bindparam("recipient"), recipients.c.wrapped.is_not(None)
)
_wraps = (
    select(wraps.c.case_id, wraps.c.wrap)
    .where(wraps.c.recipient == bindparam("recipient"))
    .order_by(wraps.c.case_id)
    .limit(bindparam("limit"))
)
_unwrap = delete(wraps).where(wraps.c.case_id == bindparam("case"), wraps.c.recipient == bindparam("recipient"))
_other = wraps.alias("other")
_has_next = exists().where(_other.c.case_id == wraps.c.case_id, _other.c.recipient == bindparam("to"))
_ungranted = (
    select(wraps.c.case_id, wraps.c.wrap)
    .join(cases, cases.c.id == wraps.c.case_id)
    .where(wraps.c.recipient == bindparam("holder"), wraps.c.case_id > bindparam("after"), ~_has_next)
    .order_by(wraps.c.case_id)
    .limit(bindparam("limit"))
)
_there = select(cases.c.id).where(cases.c.id.in_(bindparam("ids", expanding=True)))
_holdings = (
    select(wraps.c.recipient, func.count()).join(cases, cases.c.id == wraps.c.case_id).where(is_open)
).group_by(wraps.c.recipient)

# A key is renewed: what only the next one opens was closed meanwhile and is nobody's business any more.
_unsealed = select(wraps.c.case_id).where(wraps.c.recipient == bindparam("old"), ~_has_next).limit(1)
_had = exists().where(_other.c.case_id == wraps.c.case_id, _other.c.recipient == bindparam("old"))
_drop_extra = delete(wraps).where(wraps.c.recipient == bindparam("to"), ~_had)
_drop_old = delete(wraps).where(wraps.c.recipient == bindparam("old"))
_rename = update(wraps).where(wraps.c.recipient == bindparam("to")).values(recipient=bindparam("old"))
_drop_next = (
    delete(recipients)
    .where(recipients.c.id == bindparam("to"))
    .returning(recipients.c.public_key, recipients.c.wrapped, recipients.c.active)
)

_invited = select(invites.c.operator).where(
    invites.c.token == bindparam("token"), invites.c.expires_at > bindparam("now", type_=invites.c.expires_at.type)
)
_spend = (
    delete(invites)
    .where(
        invites.c.operator == bindparam("operator"),
        invites.c.token == bindparam("token"),
        invites.c.expires_at > bindparam("now", type_=invites.c.expires_at.type),
    )
    .returning(invites.c.operator)
)


class DeskKeys:
    """`KeyStore` on SQL."""

    _database: Database

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom new cases are sealed; an admin's key is not among them."""
        return await self._database.read(active)

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient, with its wrapped secret if the database keeps it."""
        await self._database.write(_put_recipient, recipient, wrapped)

    async def retire_recipient(self, recipient: str) -> None:
        """Seal no new case to a recipient any more; what was sealed to it stays."""
        await self._database.write(lambda connection: connection.execute(_retire, {"recipient": recipient}).close())

    async def drop_recipient(self, recipient: str) -> None:
        """Forget a recipient and all that was sealed to it."""
        await self._database.write(holders.forget, recipient)

    async def wrapped(self, recipient: str) -> tuple[bytes, bytes] | None:
        """Give a recipient's (public key, wrapped secret); None if the database does not keep it."""
        return await self._database.read(_find_wrapped, recipient)

    async def wraps(self, recipient: str, *, limit: int) -> Wraps:
        """List (case, wrap) of cases sealed to a recipient, any first `limit`; `rewrap` takes them from the list."""
        return await self._database.read(_list_wraps, recipient, limit)

    async def rewrap(self, case: str, wraps: Sequence[tuple[str, bytes]], *, instead_of: str) -> None:
        """Put wraps for (recipient, wrap) in the place of one recipient's, in one transaction."""
        await self._database.write(_rewrap, case, wraps, instead_of)

    async def ungranted(self, holder: str, to: str, *, after: str, limit: int, closed: bool) -> Wraps:
        """List the holder's (case, wrap) of open cases that `to` has no wrap of, by case id, those after a case id."""
        asked = {"holder": holder, "to": to, "after": after, "limit": limit}
        return await self._database.read(_list_ungranted, asked, closed=closed)

    async def grant(self, to: Recipient, wraps: Wraps, *, closed: bool) -> int:
        """Keep wraps for a recipient; gives how many cases it can open now that it could not before."""
        return await self._database.write(_grant, to, wraps, closed=closed)

    async def renew(self, recipient: str, *, anyway: bool) -> bool:
        """Put the next key of a recipient in the place of its own; False if it does not open all of that yet."""
        return await self._database.write(_renew, recipient, anyway=anyway)

    async def holdings(self) -> Mapping[str, int]:
        """Count the open cases that each recipient can open."""
        return await self._database.read(lambda one: {row[0]: row[1] for row in one.execute(_holdings)})

    async def put_invite(self, operator: int, token: str, expires: datetime) -> None:
        """Keep an invite by the keyed index of its token; an earlier one of this operator is void."""
        columns = {"operator": operator, "token": token, "expires_at": expires}
        await self._database.write(lambda one: one.execute(put(one, invites), [columns]).close())

    async def invited(self, token: str, now: datetime) -> int | None:
        """Give the operator whom an invite is for; None if there is none, or it is too old."""
        return await self._database.read(lambda one: one.scalars(_invited, {"token": token, "now": now}).first())

    async def enrol(self, token: str, recipient: Recipient, wrapped: bytes, *, operator: int, now: datetime) -> bool:
        """Spend an operator's invite and keep their new key; what was sealed to an earlier one is forgotten."""
        spent = {"token": token, "operator": operator, "now": now}
        return await self._database.write(_enrol, spent, recipient, wrapped)


def active(connection: Connection, *, locked: bool = False) -> Sequence[Recipient]:
    """List to whom new cases are sealed; `locked`: on PostgreSQL none of them can be changed before the commit."""
    asked = _recipients.with_for_update(read=True, of=recipients) if locked else _recipients
    return [Recipient(id=row.id, public_key=row.public_key) for row in connection.execute(asked)]


def _put_recipient(connection: Connection, recipient: Recipient, wrapped: bytes | None) -> None:
    columns = {"id": recipient.id, "public_key": recipient.public_key, "wrapped": wrapped, "active": True}
    connection.execute(put(connection, recipients), [columns])


def _find_wrapped(connection: Connection, recipient: str) -> tuple[bytes, bytes] | None:
    row = connection.execute(_wrapped, {"recipient": recipient}).first()
    return None if row is None else (row.public_key, row.wrapped)


def _list_wraps(connection: Connection, recipient: str, limit: int) -> Wraps:
    found = connection.execute(_wraps, {"recipient": recipient, "limit": limit})
    return [(row.case_id, row.wrap) for row in found]


def _rewrap(connection: Connection, case: str, new: Sequence[tuple[str, bytes]], instead_of: str) -> None:
    connection.execute(_unwrap, {"case": case, "recipient": instead_of})
    connection.execute(put(connection, wraps), wrap_columns(case, new))


def _list_ungranted(connection: Connection, asked: Mapping[str, object], *, closed: bool) -> Wraps:
    found = connection.execute(_ungranted if closed else _ungranted.where(is_open), asked)
    return [(row.case_id, row.wrap) for row in found]


def _grant(connection: Connection, to: Recipient, given: Wraps, *, closed: bool) -> int:
    if to not in active(connection, locked=True):
        return 0
    there = set(connection.scalars(_there if closed else _there.where(is_open), {"ids": [case for case, _ in given]}))
    columns = [{"case_id": case, "recipient": to.id, "wrap": wrap} for case, wrap in given if case in there]
    return len(connection.execute(insert_new(connection, wraps), columns).all()) if columns else 0


def _renew(connection: Connection, recipient: str, *, anyway: bool) -> bool:
    names = {"old": recipient, "to": next_key(recipient)}
    if not anyway and connection.execute(_unsealed, names).first() is not None:
        return False
    fresh = connection.execute(_drop_next, names).first()
    if fresh is None:
        return False
    for statement in (_drop_extra, _drop_old, _rename):
        connection.execute(statement, names)
    _put_recipient(connection, Recipient(recipient, fresh.public_key), fresh.wrapped)
    return True


def _enrol(connection: Connection, spent: Mapping[str, object], recipient: Recipient, wrapped: bytes) -> bool:
    if connection.execute(_spend, spent).first() is None:
        return False
    holders.forget(connection, recipient.id)
    _put_recipient(connection, recipient, wrapped)
    return True
