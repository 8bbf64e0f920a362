"""Facts of the instance, and alarms."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.schema import alarms, facts

QUIET = timedelta(hours=1)
"""An alarm is raised at most once in so long (DESIGN §6)."""

_alarm = select(alarms.c.raised_at, alarms.c.n).where(alarms.c.code == bindparam("code"))
_fact = select(facts.c.value).where(facts.c.key == bindparam("key"))


class DeskFacts:
    """Facts and alarms on SQL."""

    _database: Database

    async def alarm(self, code: str, now: datetime) -> bool:
        """Count an alarm; True if it was not raised in the last hour."""

        async def work(connection: AsyncConnection) -> bool:
            known = (await connection.execute(_alarm, {"code": code})).first()
            # A clock that was set back must not silence the alarm for longer.
            is_quiet = known is not None and timedelta() <= now - known.raised_at < QUIET
            raised_at = known.raised_at if known is not None and is_quiet else now
            columns = {"code": code, "raised_at": raised_at, "n": 1}
            await connection.execute(put(connection, alarms, add_to="n"), columns)
            return not is_quiet

        return await self._database.write(work)

    async def get(self, key: str) -> str | None:
        """Read a fact of the instance."""

        async def work(connection: AsyncConnection) -> str | None:
            return (await connection.scalars(_fact, {"key": key})).first()

        return await self._database.read(work)

    async def put(self, key: str, value: str) -> None:
        """Write a fact of the instance."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(put(connection, facts), {"key": key, "value": value})

        await self._database.write(work)
