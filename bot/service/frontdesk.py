"""Calls and walk-ins: an operator takes down what somebody says, question by question, in a lane without a chat.

Who takes it down is asked each time: what a colleague takes down is not there. What an operator has begun is found by
them again, until it is over or was silent for a day; then it is an unfinished case, or nothing, as in a chat.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.events import Pressed, Received, Said, TakenDown
from bot.core.state import Case, Conversation, Way
from bot.core.turn import SILENCE
from bot.core.walk import is_on_the_way
from bot.service.auditing import Audit
from bot.service.casebook import MissingError
from bot.service.closing import Closer
from bot.service.deciding import Decisions
from bot.service.messaging import Clock
from bot.service.shifts import Visitor
from bot.service.storing import DeskStore, LaneReader
from bot.service.wishes import LONGEST_REPLY, WishError

WAYS: Mapping[str, Way] = {"call": "call", "walk_in": "walk_in"}
LONGEST_PRESS = 64
TICK = "tick"
"""What the names of the fields begin with that hold ticked choices."""
BEGUN = "calls:"
"""The fact that tells, closed, in which lanes an operator took something down."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What one operator takes down in a lane; `case` is there once something was told. `at` is when it last went on."""

    lane: str
    talk: Conversation
    case: Case | None
    at: datetime

    @property
    def is_open(self) -> bool:
        """Say whether questions are left."""
        return is_on_the_way(self.talk.place) or (self.case is not None and self.case.state == "draft")


class FrontDesk:
    """Take down calls and walk-ins, as one visitor."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        lanes: LaneReader,
        closer: Closer,
        decisions: Decisions,
        audit: Audit,
        clock: Clock,
    ) -> None:
        """Use these ports."""
        self._desk = desk
        self._lanes = lanes
        self._closer = closer
        self._decisions = decisions
        self._audit = audit
        self._clock = clock
        self._noting = asyncio.Lock()

    async def begin(self, visitor: Visitor, way: str, *, key: str) -> str:
        """Receive somebody who is not known, once for each key; gives the lane. Raises WishError."""
        lane = self._closer.caller(key)
        await self._receive(visitor, lane, way, case=None, key=key)
        return lane

    async def again(self, visitor: Visitor, number: str, way: str, *, key: str) -> str:
        """Receive the person of a case again, who adds to it and is read nothing; gives the lane.

        Raises WishError; MissingError if there is no such case, or its person writes to us in a chat.
        """
        item = await self._desk.case(number.upper())
        state = await self._lanes.lane(item.lane) if item is not None else None
        if item is None or state is None or not self._closer.open_talk(item.lane, state.body).by_hand:
            raise MissingError("There is no such case of somebody who called.")
        await self._receive(visitor, item.lane, way, case=item.case, key=key)
        return item.lane

    async def _receive(self, visitor: Visitor, lane: str, way: str, *, case: Case | None, key: str) -> None:
        if way not in WAYS:
            raise WishError("way", "`way` is neither a call nor a walk-in. Load the page anew.")
        operator, ident = visitor.operator.id, case.id if case is not None else ""
        await self._audit.note(operator, "received_again" if ident else "received", case=ident)
        await self._note(operator, lane)
        await self._decide(lane, key, Received(operator=operator, way=WAYS[way], case=ident))

    async def at(self, visitor: Visitor, lane: str) -> Intake:
        """Give what the visitor takes down in a lane; raises MissingError if it is nothing of theirs, or too old."""
        intake = await self._intake(visitor.operator.id, lane)
        if intake is None:
            raise MissingError("There is nothing of yours to go on with.")
        return intake

    async def tell(self, visitor: Visitor, lane: str, fields: Mapping[str, str], *, key: str) -> None:
        """Take down an answer, once for each key; raises WishError, or MissingError as `at` does."""
        await self.at(visitor, lane)
        await self._decide(lane, key, _taken_down(visitor.operator.id, fields))

    async def _decide(self, lane: str, key: str, event: Received | TakenDown) -> None:
        """Have it decided; the key is closed, so that nobody reads from it whose lanes are taken down by hand."""
        await self._decisions.on(lane, self._closer.digest(key), event)

    async def unfinished(self, visitor: Visitor) -> Sequence[Intake]:
        """List what the visitor began and has not brought to its end, the newest first."""
        operator = visitor.operator.id
        found = [await self._intake(operator, lane) for lane in await self._noted(operator)]
        return sorted((one for one in found if one is not None and one.is_open), key=lambda one: one.at, reverse=True)

    async def _intake(self, operator: int, lane: str) -> Intake | None:
        state = await self._lanes.lane(lane)
        talk = self._closer.open_talk(lane, state.body)
        is_theirs = talk.taker is not None and talk.taker.operator == operator
        if not is_theirs or talk.last_act is None or self._clock.now() - talk.last_act >= SILENCE:
            return None
        case = next((one for one in state.cases if one.id == talk.case), None)
        return Intake(lane, talk, case, talk.last_act)

    async def _noted(self, operator: int) -> list[str]:
        kept = await self._desk.get(f"{BEGUN}{operator}")
        if kept is None:
            return []
        return [str(lane) for lane in _listed(self._closer.open_body(f"{BEGUN}{operator}", bytes.fromhex(kept)))]

    async def _note(self, operator: int, lane: str) -> None:
        """Note where an operator takes something down, before it is; what is over is noted no longer."""
        async with self._noting:
            known = [one for one in await self._noted(operator) if one != lane]
            still = [one for one in known if await self._intake(operator, one) is not None]
            closed = self._closer.body(f"{BEGUN}{operator}", {"lanes": [*still, lane]})
            await self._desk.put(f"{BEGUN}{operator}", closed.hex())


def _listed(body: Mapping[str, object]) -> Sequence[object]:
    lanes = body.get("lanes")
    return lanes if isinstance(lanes, list) else ()


def _taken_down(operator: int, fields: Mapping[str, str]) -> TakenDown:
    """Read what was pressed, ticked or written; everything in it may be forged. Raises WishError."""
    rev, press, text = fields.get("rev", ""), fields.get("press", ""), fields.get("text", "").strip()
    if not (rev.isascii() and rev.isdecimal() and len(rev) < 10) or len(press) > LONGEST_PRESS:
        raise WishError("rev", "This is no answer to a question of ours. Load the page anew.")
    if press:
        boxes = tuple(value[:LONGEST_PRESS] for name, value in fields.items() if name.startswith(TICK))
        ticked = boxes if press.endswith(":done") else None
        return TakenDown(operator=operator, rev=int(rev), told=Pressed(data=press, live=False), ticked=ticked)
    if not 1 <= len(text) <= LONGEST_REPLY:
        raise WishError("text", f"An answer has {len(text)} characters; 1 to {LONGEST_REPLY} are possible.")
    return TakenDown(operator=operator, rev=int(rev), told=Said(text=text))
