"""What is kept of a lane: its conversation, its open cases, the messages lying in its chat."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from bot.core.state import Case
from bot.service.rows import Kept, LaneState
from bot.service.storing import LaneReader
from bot.store import ledgers
from bot.store.database import Database
from bot.store.rows import case_of
from bot.store.schema import cases, conversations, is_open

_lanes: BindParameter[str] = bindparam("lanes", expanding=True)
_conversations = select(conversations).where(conversations.c.lane.in_(_lanes))
_cases = select(cases).where(is_open, cases.c.lane.in_(_lanes)).order_by(cases.c.seq)
_public_keys = select(cases.c.id, cases.c.public_key).where(cases.c.id.in_(bindparam("ids", expanding=True)))


def states(connection: Connection, lanes: Sequence[str]) -> Mapping[str, LaneState]:
    """Read what is kept of lanes; an unknown one gives an empty LaneState."""
    talks = {row.lane: row for row in connection.execute(_conversations, {"lanes": lanes})}
    open_cases: dict[str, list[Case]] = defaultdict(list)
    for row in connection.execute(_cases, {"lanes": lanes}):
        open_cases[row.lane].append(case_of(row))
    return {lane: _state(lane, talks.get(lane), open_cases[lane]) for lane in lanes}


def _state(lane: str, talk: Row[Any] | None, open_cases: Sequence[Case]) -> LaneState:
    if talk is None:
        return LaneState(lane, cases=tuple(open_cases))
    return LaneState(lane, body=talk.body, chat=talk.chat, cases=tuple(open_cases))


def public_keys(connection: Connection, cases: Sequence[str]) -> Mapping[str, bytes]:
    """Read the public keys of cases; a case that was shredded is left out."""
    return {row.id: row.public_key for row in connection.execute(_public_keys, {"ids": cases})}


class SqlLanes(LaneReader):
    """Lanes on SQL, as the sender reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lane(self, lane: str) -> LaneState:
        """Read what is kept of a lane."""
        return (await self._database.read(states, [lane]))[lane]

    async def live(self, lane: str) -> Kept | None:
        """Give the ledger entry of the live screen, or None."""
        return next((kept for kept in await self.ledger_of(lane) if kept.live), None)

    async def ledger_of(self, lane: str) -> Sequence[Kept]:
        """Give all message ids kept of a chat, oldest first."""
        return await self._database.read(ledgers.of_lanes, [lane])
