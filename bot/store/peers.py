"""What the processes of one PostgreSQL know of each other, over a connection of their own: hints, the poller, the dead.

A hint (NOTIFY) says that there may be something to do; whoever misses one finds it at the next look. It is sent after
the commit, and not with it, because a commit with a NOTIFY takes a lock of the whole server.

The session of this connection holds the locks of the poller and of the run. A process that dies loses both at once;
one that is halted loses them when the server ends its session, and learns of it when it goes on.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal, LiteralString, get_args

import structlog
from sqlalchemy import Connection, bindparam, delete, select, text

from bot.core.errors import MachineError
from bot.store.conflicts import put
from bot.store.database import Database
from bot.store.locks import POLLER, START
from bot.store.postgres import Address
from bot.store.schema import facts

if TYPE_CHECKING:
    from psycopg import AsyncConnection

Hint = Literal["inbox", "outbox", "house", "cases"]
CHANNEL: LiteralString = "helpline"
RUN = "run:"
"""The fact that a process serves people is named so, and by the process; it goes when that stops in good order."""
LOOK_SECONDS = 1.0
BETWEEN_HINTS_SECONDS = 0.02
SESSION_SECONDS = 20
"""A process that is halted for so long is not the poller any more."""
_LISTEN: LiteralString = f"LISTEN {CHANNEL}"
_LIMIT: LiteralString = f"SET idle_session_timeout = '{SESSION_SECONDS}s'"
_LOCK: LiteralString = "SELECT pg_try_advisory_lock(hashtextextended(%s, 3))"
_runs = select(facts.c.key).where(facts.c.key > RUN, facts.c.key < RUN + "~")
_is_dead = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:run, 3))")
_lives = text("SELECT 1 FROM pg_stat_activity WHERE pid = :session")
_forget = delete(facts).where(facts.c.key == bindparam("run"))
_notify = text(f"SELECT pg_notify('{CHANNEL}', :hint)")

log = structlog.get_logger()


class Peers:
    """The other processes. `run` keeps the connection; `on_hint` is called with what another process hinted at."""

    def __init__(self, database: Database, address: Address) -> None:
        """Nothing is opened yet."""
        self._database = database
        self._address = address
        self._run = RUN + secrets.token_hex(8)
        self._seated = asyncio.Event()
        self._unseated = asyncio.Event()
        self._unseated.set()
        self._hints: set[Hint] = set()
        self._hinted = asyncio.Event()
        self._connection: AsyncConnection | None = None
        self.on_hint: Callable[[str], None] = lambda _: None

    def hint(self, what: Hint) -> None:
        """Tell the others soon that there may be something to do."""
        self._hints.add(what)
        self._hinted.set()

    async def announce(self) -> None:
        """Tell the others at once that anything may have changed; for commands, which keep no connection."""
        with suppress(MachineError):  # they look by themselves within seconds
            await self._database.write(_send, [f"{what} {self._run}" for what in get_args(Hint)])

    @asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """Let one process at a time look for keys and make them."""
        async with await self._connected() as connection:
            await connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 3))", [START])
            yield

    async def begin_run(self) -> bool:
        """Say that this process serves people; True if another that did is dead. Connects."""
        self._connection = self._connection or await self._connected()
        await self._claim_run(self._connection)
        return await self._database.write(_bury_the_dead, self._run)

    async def end_run(self) -> None:
        """Say that this process stopped in good order."""
        await self._database.write(lambda connection: connection.execute(_forget, {"run": self._run}).close())
        if self._connection is not None:
            await self._connection.close()

    async def run(self) -> None:
        """Listen, hint, and be the poller if nobody else is, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._tell())

    async def _listen(self) -> None:
        while True:
            try:
                await self._serve(self._connection or await self._connected())
            except MachineError as error:
                log.warning("peers.cut_off", error=str(error))
            finally:
                self._leave_seat()
                await self._disconnect()
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        """Send hints, those of a moment together."""
        while True:
            await self._hinted.wait()
            self._hinted.clear()
            hints, self._hints = self._hints, set()
            with suppress(MachineError):  # who misses a hint looks anyhow
                await self._database.write(_send, [f"{what} {self._run}" for what in sorted(hints)])
            await asyncio.sleep(BETWEEN_HINTS_SECONDS)

    async def while_poller(self, poll: Callable[[], Awaitable[None]]) -> None:
        """Poll whenever this process is the one that may, for ever."""
        while True:
            await self._seated.wait()
            polling = asyncio.ensure_future(poll())
            losing = asyncio.create_task(self._unseated.wait())
            try:
                await asyncio.wait((polling, losing), return_when=asyncio.FIRST_COMPLETED)
            finally:
                losing.cancel()
                polling.cancel()
                with suppress(asyncio.CancelledError):
                    await polling

    async def is_poller(self) -> bool:
        """Say whether this process is the poller, by the server's word: one that was halted or cut off may not know.

        Asked over another connection: this one may be dead, and closed by whoever finds that out first.
        """
        if self._connection is None or not self._seated.is_set():
            return False
        session = {"session": self._connection.info.backend_pid}
        with suppress(MachineError):
            return await self._database.read(lambda connection: bool(connection.scalars(_lives, session).first()))
        return False

    # ── the connection ───────────────────────────────────────────────────────────────────────────────────────

    async def _connected(self) -> "AsyncConnection":
        from psycopg import AsyncConnection, OperationalError  # noqa: PLC0415 - installed only where PostgreSQL is used

        try:
            return await AsyncConnection.connect(**self._address.parameters(), autocommit=True)
        except OperationalError as error:
            raise MachineError(f"database {self._address.name} cannot be reached: look at the server") from error

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _claim_run(self, connection: "AsyncConnection") -> None:
        await connection.execute(_LOCK, [self._run])
        # While it was cut off, this process may have been taken for dead.
        await self._database.write(_put_run, self._run)

    async def _serve(self, connection: "AsyncConnection") -> None:
        from psycopg import OperationalError  # noqa: PLC0415 - installed only where PostgreSQL is used

        self._connection = connection
        try:
            await connection.execute(_LIMIT)
            await self._claim_run(connection)
            await connection.execute(_LISTEN)
            while True:
                await self._take_seat(connection)
                async for heard in connection.notifies(timeout=LOOK_SECONDS):
                    what, _, run = heard.payload.partition(" ")
                    if run != self._run:
                        self.on_hint(what)
        except OperationalError as error:
            raise MachineError(f"database {self._address.name} ended a session") from error

    async def _take_seat(self, connection: "AsyncConnection") -> None:
        """Become the poller if nobody is; asked anyhow, so that the server sees that this process lives."""
        if self._seated.is_set():
            await connection.execute("SELECT 1")
            return
        found = await (await connection.execute(_LOCK, [POLLER])).fetchone()
        if found is not None and found[0]:
            log.info("peers.poller")
            self._unseated.clear()
            self._seated.set()

    def _leave_seat(self) -> None:
        self._seated.clear()
        self._unseated.set()


def _send(connection: Connection, hints: Sequence[str]) -> None:
    for hint in hints:
        connection.execute(_notify, {"hint": hint})


def _put_run(connection: Connection, run: str) -> None:
    connection.execute(put(connection, facts), {"key": run, "value": "open"})


def _bury_the_dead(connection: Connection, mine: str) -> bool:
    """Forget runs whose process is gone; True if there was one."""
    _put_run(connection, mine)
    others = [run for run in connection.scalars(_runs) if run != mine]
    dead = [run for run in others if connection.scalars(_is_dead, {"run": run}).one()]
    for run in dead:
        connection.execute(_forget, {"run": run})
    return bool(dead)
