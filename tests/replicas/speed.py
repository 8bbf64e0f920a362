"""How much one, two and three processes get through: the same people at once, without limits and faults."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core.content import Content
from bot.sandbox import Sandbox, populate
from tests.bench.machine import cpu
from tests.bench.people import language
from tests.postgres import Postgres
from tests.replicas.fleet import Fleet
from tests.replicas.talks import Watched, talk, walk


@dataclass(frozen=True, slots=True)
class Flow:
    """What so many processes got through; `cpu`: seconds of each."""

    processes: int
    people: int
    acts: int
    wrong: int
    seconds: float
    cpu: tuple[float, ...]

    def __str__(self) -> str:
        """Tell it in a line."""
        shares = ", ".join(f"{one:.1f}" for one in self.cpu)
        return (
            f"{self.processes} processes: {self.people / self.seconds:.1f} conversations/s, "
            f"{self.acts / self.seconds:.0f} updates/s "
            f"({self.people} people, {self.acts} updates, {self.seconds:.1f} s; "
            f"CPU seconds {shares}, {1000 * sum(self.cpu) / self.acts:.1f} ms an update)"
        )


async def flow(content: Content, postgres: Postgres, folder: Path, *, processes: int, people: int) -> Flow:
    """Let people talk to so many processes, all beginning at once."""
    now = datetime.now(UTC)
    walks = [walk(content, seed, now) for seed in range(people)]
    async with Sandbox() as box:
        fleet = Fleet(box, populate(box), postgres, folder, rate=0)
        try:
            for _ in range(processes):
                await fleet.start()
            await fleet.serving(processes)
            seen = Watched(box)
            persons = [box.add_person("Sokha", language_code=language(seed)) for seed in range(people)]
            used, began = [cpu(one.pid) for one in fleet.processes], time.perf_counter()
            await asyncio.gather(*(talk(*one, seen=seen) for one in zip(persons, walks, strict=True)))
            seconds = time.perf_counter() - began
            spent = tuple(cpu(one.pid) - before for one, before in zip(fleet.processes, used, strict=True))
            await fleet.settled()
        finally:
            await fleet.stop()
    wrong = sum(not one.is_right for one in seen.chats.values())
    return Flow(processes, people, sum(map(len, walks)), wrong, seconds, spent)
