"""The process dies at some port calls; at every one in `./helpline test --faults`."""

from collections.abc import Sequence
from pathlib import Path

from bot.core.content import Content
from tests.faults.played import die_everywhere
from tests.faults.ports import WAITING_PORTS, Point, declared
from tests.whole.house import Keys

POINTS = 12


def _some(points: Sequence[Point]) -> Sequence[Point]:
    """Choose from the beginning to the end, before and after."""
    waiting = [point for point in points if point.call in declared(WAITING_PORTS)]
    return [waiting[at * len(waiting) // POINTS] for at in range(POINTS)]


async def test_a_death_at_a_port_call_loses_and_doubles_nothing(tmp_path: Path, content: Content, keys: Keys) -> None:
    """No step is wrong, each case has its card, hide hides, and nothing comes again but what was out at the death."""
    tally = await die_everywhere(tmp_path, content, keys, choose=_some)

    assert tally.wrong == {}
    assert tally.met > POINTS // 2
