"""What arrives at once is committed at once, each is told of its own fate, and nobody waits for a timer."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.errors import MachineError
from bot.service.gathering import MOST, Gathering, Update


class Inbox:
    """What was committed, in groups. `gate` closed: the commit takes long; `sick`: it fails; -1 cannot be kept."""

    def __init__(self) -> None:
        self.groups: list[list[object]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.sick = False

    async def receive(self, updates: Sequence[Update]) -> int:
        await self.gate.wait()
        ids = [update["update_id"] for update in updates]
        if self.sick:
            raise MachineError("The disk is full.")
        if -1 in ids:
            raise ValueError("It cannot be kept.")
        self.groups.append(ids)
        return len(ids)


async def outcomes(gathering: Gathering, *ids: int) -> list[str]:
    """Add all of these at once, and tell what became of each."""
    added = (gathering.add({"update_id": one}) for one in ids)
    return [
        "kept" if end is None else type(end).__name__ for end in await asyncio.gather(*added, return_exceptions=True)
    ]


async def test_one_alone_waits_for_nobody() -> None:
    """A quiet helpline commits at once."""
    inbox = Inbox()

    assert await outcomes(Gathering(inbox.receive), 1) == ["kept"]
    assert inbox.groups == [[1]]


async def test_what_comes_during_a_commit_is_committed_together() -> None:
    """However many they are: one goes first, and those who wait behind it go in few commits, in order."""
    inbox = Inbox()
    inbox.gate.clear()
    gathering = Gathering(inbox.receive)
    first = asyncio.create_task(outcomes(gathering, 0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = asyncio.create_task(outcomes(gathering, *range(1, MOST + 10)))
    await asyncio.sleep(0)
    inbox.gate.set()
    await asyncio.gather(first, rest)

    assert [number for group in inbox.groups for number in group] == list(range(MOST + 10))
    assert [len(group) for group in inbox.groups] == [1, MOST, 9]


async def test_a_sick_machine_is_told_to_all_who_wait() -> None:
    """None of them was kept, and the next one is tried anew."""
    inbox = Inbox()
    inbox.sick = True
    gathering = Gathering(inbox.receive)

    assert await outcomes(gathering, 1, 2) == ["MachineError", "MachineError"]
    inbox.sick = False
    assert await outcomes(gathering, 1) == ["kept"]


async def test_one_that_cannot_be_kept_does_not_keep_the_others() -> None:
    """The others are committed one by one, in order."""
    inbox = Inbox()

    assert await outcomes(Gathering(inbox.receive), 1, -1, 2) == ["kept", "ValueError", "kept"]
    assert inbox.groups == [[1], [2]]


async def test_who_gave_up_waiting_does_no_harm() -> None:
    """A connection that broke takes nothing with it: what was posted on it is kept, and so are the others."""
    inbox = Inbox()
    inbox.gate.clear()
    gathering = Gathering(inbox.receive)
    gone = asyncio.create_task(gathering.add({"update_id": 1}))
    await asyncio.sleep(0)
    other = asyncio.create_task(gathering.add({"update_id": 2}))
    await asyncio.sleep(0)
    gone.cancel()
    inbox.gate.set()
    await other

    assert [number for group in inbox.groups for number in group] == [1, 2]
    with pytest.raises(asyncio.CancelledError):
        await gone
