"""A crowd at once, over HTTP: `./helpline run` in a process of its own, everybody's phone in a sandbox in this one.

Everybody begins at the same moment and goes on when the screen they wait for is there; words, voice and photos are
often sent without waiting. What is shown in each chat is compared, screen by screen and in order, with what the core
decides for the same acts: nothing missing, nothing twice, nothing out of turn.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from bot.content.loading import load
from bot.sandbox import Person, Sandbox, populate
from bot.settings import ROOT
from bot.store.opening import open_store
from tests.bench.machine import cpu, most_resident, resident
from tests.bench.people import Act, crowd, language, masked, share
from tests.bench.process import Running, running

PATIENCE = 300.0
VOICE, PHOTO = bytes(8_000), bytes(40_000)
SHOWS = ("sendmessage", "editmessagetext")


@dataclass
class Seen:
    """The screens that were shown, chat by chat, and how long each act waited for its own."""

    box: Sandbox
    screens: dict[int | None, list[str]] = field(default_factory=lambda: defaultdict(list))
    waits: list[float] = field(default_factory=list)
    read: int = 0

    def has(self, chat: int, wanted: int) -> bool:
        """Say whether so many screens were shown in a chat."""
        return len(self.of(chat)) >= wanted

    def of(self, chat: int) -> list[str]:
        """Give the screens of a chat so far, in the order they were shown."""
        calls = self.box.calls
        while self.read < len(calls) and (calls[self.read].outcome or calls[self.read].method == "getupdates"):
            call = calls[self.read]
            if call.done and call.method in SHOWS:
                self.screens[call.chat_id].append(masked(call.text("text")))
            self.read += 1
        return self.screens[chat]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the crowd. `wrong` are chats whose screens differ from what the core decides."""

    people: int
    acts: int
    seconds: float
    cpu: float
    waits: Sequence[float]
    wrong: Sequence[int]
    presses: int
    answered: int
    calls: Counter[str]
    undecided: int
    aside: int
    memory: tuple[float, float]


async def play(people: Sequence[Sequence[Act]], folder: Path, *, rest: float = 0.0) -> Outcome:
    """Let the crowd talk to a helpline on an empty folder; `rest`: seconds until its memory is looked at again."""
    async with Sandbox() as box, running(box, populate(box), folder) as helpline:
        persons = [box.add_person("Sokha", language_code=language(seed)) for seed in range(len(people))]
        seen, used, began = Seen(box), cpu(helpline.pid), time.perf_counter()
        await asyncio.gather(*(converse(*one, seen=seen) for one in zip(persons, people, strict=True)))
        seconds, used = time.perf_counter() - began, cpu(helpline.pid) - used
        await box.until(lambda: box.pending == 0, timeout=PATIENCE)
        memory = await _memory(helpline, rest)
    undecided, aside = await _left(folder)
    calls = Counter(call.method for call in box.calls if call.done)
    return Outcome(
        people=len(people),
        acts=sum(map(len, people)),
        seconds=seconds,
        cpu=used,
        waits=seen.waits,
        wrong=[person.id for person, acts in zip(persons, people, strict=True) if seen.of(person.id) != wanted(acts)],
        presses=sum(act.kind == "presses" for acts in people for act in acts),
        answered=calls["answercallbackquery"],
        calls=calls,
        undecided=undecided,
        aside=aside,
        memory=memory,
    )


async def _memory(helpline: Running, rest: float) -> tuple[float, float]:
    await asyncio.sleep(rest)
    return resident(helpline.pid), most_resident(helpline.pid)


async def _left(folder: Path) -> tuple[int, int]:
    """Count the updates that were not decided, and those set aside."""
    store = await open_store(f"sqlite:///{folder}/data/helpline.db", folder / "data")
    try:
        return len(await store.inbox.waiting()), await store.inbox.aside()
    finally:
        await store.close()


def wanted(acts: Sequence[Act]) -> list[str]:
    """Give the screens that these acts must lead to."""
    return [screen for act in acts for screen in act.screens]


async def converse(person: Person, acts: Sequence[Act], *, seen: Seen) -> None:
    """Do all acts; before a press its screen must be there, and after the last one all screens."""
    due = 0
    for number, act in enumerate(acts):
        began = time.perf_counter()
        await do(person, act)
        due += len(act.screens)
        if number + 1 < len(acts) and _goes_on(act, acts[number + 1]):
            continue
        await person.until(partial(seen.has, person.id, due), timeout=PATIENCE)
        seen.waits.append(time.perf_counter() - began)


def _goes_on(act: Act, following: Act) -> bool:
    """Say whether a person does not wait between two acts: both are sent, not pressed, and none goes before another."""
    return not any(one.kind == "presses" or one.overtakes or one.data == "/start" for one in (act, following))


async def do(person: Person, act: Act) -> None:
    """Let a person do something."""
    match act.kind:
        case "says":
            await person.says(act.data)
        case "presses":
            await person.presses(act.data)
        case "voice":
            await person.sends_voice(VOICE)
        case "photo":
            await person.sends_photo(PHOTO)
        case "place":
            await person.sends_location(13.75, 100.5)


def told(outcome: Outcome) -> str:
    """Tell what became of the crowd."""
    waits = sorted(outcome.waits)
    return (
        f"{outcome.people} conversations at once over HTTP, {outcome.acts} acts\n"
        f"  {len(outcome.wrong)} with a screen missing, doubled or out of order; "
        f"{outcome.answered} of {outcome.presses} presses answered; "
        f"{outcome.undecided} updates undecided, {outcome.aside} set aside\n"
        f"  {outcome.seconds:.1f} s: {outcome.people / outcome.seconds:.1f} conversations/s, "
        f"{outcome.acts / outcome.seconds:.0f} acts/s; "
        f"waits: median {statistics.median(waits):.2f} s, 95 of 100 below {waits[int(0.95 * len(waits))]:.2f} s, "
        f"longest {waits[-1]:.2f} s\n"
        f"  the helpline's CPU: {outcome.cpu:.1f} s, {1000 * outcome.cpu / outcome.acts:.2f} ms an act "
        f"with {sum(outcome.calls.values()) / outcome.acts:.1f} HTTP calls each\n"
        f"  its memory afterwards: {outcome.memory[0]:.1f} MB, {outcome.memory[1]:.1f} MB at most\n"
        f"  calls: {', '.join(f'{name} {count}' for name, count in outcome.calls.most_common())}"
    )


def main() -> None:
    """Play one crowd; exits with 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--acts", type=int, default=12)
    parser.add_argument("--rest", type=float, default=30.0)
    asked = parser.parse_args()
    today = datetime.now(UTC)
    people = crowd(load(ROOT, today=today.date()), asked.people, acts=asked.acts, now=today)
    typer.echo(f"what people do: {share(people)}")
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        outcome = asyncio.run(play(people, Path(folder), rest=asked.rest))
    typer.echo(told(outcome))
    if outcome.wrong or outcome.undecided or outcome.aside or outcome.presses != outcome.answered:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
