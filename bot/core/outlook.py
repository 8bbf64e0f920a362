"""What a person may be told of what happens next with an untaken P1: what the roster says, and nothing more.

With nobody listed nothing is promised. Whoever is announced is shown the case when their duty begins.
"""

from bot.core import contact
from bot.core.flow import Line
from bot.core.state import Case
from bot.core.turn import Turn


def outlook(turn: Turn, case: Case) -> Line | None:
    """Say that somebody is on duty, or when somebody begins; None if no promise can be made."""
    if turn.watch.on and _waits(case):
        return turn.phrase("next_now")
    return beginning(turn, case)


def beginning(turn: Turn, case: Case) -> Line | None:
    """Say when somebody begins, by the clock where the person is; None if somebody is there, or nobody is listed.

    Where the country is not known, or its clocks differ, it is the clock in Cambodia, and said so.
    """
    watch = turn.watch
    if watch.on or watch.begins is None or not _waits(case):
        return None
    turn.await_duty(case)
    times = {f"{watch.begins.astimezone(zone):%H:%M}" for zone in contact.zones_of(turn.content, turn.talk, case)}
    if len(times) == 1:
        return turn.phrase("next_at", time=times.pop())
    return turn.phrase("next_at_home", time=watch.clock)


def _waits(case: Case) -> bool:
    return case.state == "new" and case.urgency == "P1"
