"""Who works at the desk, who is on duty when, and to whom cases are sealed."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from bot.core.roster import Duty, Roster
from bot.service.rows import Operator
from bot.service.vaulting import Recipient
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.rows import Columns, duty_columns, duty_of, operator_columns, wrap_columns
from bot.store.schema import operators, recipients, roster, wraps

_operators = select(operators).order_by(operators.c.id)
_drop_operator = delete(operators).where(operators.c.id == bindparam("id")).returning(operators.c.id)
_roster = select(roster).order_by(roster.c.operator, roster.c.day)
_drop_duties = delete(roster).where(roster.c.operator == bindparam("operator_id"))
_drop_days = _drop_duties.where(roster.c.day.in_(bindparam("days", expanding=True)))
_recipients = select(recipients.c.id, recipients.c.public_key).where(recipients.c.active).order_by(recipients.c.id)
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


class DeskPeople:
    """Operators, roster and recipients on SQL."""

    _database: Database

    async def operators(self) -> Sequence[Operator]:
        """List the operators by id."""
        return await self._database.read(_list_operators)

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one."""
        await self._database.write(_put, operators, [operator_columns(operator)])

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list; False if there was none."""
        return await self._database.write(
            lambda connection: connection.execute(_drop_operator, {"id": operator}).first() is not None
        )

    async def roster(self) -> Roster:
        """Give the duty roster."""
        return await self._database.read(_read_roster)

    async def put_duties(self, duties: Sequence[Duty]) -> None:
        """List operators for hours, in the place of what they were listed for on these days."""
        await self._database.write(_put, roster, [duty_columns(duty) for duty in duties])

    async def drop_duties(self, operator: int, days: Sequence[str]) -> int:
        """Take an operator's entries of these days (none: of all) from the roster; gives how many."""
        statement, asked = (_drop_days, {"days": list(days)}) if days else (_drop_duties, {})
        return await self._database.write(
            lambda connection: connection.execute(statement, {"operator_id": operator, **asked}).rowcount
        )

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom new cases are sealed."""
        return await self._database.read(_list_recipients)

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient, with its wrapped secret if the database keeps it."""
        columns = {"id": recipient.id, "public_key": recipient.public_key, "wrapped": wrapped, "active": True}
        await self._database.write(_put, recipients, [columns])

    async def retire_recipient(self, recipient: str) -> None:
        """Seal no new case to a recipient any more; what was sealed to it stays."""
        await self._database.write(lambda connection: connection.execute(_retire, {"recipient": recipient}).close())

    async def wrapped(self, recipient: str) -> tuple[bytes, bytes] | None:
        """Give a recipient's (public key, wrapped secret); None if the database does not keep it."""
        return await self._database.read(_find_wrapped, recipient)

    async def wraps(self, recipient: str, *, limit: int) -> Sequence[tuple[str, bytes]]:
        """List (case, wrap) of cases sealed to a recipient, any first `limit`; `rewrap` takes them from the list."""
        return await self._database.read(_list_wraps, recipient, limit)

    async def rewrap(self, case: str, wraps: Sequence[tuple[str, bytes]], *, instead_of: str) -> None:
        """Put wraps for (recipient, wrap) in the place of one recipient's, in one transaction."""
        await self._database.write(_rewrap, case, wraps, instead_of)


def _put(connection: Connection, table: Table, columns: Sequence[Columns]) -> None:
    connection.execute(put(connection, table), columns)


def _list_operators(connection: Connection) -> Sequence[Operator]:
    return [
        Operator(id=row.id, name=row.name, role=row.role, started=row.started) for row in connection.execute(_operators)
    ]


def _read_roster(connection: Connection) -> Roster:
    return Roster(duties=tuple(duty_of(row) for row in connection.execute(_roster)))


def _list_recipients(connection: Connection) -> Sequence[Recipient]:
    return [Recipient(id=row.id, public_key=row.public_key) for row in connection.execute(_recipients)]


def _find_wrapped(connection: Connection, recipient: str) -> tuple[bytes, bytes] | None:
    row = connection.execute(_wrapped, {"recipient": recipient}).first()
    return None if row is None else (row.public_key, row.wrapped)


def _list_wraps(connection: Connection, recipient: str, limit: int) -> Sequence[tuple[str, bytes]]:
    found = connection.execute(_wraps, {"recipient": recipient, "limit": limit})
    return [(row.case_id, row.wrap) for row in found]


def _rewrap(connection: Connection, case: str, new: Sequence[tuple[str, bytes]], instead_of: str) -> None:
    connection.execute(_unwrap, {"case": case, "recipient": instead_of})
    _put(connection, wraps, wrap_columns(case, new))
