"""What may belong together: a chat's other cases, and cases of other chats that look alike. Suggested, never merged.

Only clear fields are compared, so no case is opened for it; whether two are the same is for who opens both.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.state import Case
from bot.service.storing import DeskStore

MOST_EARLIER = 50
MOST_ALIKE = 10
CLOSE_BY = timedelta(hours=48)
"""Our own figure: two who tell of the same thing from one country mostly do so within two days."""


@dataclass(frozen=True, slots=True)
class History:
    """The other cases of a case's chat, newest first, and those of other chats that look alike, nearest in time first.

    Their numbers are their names; closed ones are among them, drafts are not.
    """

    earlier: tuple[Case, ...] = ()
    alike: tuple[Case, ...] = ()


async def history(desk: DeskStore, number: str) -> History:
    """Look for what may belong to a case; nothing, if there is no such number.

    Nothing looks alike while the country is not known: everything would.
    """
    item = await desk.case(number)
    if item is None:
        return History()
    case = item.case
    same = await desk.of_lane(item.lane, limit=MOST_EARLIER + 1)
    earlier = [one for one in same if one.id != case.id][:MOST_EARLIER]
    return History(tuple(earlier), await _alike(desk, case, lane=item.lane))


async def _alike(desk: DeskStore, case: Case, *, lane: str) -> tuple[Case, ...]:
    if case.country is None:
        return ()
    found = await desk.near(case.country, case.created, within=CLOSE_BY, not_of=lane, limit=MOST_ALIKE)
    nearest = sorted(found, key=lambda one: abs(one.created - case.created))
    return tuple(nearest[:MOST_ALIKE])
