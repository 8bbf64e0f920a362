"""A storm over several processes: people talk all the while, and processes are killed, halted and cut off."""

import asyncio
import itertools
import random
from bisect import bisect_right
from collections import Counter
from contextlib import suppress
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
from tests.replicas.talks import Watched, emergency, talk, walk

PACED = (*SHOWS, "editmessagereplymarkup", "copymessage", "sendphoto", "sendvoice")
DELAY_MS = 60
"""How long each call takes, as in the field: so calls are under way when a process is halted."""
SENDING_SECONDS, LATEST, MOST_TRIES = 2.0, 50, 20
_LATE = "SELECT coalesce(sum(n), 0) FROM counters WHERE name = %s"
_ASIDE = "SELECT count(*) FROM inbox WHERE state = 'aside'"
_CASES = "SELECT count(*) FROM cases"
_LANES = "SELECT count(DISTINCT lane) FROM cases"
_FLAGGED = "SELECT number FROM cases WHERE urgency IN ('P1', 'P2')"
"""Others have no card: operators find them in the queue and the morning's summary."""
_FOLDED = (
    "SELECT number FROM cases JOIN outbox ON case_id = cases.id"
    " WHERE kind = 'card' AND outbox.lane = 'group' AND outbox.state = 'cancelled'"
)
"""A card is given up once its case was in a list that Telegram took; a long list shows the first ones, and a count."""


@dataclass
class Outcome:
    """What became of everybody.

    `wrong`: chats that saw a screen before its turn, or not all of them. `astray`: those that end with another message
    than their last screen. `stories` tells what these saw. `unseen`: flagged cases that the group was never shown.
    `busiest`: the most sends within one and within ten seconds.
    """

    people: int = 0
    wrong: int = 0
    astray: int = 0
    repeated: int = 0
    emergencies: int = 0
    unseen: int = 0
    cases: int = 0
    lanes: int = 0
    left: dict[str, int] = field(default_factory=dict)
    aside: int = 0
    late: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    busiest: tuple[int, int] = (0, 0)
    longest: float = 0.0
    seconds: float = 0.0
    stories: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Tell it in a few lines."""
        return (
            f"{self.people} conversations in {self.seconds:.0f} s, faults: {dict(self.faults)}\n"
            f"  {self.wrong} out of turn or incomplete, {self.people - self.lanes} lost, "
            f"{self.cases - self.lanes} cases doubled, {self.unseen} flagged cases without a card, "
            f"{self.aside} updates set aside, left: {self.left}\n"
            f"  {self.repeated} screens repeated, {self.late} late results refused, {self.astray} chats end with "
            f"another screen, {self.emergencies} people told that nothing can be kept\n"
            f"  at most {self.busiest[0]} sends in one second, {self.busiest[1]} in ten; "
            f"longest wait {self.longest:.1f} s" + "".join(f"\n\n{story}" for story in self.stories)
        )


async def storm(
    content: Content,
    postgres: Postgres,
    folder: Path,
    *,
    processes: int,
    people: int,
    faults: int,
    rate: int,
    lease: int = 4,
    seed: int,
    late: bool = False,
) -> Outcome:
    """Let people talk until so many faults have happened, then let everybody finish; a halt is longer than a lease.

    `late`: and until a message came late, whose lease had gone to another process.
    """
    outcome, over = Outcome(), asyncio.Event()
    async with Sandbox(seed=seed) as box:
        fleet = Fleet(box, populate(box), postgres, folder, rate=rate, lease=lease)
        box.faults.switch(delay_ms=DELAY_MS)
        try:
            for _ in range(processes):
                await fleet.start()
            await fleet.serving(processes)
            seen, seeds, began = (
                Watched(box, emergency(content)),
                itertools.count(seed * 100_000),
                asyncio.get_running_loop().time(),
            )
            async with asyncio.TaskGroup() as group:
                for _ in range(people):
                    group.create_task(_keep_talking(content, seen, seeds, outcome, over=over))
                await _strike(fleet, faults, outcome, halted_for=1.5 * lease, dice=random.Random(seed))
                if late:
                    await _come_late(fleet, outcome, halted_for=1.5 * lease)
                over.set()
            await fleet.replace_ended()
            await fleet.settled()
            outcome.seconds = asyncio.get_running_loop().time() - began
            outcome.busiest = busiest(box, 1.0), busiest(box, 10.0)
            box.faults.switch(delay_ms=0)
            await fleet.drained()
            await _count(fleet, seen, outcome)
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


async def _strike(fleet: Fleet, faults: int, outcome: Outcome, *, halted_for: float, dice: random.Random) -> None:
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
                await _sending(fleet.box)
                halted = {asyncio.create_task(fleet.halt(at, halted_for))}
                outcome.faults["halt"] += 1
            case _:
                await fleet.cut(dice.randint(1, 4))
                outcome.faults["cut"] += 1
    if halted:
        await asyncio.wait(halted)


async def _come_late(fleet: Fleet, outcome: Outcome, *, halted_for: float) -> None:
    """Halt all processes but one while a message is on its way, again and again until a late result was refused."""
    for _ in range(MOST_TRIES):
        if await fleet.one(_LATE, [LATE]):
            return
        await fleet.replace_ended()
        await _sending(fleet.box)
        await asyncio.gather(*(fleet.halt(at, halted_for) for at in range(1, len(fleet.processes))))
        outcome.faults["halt to come late"] += 1
        await asyncio.sleep(SENDING_SECONDS)  # what they bring late is written down


async def _sending(box: Sandbox) -> None:
    """Wait a little until a message is on its way: whoever is halted then may come late with it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SENDING_SECONDS):
            while not _is_sending(box):  # noqa: ASYNC110  # calls that begin set no event
                await asyncio.sleep(0.002)


def _is_sending(box: Sandbox) -> bool:
    return any(call.method == "sendmessage" and not call.outcome for call in box.calls[-LATEST:])


async def _count(fleet: Fleet, seen: Watched, outcome: Outcome) -> None:
    seen.look()
    chats = [one for one in seen.chats.values() if one.wanted]
    outcome.wrong = sum(not one.is_right for one in chats)
    outcome.stories = ["\n".join(one.story) for one in chats if not one.is_right or one.is_astray]
    outcome.astray = sum(one.is_astray for one in chats)
    outcome.emergencies = sum(one.emergencies for one in chats)
    outcome.unseen = await _unseen(fleet)
    outcome.repeated = sum(one.again for one in chats)
    outcome.cases, outcome.lanes = await fleet.one(_CASES), await fleet.one(_LANES)
    outcome.left, outcome.aside = await fleet.left(), await fleet.one(_ASIDE)
    outcome.late = await fleet.one(_LATE, [LATE])


async def _unseen(fleet: Fleet) -> int:
    """Count the flagged cases whose number no message to the group has named, and no list has taken in."""
    told = "\n".join(call.text("text") for call in fleet.box.calls if call.done and call.chat_id == fleet.group.id)
    folded = set(await fleet.column(_FOLDED))
    return sum(number not in told and number not in folded for number in await fleet.column(_FLAGGED))


def busiest(box: Sandbox, seconds: float) -> int:
    """Give the most paced calls that were made within so many seconds."""
    times = sorted(
        call.at.timestamp() for call in box.calls if call.at is not None and call.done and call.method in PACED
    )
    return max((bisect_right(times, at + seconds) - number for number, at in enumerate(times)), default=0)


def kept(outcome: Outcome, *, rate: int = 0) -> None:
    """Hold what became of everybody against the promises; a failure tells what went wrong in each chat."""
    assert (outcome.wrong, outcome.astray) == (0, 0), f"a chat saw a screen out of turn, or not all of them: {outcome}"
    assert outcome.unseen == 0, "operators were never shown a case"
    assert (outcome.people - outcome.lanes, outcome.cases - outcome.lanes) == (0, 0), "a case is lost or doubled"
    assert not any(outcome.left.values())
    assert outcome.aside == 0, "an innocent update was set aside"
    # Half a second's sends at once, then the rate: a second takes half as many again. Twice as many, and one second's
    # more in ten, are what calls make of it that arrive a little later or sooner.
    if rate:
        assert outcome.busiest[0] <= 2 * rate
        assert outcome.busiest[1] <= 11 * rate
