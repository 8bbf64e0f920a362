"""May a message go now? The contact rule, asked once more when it is about to be sent (ARCHITECTURE, Contact rule)."""

from collections.abc import Callable

from bot.core import contact
from bot.core.content import Content
from bot.service.closing import Closer
from bot.service.messaging import Clock
from bot.service.queueing import SILENCED
from bot.service.replying import OVERRIDE
from bot.service.rows import OutboxRow, Settled
from bot.service.storing import LaneReader


class Permission:
    """Ask the rule of the person a row is for, as it is now."""

    def __init__(
        self, *, content: Callable[[], Content], closer: Closer, lanes: LaneReader, clock: Clock, token: str
    ) -> None:
        """Use these ports; `token` is the lease under which rows are held."""
        self._content = content
        self._closer = closer
        self._lanes = lanes
        self._clock = clock
        self._token = token

    async def refusal(self, row: OutboxRow) -> Settled | None:
        """Give what becomes of an initiative, or an answer grown old, that may not go now; None if a row may go."""
        now = self._clock.now()
        old = row.kind in ("screen", "reply") and now - (row.made or row.due) > contact.ANSWER_TIME
        if row.kind not in SILENCED or not (row.initiative or old):
            return None
        state = await self._lanes.lane(row.lane)
        talk = self._closer.open_talk(row.lane, state.body)
        case = next((case for case in state.cases if case.id == row.case), None)
        due = contact.allowance(self._content(), talk, case, now).due
        if due == now or (case is not None and self._overrides(row) and contact.may_override(talk, case)):
            return None
        if row.kind == "screen":
            return Settled(row.id, self._token, "cancelled")
        return Settled(row.id, self._token, "held" if due is None else "ready", due=due)

    def _overrides(self, row: OutboxRow) -> bool:
        """Say whether an operator said that a life is in danger."""
        if row.kind != "reply":
            return False
        body = self._closer.open_body(f"outbox|{row.key}", row.body) if row.clear is None else row.clear[1]
        return bool(body.get(OVERRIDE))
