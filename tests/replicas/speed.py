"""How much one, two and three processes get through: the same people at once, without limits and faults."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core.content import Content
from bot.sandbox import Sandbox, populate
from tests.bench.machine import cpu, family_cpu
from tests.bench.people import language
from tests.postgres import Postgres
from tests.replicas.fleet import Fleet
from tests.replicas.talks import Watched, talk, walk


@dataclass(frozen=True, slots=True)
class Flow:
    """What so many processes got through; `cpu`: seconds of each. `server`: PostgreSQL's; `people_cpu`: the test's own.

    The test's own process is all the people and the sandbox that stands for Telegram.
    """

    processes: int
    people: int
    cores: int
    acts: int
    wrong: int
    seconds: float
    cpu: tuple[float, ...]
    server: float
    people_cpu: float

    def __str__(self) -> str:
        """Tell it in a line."""
        shares = ", ".join(f"{one:.1f}" for one in self.cpu)
        return (
            f"{self.processes} processes: {self.people / self.seconds:.1f} conversations/s, "
            f"{self.acts / self.seconds:.0f} updates/s "
            f"({self.people} people, {self.acts} updates, {self.seconds:.1f} s; "
            f"CPU seconds {shares})\n"
            f"  CPU an update: processes {self._each(sum(self.cpu))}, PostgreSQL {self._each(self.server)}, "
            f"people and sandbox {self._each(self.people_cpu)}; "
            f"{self._busy:.0f} % of {self.cores} cores were busy with it"
        )

    def _each(self, seconds: float) -> str:
        return f"{1000 * seconds / self.acts:.1f} ms"

    @property
    def _busy(self) -> float:
        return 100 * (sum(self.cpu) + self.server + self.people_cpu) / (self.cores * self.seconds)


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
            pids = [one.pid for one in fleet.processes]
            used, began = _used(pids, postgres), time.perf_counter()
            await asyncio.gather(*(talk(*one, seen=seen) for one in zip(persons, walks, strict=True)))
            seconds = time.perf_counter() - began
            spent = [now - before for now, before in zip(_used(pids, postgres), used, strict=True)]
            await fleet.settled()
        finally:
            await fleet.stop()
    wrong = sum(not one.is_right for one in seen.chats.values())
    server, people_cpu, *each = spent
    acts = sum(map(len, walks))
    return Flow(processes, people, os.cpu_count() or 1, acts, wrong, seconds, tuple(each), server, people_cpu)


def _used(pids: Sequence[int], postgres: Postgres) -> list[float]:
    """Give the CPU seconds of PostgreSQL, of this process, and of each of those."""
    return [family_cpu(postgres.pid), cpu(os.getpid()), *(cpu(pid) for pid in pids)]
