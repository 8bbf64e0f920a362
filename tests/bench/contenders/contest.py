"""One contender as a process of its own against a sandbox in this one, and what it did and cost."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import TypeAlias

from bot.sandbox import Group, Person, Sandbox, populate
from bot.settings import ROOT
from tests.bench.contenders.intake import CARD, Turn
from tests.bench.machine import cpu, proportional, resident
from tests.bench.people import masked
from tests.bench.process import polling, running

PATIENCE = 300.0
LOOK, QUIET = 0.02, 0.2  # seconds
HELPLINE = "helpline"
CONTENDERS = {
    HELPLINE: "",
    "python-telegram-bot": "with_telegram",
    "aiogram": "with_aiogram",
    "bare loop": "bare",
}
"""The name of each, and its script beside this file."""


Talk: TypeAlias = Callable[[Person], Awaitable[list[float]]]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many talk at once, how many conversations in all, and the milliseconds that each call takes, if any.

    `chats` are those who talk, one more than the conversations; strangers, if none are given.
    """

    people: int = 50
    conversations: int = 500
    delay: tuple[int, int] | None = None
    chats: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender did: seconds of clock and of CPU (its own, and ours), waits in seconds, megabytes."""

    conversations: int
    updates: int
    seconds: float
    cpu: float
    ours: float
    waits: Sequence[float]
    calls: Counter[str]
    proportional: float
    resident: float


async def play(name: str, turns: Sequence[Turn], crowd: Crowd, *, python: Path, folder: Path, seed: int) -> Outcome:
    """Let a crowd through the intake of one contender; all that it must do is done when this returns."""
    async with Sandbox(seed=seed) as box:
        group = populate(box)
        async with contending(name, box, group, turns=turns, python=python, folder=folder) as pid:
            if crowd.delay is not None:
                least, most = crowd.delay
                box.faults.switch(delay_ms=least, delay_more_ms=most - least)
            talk = partial(converse, turns=turns)
            people = (box.add_person("Sokha", id=chat) for chat in crowd.chats or repeat(None))
            await talk(next(people))  # opens connections, fills caches
            await _settled(box)
            box.calls.clear()
            began, used, mine = time.perf_counter(), cpu(pid), time.process_time()
            waits = await _crowd(islice(people, crowd.conversations), crowd.people, talk)
            seconds = time.perf_counter() - began
            await _settled(box)
            return Outcome(
                conversations=crowd.conversations,
                updates=len(waits),
                seconds=seconds,
                cpu=cpu(pid) - used,
                ours=time.process_time() - mine,
                waits=sorted(waits),
                calls=Counter(call.method for call in box.calls if call.outcome),
                proportional=proportional(pid),
                resident=resident(pid),
            )


async def _crowd(coming: Iterator[Person], at_once: int, talk: Talk) -> list[float]:
    """Keep so many people talking; when one has finished, the next one begins."""

    async def seat() -> list[float]:
        return [wait for person in coming for wait in await talk(person)]

    return [wait for waits in await asyncio.gather(*(seat() for _ in range(at_once))) for wait in waits]


async def converse(person: Person, *, turns: Sequence[Turn]) -> list[float]:
    """Go through the intake, waiting for each screen; gives the seconds that each took to come."""
    waits = []
    for turn in turns:
        began = time.perf_counter()
        await (person.says(turn.data) if turn.kind == "says" else person.presses(turn.data))
        await person.until(partial(_shows, person, turn), timeout=PATIENCE)
        waits.append(time.perf_counter() - began)
    return waits


def _shows(person: Person, turn: Turn) -> bool:
    screen = person.screen()
    return screen is not None and screen.labels == turn.rows and turn.text in (screen.text, masked(screen.text))


async def _settled(box: Sandbox) -> None:
    """Wait until everything was taken and answered, and the contender has made no call for a while."""
    seen, quiet = -1, 0.0
    async with asyncio.timeout(PATIENCE):
        while quiet < QUIET:
            await asyncio.sleep(LOOK)
            made = len(box.calls)
            done = made == seen and not box.pending and all(press.answered for press in box.world.presses.values())
            seen, quiet = made, quiet + LOOK if done else 0.0


@asynccontextmanager
async def contending(
    name: str, box: Sandbox, group: Group, *, turns: Sequence[Turn], python: Path, folder: Path
) -> AsyncIterator[int]:
    """Run a contender until left; gives its process's id once it polls."""
    if name == HELPLINE:
        async with running(box, group, folder) as helpline:
            yield helpline.pid
        return
    plan = {"token": box.token, "api": box.root, "group": group.id, "card": CARD, "folder": str(folder)}
    written = folder / "plan.json"
    written.write_text(json.dumps(plan | {"turns": [turn.wire for turn in turns]}), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", f"tests.bench.contenders.{CONTENDERS[name]}"),
        env={**os.environ, "CONTENDER_PLAN": str(written), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=sys.stderr,
    )
    try:
        await polling(box, process)
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)  # nobody measures how it ends
        await process.wait()
