"""What a helpline costs that does nothing: how soon it polls, what it holds in memory, what it burns when idle."""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.sandbox import Sandbox, populate
from bot.settings import ROOT
from tests.bench.machine import cpu, most_resident, resident
from tests.bench.process import running


@dataclass(frozen=True, slots=True)
class Rest:
    """Seconds to the first poll, megabytes then and after the rest, the most ever, CPU seconds of start and rest."""

    started: float
    at_first: float
    rested: float
    most: float
    start_cpu: float
    rest_cpu: float


async def rest(folder: Path, *, seconds: float) -> Rest:
    """Start the helpline on what lies in a folder and leave it alone for so long."""
    async with Sandbox() as box, running(box, populate(box), folder) as helpline:
        at_first, start_cpu = resident(helpline.pid), cpu(helpline.pid)
        await asyncio.sleep(seconds)
        pid = helpline.pid
        return Rest(helpline.started, at_first, resident(pid), most_resident(pid), start_cpu, cpu(pid) - start_cpu)


def command(*arguments: str) -> float:
    """Run a command to its end; gives the seconds it took."""
    began = time.perf_counter()
    subprocess.run((sys.executable, "-m", "bot.cli", *arguments), check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def seconds_of(times: Sequence[float]) -> str:
    """Tell the least and the median of some times."""
    return f"least {min(times):.2f} s, median of {len(times)} {statistics.median(times):.2f} s"


def main() -> None:
    """Measure starts on an empty folder and on a known one, then one rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0)
    asked = parser.parse_args()
    firsts, agains = [], []
    for _ in range(asked.rounds):
        with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
            firsts.append(asyncio.run(rest(Path(folder), seconds=0)))
            agains.append(asyncio.run(rest(Path(folder), seconds=0)))
    helps = [command("--help") for _ in range(asked.rounds)]
    typer.echo(f"Start of `run` until it polls\n  on empty folders: {seconds_of([one.started for one in firsts])}")
    typer.echo(
        f"  again: {seconds_of([one.started for one in agains])}; CPU {min(one.start_cpu for one in agains):.2f} s"
    )
    typer.echo(f"Start of `--help`\n  {seconds_of(helps)}")
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        asyncio.run(rest(Path(folder), seconds=0))
        long = asyncio.run(rest(Path(folder), seconds=asked.seconds))
    typer.echo(
        f"Memory of `run` (VmRSS)\n  {long.rested:.1f} MB after {asked.seconds:.0f} s idle; "
        f"{long.at_first:.1f} MB at its first poll, {long.most:.1f} MB at most\n"
        f"  CPU while idle: {1000 * long.rest_cpu / max(asked.seconds, 1):.1f} ms a second"
    )


if __name__ == "__main__":
    main()
