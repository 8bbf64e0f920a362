"""Who works at the desk."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select

from bot.service.rows import Operator
from bot.service.vaulting import operator_recipient
from bot.store import holders
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.rows import operator_columns
from bot.store.schema import operators

_operators = select(operators).order_by(operators.c.id)
_drop = delete(operators).where(operators.c.id == bindparam("id")).returning(operators.c.id)


class DeskPeople:
    """Operators on SQL."""

    _database: Database

    async def operators(self) -> Sequence[Operator]:
        """List the operators by id."""
        return await self._database.read(_list)

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one; with another role they may be able to open fewer cases from now on."""
        await self._database.write(_put, operator)

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list, with their key and all that was sealed to it; False if there was none."""
        return await self._database.write(_remove, operator)


def _list(connection: Connection) -> Sequence[Operator]:
    return [
        Operator(id=row.id, name=row.name, role=row.role, started=row.started) for row in connection.execute(_operators)
    ]


def _put(connection: Connection, operator: Operator) -> None:
    connection.execute(put(connection, operators), [operator_columns(operator)])
    holders.leave(connection, operator.id, role=operator.role)


def _remove(connection: Connection, operator: int) -> bool:
    holders.forget(connection, operator_recipient(operator))
    return connection.execute(_drop, {"id": operator}).first() is not None
