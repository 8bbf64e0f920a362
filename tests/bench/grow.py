"""What growth costs: the same intake on a store with 1.2 million people and 400,000 cases, and on an empty one.

Both are measured in one run, in turns, with the real `run` as a process of its own; who talks to the grown one is
in it already, spread over all of it. A page of the queue is compared with that of a store which has no more than
that page. Starts are cold: the database was dropped from the system's memory before.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import typer

from bot.content.loading import load
from bot.core.content import Content
from bot.sandbox import Person, Sandbox, populate
from bot.service.listing import PAGE
from bot.settings import ROOT
from bot.store.opening import Store, database_path, open_store
from tests.bench.contenders.contest import HELPLINE, PATIENCE, Crowd, Outcome, play
from tests.bench.contenders.intake import Turn, intake
from tests.bench.filling import Size, fill, known, url
from tests.bench.machine import described, resident
from tests.bench.process import running

T = TypeVar("T")
SEED = 1
"""Of every sandbox, so that the operators' group is always the same one."""
LOOKS = 200
"""So often a page is read."""
QUEUE, CASE, GAUGES = "a page of the queue", "a case by its number", "the gauges of /metrics"
PAGES = {QUEUE: "at most 2", CASE: "", GAUGES: "counts up to 10,000 of a kind"}
"""What operators read, and what is asked of it."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What was measured on the empty store and on the grown one, in this order.

    `starts` are seconds until the first reply and megabytes then; `pages` CPU milliseconds of what operators read, by
    its name; `bytes` the size of the grown database.
    """

    rounds: Sequence[tuple[Outcome, Outcome]]
    starts: Sequence[tuple[tuple[float, float], tuple[float, float]]]
    pages: dict[str, tuple[float, float]]
    bytes: int


async def measure(folder: Path, content: Content, size: Size, *, rounds: int, conversations: int) -> Growth:
    """Measure beside each other a grown store, which was filled into a folder, and empty ones."""
    turns, dice = intake(content, datetime.now(UTC)), Random(SEED)
    chats = known(size, talkers(rounds, conversations))
    starts, played = [], []
    for _ in range(rounds):
        first, *others = (chats.pop() for _ in range(conversations + 2))
        with tempfile.TemporaryDirectory(prefix="helpline-bench-", dir=folder) as empty:
            places = (Path(empty), folder)
            await start(places[0], first)  # makes keys and tables: a start on nothing is another measure
            starts.append(await _both(partial(start, chat=first), places, dice))
            crowd = Crowd(people=min(50, conversations), conversations=conversations, chats=others)
            played.append(await _both(partial(_played, turns=turns, crowd=crowd), places, dice))
    return Growth(played, starts, await pages(folder, content), database_path(url(folder)).stat().st_size)


def talkers(rounds: int, conversations: int) -> int:
    """Count the people who talk: in each round one at the start, one to warm up, and the crowd."""
    return rounds * (conversations + 2)


def group() -> int:
    """Give the operators' group of the sandboxes."""
    return populate(Sandbox(seed=SEED)).id


async def _both(one: Callable[[Path], Awaitable[T]], places: tuple[Path, Path], dice: Random) -> tuple[T, T]:
    """Measure both stores, in an order drawn by lot."""
    found = {place: await one(place) for place in dice.sample(places, 2)}
    return found[places[0]], found[places[1]]


async def _played(place: Path, *, turns: Sequence[Turn], crowd: Crowd) -> Outcome:
    return await play(HELPLINE, turns, crowd, python=Path(sys.executable), folder=place, seed=SEED)


async def start(folder: Path, chat: int) -> tuple[float, float]:
    """Start with a cold database while somebody waits; gives the seconds until their reply, and megabytes then."""
    _forget(database_path(url(folder)))
    async with Sandbox(seed=SEED) as box:
        group, person = populate(box), box.add_person("Sokha", id=chat)
        await person.says("/start")
        began, replied = time.perf_counter(), asyncio.create_task(_replied(person))
        async with running(box, group, folder) as helpline:
            return await replied - began, resident(helpline.pid)


async def _replied(person: Person) -> float:
    await person.until(lambda: person.screen() is not None, timeout=PATIENCE)
    return time.perf_counter()


def _forget(file: Path) -> None:
    """Drop a file from the system's memory, so that reading it means the disk."""
    if file.exists():
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


# ── what operators read ──────────────────────────────────────────────────────────────────────────────────────


async def pages(folder: Path, content: Content) -> dict[str, tuple[float, float]]:
    """Measure what operators read, on a store with one page of cases and on the grown one."""
    with tempfile.TemporaryDirectory(prefix="helpline-bench-", dir=folder) as small:
        await fill(Path(small), content, Size(PAGE, PAGE, PAGE), group=group(), talking=0)
        one, other = await _looks(Path(small)), await _looks(folder)
    return {name: (one[name], other[name]) for name in one}


async def _looks(folder: Path) -> dict[str, float]:
    store = await open_store(url(folder), folder / "data")
    try:
        number = (await store.desk.queue(limit=1))[0].case.number
        looks: dict[str, Callable[[], Awaitable[object]]] = {
            QUEUE: lambda: store.desk.queue(limit=PAGE),
            CASE: lambda: _opened(store, number),
            GAUGES: lambda: store.gauges.read(datetime.now(UTC)),
        }
        return {name: await _cost(look) for name, look in looks.items()}
    finally:
        await store.close()


async def _opened(store: Store, number: str) -> None:
    item = await store.desk.case(number)
    assert item is not None
    await store.desk.dossier(item.case.id)


async def _cost(look: Callable[[], Awaitable[object]]) -> float:
    """Give the least CPU milliseconds of a look, the store's threads included."""
    await look()
    costs = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(LOOKS // 5):
            await look()
        costs.append(1000 * (time.process_time() - began) / (LOOKS // 5))
    return min(costs)


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────


def told(growth: Growth, size: Size) -> str:
    """Tell what growth costs; ratios are medians of the rounds."""
    cpu = [(1000 * empty.cpu / empty.updates, 1000 * grown.cpu / grown.updates) for empty, grown in growth.rounds]
    p50 = [(_median(empty), _median(grown)) for empty, grown in growth.rounds]
    pss = [(empty.proportional, grown.proportional) for empty, grown in growth.rounds]
    lines = [
        f"{size.people} people, {size.cases} cases, {size.open} of them open: {growth.bytes / 1e9:.2f} GB on disk",
        _line("CPU an update, ms", cpu, "at most 1.5"),
        _line("reply p50, ms", p50),
        _line("memory after the crowd, PSS MB", pss),
        _line("cold start to the first reply, s", [(one[0], other[0]) for one, other in growth.starts], "at most 3 s"),
        _line("memory then, RSS MB", [(one[1], other[1]) for one, other in growth.starts]),
    ]
    lines += [_line(f"{name}, CPU ms", [pair], PAGES[name]) for name, pair in growth.pages.items()]
    return "\n".join([f"{'':36} {'empty':>8} {'grown':>8} {'ratio':>6}", *lines[1:], lines[0]])


def _median(outcome: Outcome) -> float:
    return 1000 * outcome.waits[len(outcome.waits) // 2]


def _line(name: str, pairs: Sequence[tuple[float, float]], bar: str = "") -> str:
    empty, grown = (statistics.median(pair[at] for pair in pairs) for at in (0, 1))
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    return f"{name:36} {empty:8.2f} {grown:8.2f} {ratio:6.2f}{f'  ({bar})' if bar else ''}"


def main() -> None:
    """Fill a store, then measure it beside empty ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=Size().people)
    parser.add_argument("--cases", type=int, default=Size().cases)
    parser.add_argument("--open", type=int, default=Size().open, help="how many of the cases are open")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--conversations", type=int, default=200, help="in each round, on each store")
    asked = parser.parse_args()
    size, content = Size(asked.people, asked.cases, asked.open), load(ROOT, today=datetime.now(UTC).date())
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        began = time.perf_counter()
        talking = talkers(asked.rounds, asked.conversations)
        asyncio.run(fill(Path(folder), content, size, group=group(), talking=talking))
        typer.echo(f"filled in {time.perf_counter() - began:.0f} s; {described()}")
        asking = measure(Path(folder), content, size, rounds=asked.rounds, conversations=asked.conversations)
        typer.echo(told(asyncio.run(asking), size))


if __name__ == "__main__":
    main()
