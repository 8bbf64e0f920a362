"""Each measure runs and counts right. Nothing here is timed: a busy machine is no broken promise."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content.apart import Reading
from bot.core.content import Content
from bot.service.closing import Closer
from bot.settings import ROOT
from bot.store.opening import open_store
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import load_server_key
from tests.bench import calls, crowd, grow, machine, queue, resting, sealing, steps
from tests.bench.contenders import apart
from tests.bench.contenders.__main__ import told
from tests.bench.contenders.contest import CONTENDERS, Crowd, play
from tests.bench.contenders.intake import intake
from tests.bench.filling import Size, fill, known, url
from tests.bench.people import Act, share
from tests.bench.people import crowd as people_of

ACTS = 6


@pytest.fixture(scope="module")
def content() -> Content:
    """Give the shipped content."""
    return Reading(ROOT, today=datetime.now(UTC).date()).result()


@pytest.fixture
def people(content: Content) -> list[list[Act]]:
    """Give five people with a few acts each."""
    return people_of(content, 5, acts=ACTS, now=datetime.now(UTC))


def test_sealing_to_a_team_is_measured() -> None:
    """A case is sealed to six operators and two more, and a grant opens it for another."""
    costs = sealing.measure(rounds=3)

    assert set(costs) == {"first", "grant"}
    assert all(cost >= 0 for cost in costs.values())


def test_people_are_the_same_every_time(content: Content) -> None:
    """Two measurements measure the same work."""
    assert people_of(content, 5, acts=ACTS) == people_of(content, 5, acts=ACTS)


def test_people_answer_in_every_way(content: Content) -> None:
    """A measurement has presses, words, voice, photos and places in it, and starts and hides."""
    many = people_of(content, 100, acts=25)

    assert {act.kind for person in many for act in person} == {"says", "presses", "voice", "photo", "place"}
    assert {"/start", "!hide", "!danger"} <= {act.data for person in many for act in person}
    assert "presses" in share(many)


@pytest.mark.parametrize("batch", [1, 5])
async def test_every_step_is_answered_once(
    content: Content, people: list[list[Act]], tmp_path: Path, batch: int
) -> None:
    """Alone and in batches, every act is decided and its screens are sent, and nothing waits at the end."""
    async with steps.opened(tmp_path, content) as bench:
        costs = await steps.play(bench, people, batch=batch)

        assert costs.steps == 5 * ACTS
        assert len(costs.decide) == len(costs.receive) == 5 * ACTS // batch
        assert bench.messenger.screens == sum(len(act.screens) for person in people for act in person)
        assert await bench.store.inbox.waiting() == []
    assert "median" in steps.told("both", [costs])


async def test_a_crowd_over_http_is_answered_in_order(people: list[list[Act]], tmp_path: Path) -> None:
    """Against the real process: all answered, none doubled, order kept, no update left over."""
    outcome = await crowd.play(people, tmp_path)

    assert outcome.wrong == []
    assert outcome.answered == outcome.presses
    assert (outcome.undecided, outcome.aside) == (0, 0)
    assert "conversations/s" in crowd.told(outcome)


async def test_http_is_measured_apart(content: Content) -> None:
    """Every call of both ways is made."""
    assert (await calls.measure(content, calls=32)).made == 64


async def test_a_rest_tells_memory(tmp_path: Path) -> None:
    """A helpline that rests is found in the process table."""
    rest = await resting.rest(tmp_path, seconds=0)

    assert 0 < rest.rested <= rest.most
    assert "cores" in machine.described()


@pytest.mark.parametrize("name", CONTENDERS)
async def test_contenders_do_the_same_work(content: Content, tmp_path: Path, name: str) -> None:
    """Each shows every screen of the intake, answers every press, deletes what it replaces and tells the group."""
    python = Path(sys.executable)
    if name == "aiogram":
        if not apart.is_installed():
            pytest.skip("aiogram is not covered: `./helpline bench contenders` fetches it, tests fetch nothing")
        python = apart.installed()
    turns = intake(content, datetime.now(UTC))
    presses = sum(turn.kind == "presses" for turn in turns)

    crowd = Crowd(people=2, conversations=4)
    outcome = await play(name, turns, crowd, python=python, folder=tmp_path, seed=1)

    assert outcome.updates == 4 * len(turns)
    assert outcome.calls["answercallbackquery"] == outcome.calls["editmessagetext"] == 4 * presses
    assert outcome.calls["sendmessage"] == 4 * (len(turns) - presses + 1)
    assert outcome.calls["deletemessage"] + outcome.calls["deletemessages"] == 4 * 2
    assert name in told(name, [outcome])


async def test_growth_is_measured_on_people_who_are_known(content: Content, tmp_path: Path) -> None:
    """A filled store is served by the real process, its people are talked to, and its pages are read."""
    size = Size(people=60, cases=20, open=12)
    await fill(tmp_path, content, size, group=grow.group(), talking=grow.talkers(1, 2))

    growth = await grow.measure(tmp_path, content, size, rounds=1, conversations=2)

    empty, grown = growth.rounds[0]
    polls = {"getupdates"}
    assert empty.updates == grown.updates
    assert {name: empty.calls[name] for name in empty.calls if name not in polls} == {
        name: grown.calls[name] for name in grown.calls if name not in polls
    }
    assert "CPU an update" in grow.told(growth, size)


async def test_pages_of_the_list_are_measured_by_who_is_logged_in(content: Content, tmp_path: Path) -> None:
    """Of a store without cases, one with a page and one with more; its later page is another one."""
    folders = await queue.prepared(tmp_path, content, Size(people=120, cases=120, open=110))
    costs = await queue.measure(folders, rounds=1, looks=1)

    assert {*costs.pages} == {*queue.PARTS, queue.LATER}
    (none, _), (page, _), (grown, files) = costs.paint
    assert none < min(page, grown) and files > 10_000
    assert "ratio" in queue.told(costs)


async def test_a_filled_store_is_as_large_as_wanted(content: Content, tmp_path: Path) -> None:
    """So many people and cases; who is talked to is among them, and can be read with the server's key."""
    size = Size(people=60, cases=20, open=12)
    await fill(tmp_path, content, size, group=grow.group(), talking=3)

    store = await open_store(url(tmp_path), tmp_path / "data")
    try:
        closer = Closer(load_server_key(KeyFolder(tmp_path / "keys"), key_check=None))
        lanes = [await store.lanes.lane(closer.lane(chat)) for chat in known(size, 3)]

        assert len(await store.desk.queue(limit=100)) == 12
        assert all(closer.open_talk(lane.lane, lane.body).rev for lane in lanes)
        assert [closer.open_chat(lane.lane, lane.chat or b"") for lane in lanes] == known(size, 3)
    finally:
        await store.close()
