"""What the running helpline knows of its organisation, kept for seconds; and alarms, at most one an hour a code."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.core.duty import next_quarter, watch
from bot.core.errors import MachineError
from bot.service.cards import HOME
from bot.service.house import House
from bot.service.messaging import Clock
from bot.service.storing import MOVED, DeskStore
from bot.service.vaulting import Recipient

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seats:
    """Where operators sit, from the settings."""

    operators_chat: int | None
    escalation_chat: int | None
    trial: bool
    has_pager: bool = False


class Household:
    """Give the House to those who decide; `forget` makes a change of operators, roster or keys count at once."""

    KEEP = timedelta(seconds=5)

    def __init__(self, *, desk: DeskStore, clock: Clock, seats: Seats) -> None:
        """Use these ports."""
        self._desk = desk
        self._clock = clock
        self._seats = seats
        self._house: House | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._until = clock.now()

    def forget(self) -> None:
        """Read anew next time: what it tells of was changed here; `on_change` tells other processes."""
        self.read_anew()
        self.on_change()

    def read_anew(self) -> None:
        """Read anew next time: it was changed in another process."""
        self._house = None

    async def house(self) -> House:
        """Give what is known; raises MachineError if there is nobody to seal to: then no row is to blame."""
        now = self._clock.now()
        if self._house is None or now >= self._until or now < self._until - self.KEEP:
            recipients = tuple(await self._desk.recipients())
            if not recipients:
                raise MachineError("There is no key to seal cases to. Run `./helpline init`.")
            self._house = await self._read(recipients)
            self._until = min(now + self.KEEP, next_quarter(now))
        return self._house

    async def _read(self, recipients: tuple[Recipient, ...]) -> House:
        seats, operators = self._seats, tuple(await self._desk.operators())
        started = frozenset(operator.id for operator in operators if operator.started)
        roster = (await self._desk.roster()).of(started)
        return House(
            operators_chat=await self._seat(seats.operators_chat),
            escalation_chat=await self._seat(seats.escalation_chat),
            recipients=recipients,
            operators=operators,
            trial=seats.trial,
            watch=watch(roster, HOME, self._clock.now()),
            has_pager=seats.has_pager,
        )

    async def _seat(self, chat: int | None) -> int | None:
        """Follow a group that moved: what is stored wins until the setting names another group."""
        moved = None if chat is None else await self._desk.get(f"{MOVED}{chat}")
        return chat if moved is None else int(moved)


class Alarms:
    """Raise alarms: log each, tell the operators at most once an hour a code."""

    def __init__(self, *, desk: DeskStore, clock: Clock, tell: Callable[[str], Awaitable[None]]) -> None:
        """`tell` writes one line to the operators' group. `raised` counts alarms by their code."""
        self._desk = desk
        self._clock = clock
        self._tell = tell
        self.raised: Counter[str] = Counter()

    async def __call__(self, code: str) -> None:
        """Raise the alarm of this code; what raised it goes on even if the store is too sick to note it."""
        log.error("alarm", code=code)
        self.raised[code] += 1
        try:
            if await self._desk.alarm(code, self._clock.now()):
                await self._tell(code)
        except MachineError as error:
            log.error("alarm.machine_sick", code=code, error=str(error))
