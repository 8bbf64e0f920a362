"""Look once a minute whether the bot still sits among the operators: in the group, and with the right to delete there.

Telegram tells of changes too; but what was so before the bot was started, or was told while it was away for longer than
Telegram keeps it, is only known to who asks.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn

import structlog

from bot.core.errors import MachineError
from bot.service.deskwork import UNREACHABLE
from bot.service.household import Household
from bot.service.messaging import Clock, Messenger, SendFailed

EVERY = timedelta(minutes=1)
log = structlog.get_logger()


class Room:
    """Look after the operators' group and the escalation chat."""

    def __init__(
        self,
        *,
        household: Household,
        messenger: Messenger,
        alarm: Callable[[str], Awaitable[None]],
        clock: Clock,
        bot: int,
    ) -> None:
        """Use these ports; `bot` is the bot's own id."""
        self._household = household
        self._messenger = messenger
        self._alarm = alarm
        self._clock = clock
        self._bot = bot

    async def run(self) -> NoReturn:
        """Look for ever."""
        while True:
            try:
                house = await self._household.house()
                await self._look(house.operators_chat, missing=UNREACHABLE)
                await self._look(house.escalation_chat, missing="escalation_unreachable")
            except MachineError as error:
                log.error("room.machine_sick", error=str(error))
            await self._clock.until(self._clock.now() + EVERY)

    async def _look(self, chat: int | None, *, missing: str) -> None:
        """Look at one group; what Telegram does not tell now is asked again in a minute."""
        if chat is None:
            return
        try:
            standing = await self._messenger.standing(chat, self._bot)
        except SendFailed as failed:
            log.info("room.unknown", failure=failed.failure)
            if failed.failure in ("gone", "blocked"):
                await self._alarm(missing)
            return
        if not standing.present:
            await self._alarm(missing)
        elif not standing.may_delete:
            await self._alarm("cannot_delete")
