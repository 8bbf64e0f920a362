"""Who works at the desk, and to whom cases are sealed."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.service.storing import Operator
from bot.service.vaulting import Recipient
from bot.store import schema
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.rows import operator_columns, wrap_columns
from bot.store.schema import operators, recipients, wraps

_operators = select(operators).order_by(operators.c.id)
_drop_operator = delete(operators).where(operators.c.id == bindparam("id")).returning(operators.c.id)
_recipients = (
    select(recipients.c.id, recipients.c.public_key).where(recipients.c.active).order_by(recipients.c.id)
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


class DeskPeople:
    """Operators and recipients on SQL."""

    _database: Database

    async def operators(self) -> Sequence[Operator]:
        """List the operators by id."""

        async def work(connection: AsyncConnection) -> Sequence[Operator]:
            return [
                Operator(id=row.id, name=row.name, role=row.role, started=row.started)
                for row in await connection.execute(_operators)
            ]

        return await self._database.read(work)

    async def put_operator(self, operator: Operator) -> None:
        """Add or change one."""
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(put(connection, operators), operator_columns(operator))

        await self._database.write(work)

    async def drop_operator(self, operator: int) -> bool:
        """Take one from the list; False if there was none."""

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(_drop_operator, {"id": operator})).first() is not None

        return await self._database.write(work)

    async def recipients(self) -> Sequence[Recipient]:
        """List to whom new cases are sealed."""

        async def work(connection: AsyncConnection) -> Sequence[Recipient]:
            return [
                Recipient(id=row.id, public_key=row.public_key) for row in await connection.execute(_recipients)
            ]

        return await self._database.read(work)

    async def put_recipient(self, recipient: Recipient, *, wrapped: bytes | None = None) -> None:
        """Add or change a recipient, with its wrapped secret if the database keeps it."""
        columns = {"id": recipient.id, "public_key": recipient.public_key, "wrapped": wrapped, "active": True}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(put(connection, recipients), columns)

        await self._database.write(work)

    async def retire_recipient(self, recipient: str) -> None:
        """Seal no new case to a recipient any more; what was sealed to it stays."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_retire, {"recipient": recipient})

        await self._database.write(work)

    async def wrapped(self, recipient: str) -> tuple[bytes, bytes] | None:
        """Give a recipient's (public key, wrapped secret); None if the database does not keep it."""

        async def work(connection: AsyncConnection) -> tuple[bytes, bytes] | None:
            row = (await connection.execute(_wrapped, {"recipient": recipient})).first()
            return None if row is None else (row.public_key, row.wrapped)

        return await self._database.read(work)

    async def wraps(self, recipient: str, *, limit: int) -> Sequence[tuple[str, bytes]]:
        """List (case, wrap) of cases sealed to a recipient, any first `limit`; `rewrap` takes them from the list."""

        async def work(connection: AsyncConnection) -> Sequence[tuple[str, bytes]]:
            found = await connection.execute(_wraps, {"recipient": recipient, "limit": limit})
            return [(row.case_id, row.wrap) for row in found]

        return await self._database.read(work)

    async def rewrap(self, case: str, wraps: Sequence[tuple[str, bytes]], *, instead_of: str) -> None:
        """Put wraps for (recipient, wrap) in the place of one recipient's, in one transaction."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_unwrap, {"case": case, "recipient": instead_of})
            await connection.execute(put(connection, schema.wraps), wrap_columns(case, wraps))

        await self._database.write(work)
        await self._database.scrub()
