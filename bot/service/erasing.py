"""Erasing one case for the organisation's duty: one person asks, another confirms, and a count proves it.

A case is closed in its own lane, marked as one that was let go, and destroyed as all such are (`Retention.destroy`).
Who they are was proved by their own passwords where the command was given; here they are looked up as they are listed.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.core.errors import OperatorError
from bot.core.events import Desk
from bot.core.roles import may
from bot.service.auditing import Audit
from bot.service.backing_up import WEEKS
from bot.service.deciding import Decisions
from bot.service.messaging import Clock
from bot.service.requests import Reply, Request
from bot.service.retention import Retention
from bot.service.rows import Operator, QueueItem
from bot.service.storing import DeskStore

ASKED = "erase_asked"
"""The fact that holds what was asked for last: case, who asked, and when."""
CONFIRMED_WITHIN = timedelta(hours=24)
SOURCE = "erase"


class Eraser:
    """Take requests to erase a case."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        retention: Retention,
        decisions: Decisions,
        audit: Audit,
        clock: Clock,
    ) -> None:
        """Use these ports."""
        self._desk = desk
        self._retention = retention
        self._decisions = decisions
        self._audit = audit
        self._clock = clock
        self.acts: Mapping[str, Callable[[Request], Awaitable[Reply]]] = {"erase": self.erase}

    async def erase(self, request: Request) -> Reply:
        """Ask for a case to be erased, or confirm what another asked for, and prove it; raises OperatorError."""
        item, operator = await self._case(request), await self._operator(request)
        asker = await self._asker(item)
        if asker is None or asker == operator.id:
            return await self._ask(item, operator)
        await self._audit.note(operator.id, "erase", case=item.case.id)
        files = await self._desk.files_of(item.case.id)
        before = await self._desk.traces(item.case.id, files)
        await self._close(item, operator)
        await self._retention.destroy([item.case.id], closed=self._clock.now())
        await self._desk.put(ASKED, "")
        after = await self._desk.traces(item.case.id, files)
        if any(after.values()):
            raise OperatorError("The case could not be destroyed: run the command again, or look at the log.")
        until = self._clock.now() + timedelta(weeks=WEEKS)
        return {"done": True, "before": before, "after": after, "until": until.date().isoformat()}

    async def _case(self, request: Request) -> QueueItem:
        item = await self._desk.case(str(request.get("number", "")).upper())
        if item is None:
            raise OperatorError("There is no such number: a case that was destroyed leaves none.")
        if await self._desk.held(item.case.id) is not None:
            raise OperatorError("The case is held. `./helpline hold NUMBER --lift` ends that, with a reason.")
        return item

    async def _operator(self, request: Request) -> Operator:
        number = int(request["operator"])
        found = next((one for one in await self._desk.operators() if one.id == number), None)
        if found is None:
            raise OperatorError("No operator has this id. `./helpline operators list` shows them.")
        return found

    async def _asker(self, item: QueueItem) -> int | None:
        """Give who asked for this case to be erased, if that still counts."""
        asked = json.loads(await self._desk.get(ASKED) or "{}")
        if asked.get("case") != item.case.id:
            return None
        at = datetime.fromisoformat(asked["at"])
        return int(asked["operator"]) if self._clock.now() - at < CONFIRMED_WITHIN else None

    async def _ask(self, item: QueueItem, operator: Operator) -> Reply:
        if not may(operator.role, "erase"):
            raise OperatorError("A supervisor or an administrator asks first; anybody else who is listed confirms.")
        await self._audit.note(operator.id, "erase_asked", case=item.case.id)
        asked = {"case": item.case.id, "operator": operator.id, "at": self._clock.now().isoformat()}
        await self._desk.put(ASKED, json.dumps(asked))
        return {"done": False, "hours": int(CONFIRMED_WITHIN.total_seconds()) // 3600}

    async def _close(self, item: QueueItem, operator: Operator) -> None:
        """Close the case in its lane, and wait for it; raises OperatorError if the helpline is too busy."""
        key = f"{item.case.id}:{operator.id}:{self._clock.now().isoformat()}"
        event = Desk(act="erase", case=item.case.id, operator=operator.id, name=operator.name)
        if not await self._decisions.on(item.lane, key, event, source=SOURCE):
            raise OperatorError("The helpline is too busy to close the case now: run the command again.")
