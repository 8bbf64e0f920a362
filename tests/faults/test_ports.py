"""The process dies before and after every call of a port, and what was promised holds."""

from collections.abc import Sequence
from pathlib import Path

from bot.content.loading import load
from bot.service.messaging import Messenger
from bot.service.storing import Batch, Blobs, Inbox, LaneReader, Outbox
from bot.settings import ROOT
from tests.conftest import Report
from tests.faults.doomed import forging
from tests.faults.mortal import TODAY
from tests.faults.night import play_night
from tests.faults.played import die_everywhere, play
from tests.faults.ports import BACKUP_PORTS, WAITING_PORTS, Point, declared
from tests.whole.house import make_keys

EVERY = 8
"""Ports that only compute change nothing: of their points one in so many is tried."""
NOT_PLAYED = {
    "Batch.unopened": "a command opens a file",
    "Blobs.delete": "a case is shredded while its file comes",
    "Blobs.read": "a command opens a file",
    "Inbox.aside": "a command counts",
    "Inbox.set_aside": "test_deadly.py",
    "LaneReader.lane": "a reply is held by the contact rule",
    "Messenger.leave": "a group that is not ours",
    "Messenger.name": "nothing asks for it while people are served",
    "Outbox.draw": "several processes: tests/replicas",
    "Outbox.find": "nothing asks for it while people are served",
    "Outbox.is_mine": "several processes: tests/replicas",
    "Outbox.unkeep": "a send is still in flight when its chat is hidden: test_order.py",
}
"""What of these ports the conversation does not call, and when it would be."""


async def test_every_port_is_played(tmp_path: Path) -> None:
    """What a port declares is called in the conversation, or it is told above why not."""
    content = load(ROOT, today=TODAY)
    async with forging() as forge:
        played = await play(tmp_path, content, await make_keys(tmp_path / "empty"), forge)
    called = {point.call for point in played.points}

    assert declared((Inbox, Batch, Outbox, LaneReader, Blobs, Messenger)) - called == NOT_PLAYED.keys()


def _all(points: Sequence[Point]) -> Sequence[Point]:
    waiting = declared(WAITING_PORTS)
    prompt = [point for point in points if point.call not in waiting]
    return [*(point for point in points if point.call in waiting), *prompt[::EVERY]]


async def test_a_death_at_any_port_call_loses_and_doubles_nothing(tmp_path: Path, report: Report) -> None:
    """No step is wrong, each case has its card, hide hides, and nothing comes again but what was out at the death."""
    content, keys = load(ROOT, today=TODAY), await make_keys(tmp_path / "empty")
    tally = await die_everywhere(tmp_path, content, keys, choose=_all)
    report(tally.told())

    assert tally.wrong == {}
    assert tally.met > 0.95 * tally.tried


async def test_a_death_in_the_night_leaves_one_whole_backup(tmp_path: Path, report: Report) -> None:
    """Made again, tested, and nothing is left of the one that was under way, nor of a copy of the database."""
    content, keys = load(ROOT, today=TODAY), await make_keys(tmp_path / "empty")
    async with forging() as forge:
        whole = await play_night(tmp_path, content, keys, forge)
        points = [point for point in whole.points if point.call in declared(BACKUP_PORTS)]
        nights = {}
        for number, point in enumerate(points):
            (tmp_path / str(number)).mkdir()
            nights[str(point)] = await play_night(tmp_path / str(number), content, keys, forge, death=point)
    report(f"deaths in the night: {len(points)} points tried, {sum(night.met for night in nights.values())} met")

    assert {point.call for point in points} == declared(BACKUP_PORTS)
    assert whole.is_right
    assert {point: night for point, night in nights.items() if not night.is_right} == {}
    assert all(night.met for night in nights.values())
