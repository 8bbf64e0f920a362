"""Take messages out of chats when their time has come: people's own once they are sealed, all else within a day.

The ledger says when. What could not be deleted stays in it and is tried again, so a crash forgets nothing. Nothing is
ever sent here, so the contact rule has no say; Telegram deletes nothing older than 48 hours.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.core.errors import MachineError
from bot.service.closing import Closer
from bot.service.delivery import DELETABLE
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.rows import Kept
from bot.service.storing import LaneReader, Outbox

AT_ONCE = 500
IN_FLIGHT = 16
LOOK_AGAIN = timedelta(seconds=1)
AGAIN = timedelta(seconds=30)
NEVER = timedelta(hours=1)
"""Whom we cannot reach, and what cannot be deleted, is tried so rarely."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of a chat's messages: entries of the ledger that are gone, and those to be tried after a wait."""

    gone: Sequence[int] = ()
    left: Sequence[int] = ()
    wait: timedelta = NEVER


class Clearer:
    """Run the clearing of one process; another may do the same: what is gone already counts as deleted."""

    def __init__(
        self,
        *,
        closer: Closer,
        outbox: Outbox,
        lanes: LaneReader,
        messenger: Messenger,
        forget: Callable[[str], None],
        clock: Clock,
    ) -> None:
        """Use these ports; `forget` tells the sender that a chat has no live screen any more."""
        self._closer = closer
        self._outbox = outbox
        self._lanes = lanes
        self._messenger = messenger
        self._forget = forget
        self._clock = clock
        self._free = asyncio.Semaphore(IN_FLIGHT)

    async def run(self) -> None:
        """Clear for ever."""
        while True:
            try:
                while await self.step() == AT_ONCE:
                    pass
            except MachineError as error:
                log.error("clearing.machine_sick", error=str(error))
            await self._clock.until(self._clock.now() + LOOK_AGAIN)

    async def step(self) -> int:
        """Take away what is due; gives how many messages it looked at."""
        now = self._clock.now()
        due = await self._outbox.clearable(now, since=now - DELETABLE, limit=AT_ONCE)
        chats: dict[str, list[Kept]] = defaultdict(list)
        for kept in due:
            chats[kept.lane].append(kept)
        cleared = await asyncio.gather(*(self._clear(*chat) for chat in chats.items()))
        await self._outbox.unkeep([one for each in cleared for one in each.gone])
        for wait in (AGAIN, NEVER):
            left = [one for each in cleared if each.wait == wait for one in each.left]
            await self._outbox.put_off(left, self._clock.now() + wait)
        return len(due)

    async def _clear(self, lane: str, messages: Sequence[Kept]) -> Cleared:
        ids = {one.id: self._closer.open_message_id(lane, one.message) for one in messages}
        async with self._free:
            state = await self._lanes.lane(lane)
            if state.chat is None:
                return Cleared(left=[*ids])
            try:
                left = await self._messenger.delete(self._closer.open_chat(lane, state.chat), [*ids.values()])
            except SendFailed as failed:
                log.info("clearing.failed", failure=failed.failure)
                return Cleared(left=[*ids], wait=NEVER if failed.failure in ("blocked", "gone") else AGAIN)
        if any(one.live for one in messages):
            self._forget(lane)
        stay = [one for one, message in ids.items() if message in left]
        return Cleared(gone=[one for one in ids if one not in stay], left=stay)
