"""The queue of updates: kept until the offset confirms them or their time is over, handed to one poller at a time."""

import asyncio
import heapq
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from bot.sandbox.refusals import conflict
from bot.sandbox.wire import Wire, encode

MESSAGE_LIFE = 86_400  # seconds from the message's own date
PRESS_LIFE = 150  # seconds: an outage longer than this loses button presses
LIMIT = 100
LONGEST_WAIT = 50  # seconds, the longest long poll

# Telegram leaves these out unless they are asked for by name.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_LAST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Update:
    """One waiting update, written when it happened. `lane` orders webhook deliveries; `expires` in Unix seconds."""

    id: int
    kind: str
    json: str
    expires: float
    lane: str


class Updates:
    """Queue updates under sequential ids that start at random; `now` gives Unix seconds."""

    def __init__(self, *, chance: random.Random, now: Callable[[], float]) -> None:
        self._chance = chance
        self._now = now
        self._waiting: OrderedDict[int, Update] = OrderedDict()
        self._ends: list[tuple[float, int]] = []  # a heap; confirmed updates leave it late
        self._next = chance.randrange(100_000_000, 900_000_000)
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Future[None] | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.on_put: Callable[[Update], None] = lambda update: None

    def __len__(self) -> int:
        self._expire()
        return len(self._waiting)

    @property
    def allowed(self) -> list[str] | None:
        """Name the kinds asked for; None is Telegram's default set."""
        return None if self._allowed is None else sorted(self._allowed)

    @property
    def polled(self) -> bool:
        """Say whether somebody waits in a long poll."""
        return self._poll is not None and not self._poll.done()

    def allow(self, kinds: object) -> None:
        """Take `allowed_updates` as given with a call: a list, empty for the default; anything else changes nothing."""
        if isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds):
            self._allowed = frozenset(kind.lower() for kind in kinds) or None

    def push(self, kind: str, body: Wire, *, lane: str, expires: float) -> int | None:
        """Queue one update and give its id, or None if its kind was not asked for."""
        if (kind in _ON_REQUEST) if self._allowed is None else (kind not in self._allowed):
            return None
        return self.put(kind, {kind: body}, lane=lane, expires=expires)

    def put(self, kind: str, update: Wire, *, lane: str, expires: float) -> int:
        """Queue one whole update, whatever it holds; its id is given here, and an own one is replaced."""
        update_id = self._next
        self._next += 1
        written = encode({"update_id": update_id} | update | {"update_id": update_id})
        put = self._waiting[update_id] = Update(update_id, kind, written, expires, lane)
        heapq.heappush(self._ends, (expires, update_id))
        self.end_poll()
        self.on_put(put)
        self.on_change()
        return update_id

    def jump(self, to: int | None = None) -> None:
        """Go on with another id, at random if not given, as Telegram does after a quiet week.

        Raises: ValueError if updates wait and the new id is lower: Telegram only does that with an empty queue.
        """
        to = self._chance.randrange(1, _LAST_ID // 2) if to is None else to
        if self._waiting and to < self._next:
            raise ValueError(f"cannot jump back to {to} while {len(self._waiting)} updates wait; confirm them first")
        self._next = to

    def take(self, offset: int = 0, limit: int = LIMIT) -> list[Update]:
        """Confirm everything before `offset` and give what waits, oldest first.

        A negative offset keeps only that many newest; one beyond the end confirms nothing.
        """
        if offset < 0:
            self._confirm(list(self._waiting)[:offset])
        elif offset <= self._next:
            self._confirm(self._before(offset))
        self._expire()
        return list(islice(self._waiting.values(), max(1, min(limit, LIMIT))))

    async def poll(self, offset: int, limit: int, *, wait: float) -> list[Update]:
        """Take, waiting up to `wait` seconds for something to take; ends another call that waits.

        Raises: RefusedError (409) when ended by another poller or by setWebhook.
        """
        found = self.take(offset, limit)
        if found or wait <= 0:
            return found
        self.end_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
        waiting = self._poll = asyncio.get_running_loop().create_future()
        self.on_change()
        try:
            async with asyncio.timeout(min(wait, LONGEST_WAIT)):
                await waiting
        except TimeoutError:
            return []
        finally:
            if self._poll is waiting:
                self._poll = None
        return self.take(offset, limit)

    def end_poll(self, reason: str | None = None) -> None:
        """End the call that waits, with a conflict or, without a reason, with an empty answer."""
        if self._poll and not self._poll.done():
            if reason is None:
                self._poll.set_result(None)
            else:
                self._poll.set_exception(conflict(reason))

    def waiting(self) -> list[Update]:
        """Go through what waits, oldest first."""
        self._expire()
        return list(self._waiting.values())

    def drop(self, update_id: int) -> None:
        """Forget one update: a webhook has taken it, or it was given up."""
        self._confirm([update_id])

    def clear(self) -> None:
        """Forget everything that waits."""
        self._confirm(list(self._waiting))

    def _before(self, offset: int) -> list[int]:
        early = []
        for update_id in self._waiting:
            if update_id >= offset:
                break
            early.append(update_id)
        return early

    def _confirm(self, update_ids: list[int]) -> None:
        dropped = [self._waiting.pop(update_id, None) for update_id in update_ids]
        if not self._waiting:
            self._ends.clear()
        if any(dropped):
            self.on_change()

    def _expire(self) -> None:
        now = self._now()
        ended = []
        while self._ends and self._ends[0][0] <= now:
            ended.append(heapq.heappop(self._ends)[1])
        self._confirm(ended)
