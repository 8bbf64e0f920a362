"""Who works at the desk, and who is on duty when."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select

from bot.core.roster import Duty, Roster
from bot.service.rows import Operator
from bot.service.vaulting import operator_recipient
from bot.store import holders
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.rows import duty_columns, duty_of, operator_columns
from bot.store.schema import operators, roster

_operators = select(operators).order_by(operators.c.id)
_drop = delete(operators).where(operators.c.id == bindparam("id")).returning(operators.c.id)
_roster = select(roster).order_by(roster.c.operator, roster.c.day)
_drop_duties = delete(roster).where(roster.c.operator == bindparam("operator_id"))
_drop_days = _drop_duties.where(roster.c.day.in_(bindparam("days", expanding=True)))


class DeskPeople:
    """Operators and their roster on SQL."""

    _database: Database

    async def operators(self) -> Sequence[Operator]:
        """List the operators by id."""
        return await self._database.read(_list)

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one; with another role they may be able to open fewer cases from now on."""
        await self._database.write(_put, operator)

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list, with sessions, key and all that was sealed to it; False if there was none."""
        return await self._database.write(_remove, operator)

    async def roster(self) -> Roster:
        """Give the duty roster."""
        return await self._database.read(_read_roster)

    async def put_duties(self, duties: Sequence[Duty]) -> None:
        """List operators for hours, in the place of what they were listed for on these days."""
        await self._database.write(_put_duties, duties)

    async def drop_duties(self, operator: int, days: Sequence[str]) -> int:
        """Take an operator's entries of these days (none: of all) from the roster; gives how many."""
        statement, asked = (_drop_days, {"days": list(days)}) if days else (_drop_duties, {})
        return await self._database.write(
            lambda connection: connection.execute(statement, {"operator_id": operator, **asked}).rowcount
        )


def _list(connection: Connection) -> Sequence[Operator]:
    return [
        Operator(id=row.id, name=row.name, role=row.role, started=row.started) for row in connection.execute(_operators)
    ]


def _put(connection: Connection, operator: Operator) -> None:
    connection.execute(put(connection, operators), [operator_columns(operator)])
    holders.leave(connection, operator.id, role=operator.role)


def _read_roster(connection: Connection) -> Roster:
    return Roster(duties=tuple(duty_of(row) for row in connection.execute(_roster)))


def _put_duties(connection: Connection, duties: Sequence[Duty]) -> None:
    connection.execute(put(connection, roster), [duty_columns(duty) for duty in duties])


def _remove(connection: Connection, operator: int) -> bool:
    holders.forget(connection, operator_recipient(operator))
    holders.log_out(connection, [operator])
    return connection.execute(_drop, {"id": operator}).first() is not None
