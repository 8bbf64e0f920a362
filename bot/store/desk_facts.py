"""Facts of the instance, and alarms."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.schema import alarms, facts

QUIET = timedelta(hours=1)
"""An alarm is raised at most once in so long."""

_alarm = select(alarms.c.raised_at).where(alarms.c.code == bindparam("code"))
_raised = select(alarms.c.code, alarms.c.raised_at).where(alarms.c.raised_at >= bindparam("since"))
_fact = select(facts.c.value).where(facts.c.key == bindparam("key"))


class DeskFacts:
    """Facts and alarms on SQL."""

    _database: Database

    async def alarm(self, code: str, now: datetime) -> bool:
        """Count an alarm; True if it was not raised in the last hour."""
        return await self._database.write(_raise_alarm, code, now)

    async def raised(self, since: datetime) -> list[tuple[str, datetime]]:
        """List the alarms raised since an instant, by code, the newest first."""
        return await self._database.read(_raised_since, since)

    async def get(self, key: str) -> str | None:
        """Read a fact of the instance."""
        return await self._database.read(lambda connection: connection.scalars(_fact, {"key": key}).first())

    async def put(self, key: str, value: str) -> None:
        """Write a fact of the instance."""
        await self._database.write(_put_fact, key, value)


def _raise_alarm(connection: Connection, code: str, now: datetime) -> bool:
    known = connection.scalars(_alarm, {"code": code}).first()
    # A clock that was set back must not silence the alarm for longer.
    is_quiet = known is not None and timedelta() <= now - known < QUIET
    columns = {"code": code, "raised_at": known if is_quiet else now, "n": 1}
    connection.execute(put(connection, alarms, add_to="n"), columns)
    return not is_quiet


def _raised_since(connection: Connection, since: datetime) -> list[tuple[str, datetime]]:
    rows = connection.execute(_raised.order_by(alarms.c.raised_at.desc()), {"since": since})
    return [(row.code, row.raised_at) for row in rows]


def _put_fact(connection: Connection, key: str, value: str) -> None:
    connection.execute(put(connection, facts), {"key": key, "value": value})
