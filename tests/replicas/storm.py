"""A storm over several processes: people talk all the while, and processes are killed, halted and cut off."""

import asyncio
import itertools
import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.core.content import Content
from bot.sandbox import Sandbox, populate
from bot.store.outbox import LATE
from tests.bench.crowd import SHOWS
from tests.bench.people import language
from tests.postgres import Postgres
from tests.replicas.fleet import Fleet
from tests.replicas.talks import Watched, talk, walk

HALTED = 6.0
"""Seconds: longer than a lease of `SHORT`."""
PACED = (*SHOWS, "editmessagereplymarkup", "copymessage", "sendphoto", "sendvoice")
_LATE = "SELECT coalesce(sum(n), 0) FROM counters WHERE name = %s"
_ASIDE = "SELECT count(*) FROM inbox WHERE state = 'aside'"
_CASES = "SELECT count(*) FROM cases"
_LANES = "SELECT count(DISTINCT lane) FROM cases"


@dataclass
class Outcome:
    """What became of everybody. `wrong`: chats that saw a screen before its turn, or not all of them."""

    people: int = 0
    wrong: int = 0
    repeated: int = 0
    cases: int = 0
    lanes: int = 0
    left: dict[str, int] = field(default_factory=dict)
    aside: int = 0
    late: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    busiest: int = 0
    longest: float = 0.0
    seconds: float = 0.0
    stories: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Tell it in a few lines."""
        return (
            f"{self.people} conversations in {self.seconds:.0f} s, faults: {dict(self.faults)}\n"
            f"  {self.wrong} out of turn or incomplete, {self.people - self.lanes} lost, "
            f"{self.cases - self.lanes} cases doubled, {self.repeated} screens repeated, "
            f"{self.aside} updates set aside, left: {self.left}\n"
            f"  {self.late} late results refused; at most {self.busiest} sends in ten seconds; "
            f"longest wait {self.longest:.1f} s"
        )


async def storm(
    content: Content,
    postgres: Postgres,
    folder: Path,
    *,
    processes: int,
    people: int,
    faults: int,
    rate: float,
    seed: int,
) -> Outcome:
    """Let people talk until so many faults have happened, then let everybody finish."""
    outcome, over = Outcome(), asyncio.Event()
    async with Sandbox(seed=seed) as box:
        fleet = Fleet(box, populate(box), postgres, folder, rate=rate)
        try:
            for _ in range(processes):
                await fleet.start()
            await fleet.serving(processes)
            seen, seeds, began = Watched(box), itertools.count(seed * 100_000), asyncio.get_running_loop().time()
            async with asyncio.TaskGroup() as group:
                for _ in range(people):
                    group.create_task(_keep_talking(content, seen, seeds, outcome, over=over))
                await _strike(fleet, faults, outcome, dice=random.Random(seed))
                over.set()
            await fleet.replace_ended()
            await fleet.settled()
            outcome.seconds = asyncio.get_running_loop().time() - began
            _count(fleet, seen, outcome)
        finally:
            await fleet.stop()
    return outcome


async def _keep_talking(
    content: Content, seen: Watched, seeds: "itertools.count[int]", outcome: Outcome, *, over: asyncio.Event
) -> None:
    """Be one person after the other."""
    while True:
        number = next(seeds)
        acts = walk(content, number, datetime.now(UTC))
        person = seen.box.add_person("Sokha", language_code=language(number))
        outcome.people += 1
        outcome.longest = max(outcome.longest, await talk(person, acts, seen=seen))
        if over.is_set():
            return


async def _strike(fleet: Fleet, faults: int, outcome: Outcome, *, dice: random.Random) -> None:
    """Do one thing after the other to the processes; of those halted at most one less than there are."""
    halted: set[asyncio.Task[None]] = set()
    for number in range(faults):
        await asyncio.sleep(dice.uniform(0.3, 1.0))
        await fleet.replace_ended()
        at = dice.randrange(len(fleet.processes))
        match number % 3:
            case 0:
                await fleet.kill(at)
                outcome.faults["kill"] += 1
            case 1:
                if halted:
                    await asyncio.wait(halted)
                halted = {asyncio.create_task(fleet.halt(at, HALTED))}
                outcome.faults["halt"] += 1
            case _:
                fleet.cut(dice.randint(1, 4))
                outcome.faults["cut"] += 1
    if halted:
        await asyncio.wait(halted)


def _count(fleet: Fleet, seen: Watched, outcome: Outcome) -> None:
    seen.look()
    chats = [one for one in seen.chats.values() if one.wanted]
    outcome.wrong = sum(one.wrong > 0 or one.seen < len(one.wanted) for one in chats)
    outcome.stories = ["\n".join(one.story) for one in chats if one.wrong or one.again]
    outcome.repeated = sum(one.again for one in chats)
    outcome.cases, outcome.lanes = fleet.one(_CASES), fleet.one(_LANES)
    outcome.left, outcome.aside = fleet.left(), fleet.one(_ASIDE)
    outcome.late = fleet.one(_LATE, [LATE])
    outcome.busiest = busiest(fleet.box, 10.0)


def busiest(box: Sandbox, seconds: float) -> int:
    """Give the most paced calls that were made within so many seconds."""
    times = sorted(
        call.at.timestamp() for call in box.calls if call.at is not None and call.done and call.method in PACED
    )
    return max((bisect_right(times, at + seconds) - number for number, at in enumerate(times)), default=0)
