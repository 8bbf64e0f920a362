"""`./helpline bench`: what the helpline costs on this machine. The measures are the scripts of tests/bench."""

import subprocess
import sys
from enum import StrEnum
from typing import Annotated

import typer

from bot.cli.app import app
from bot.core.errors import OperatorError
from bot.settings import ROOT

BENCH = ROOT / "tests" / "bench"


class Measure(StrEnum):
    """What can be measured."""

    steps = "steps"
    sealing = "sealing"
    resting = "resting"
    crowd = "crowd"
    contenders = "contenders"
    queue = "queue"
    grow = "grow"


ABOUT = {
    Measure.steps: "Durable steps: an update in, decided, its replies handed to the sender (about 1 minute)",
    Measure.sealing: "Sealing a case to a team of six, granting one, working a password (seconds)",
    Measure.resting: "Start and rest: how soon it polls, what it holds in memory (about 1 minute)",
    Measure.crowd: "A thousand conversations at once, over HTTP (about 1 minute)",
    Measure.contenders: "Beside python-telegram-bot, aiogram and a bare loop: 50 people at once (about 3 minutes)",
    Measure.queue: "Pages of the console's list over 400,000 cases, over HTTP (6 minutes, 3 GB of disk)",
    Measure.grow: "Grown: 1.2 million people and 400,000 cases beside an empty store (10 minutes, 5 GB of disk)",
}
QUICK: dict[Measure, tuple[str, ...]] = {
    Measure.steps: ("--rounds", "1"),
    Measure.sealing: ("--rounds", "100"),
    Measure.resting: ("--rounds", "1", "--seconds", "5"),
    Measure.crowd: ("--people", "100", "--rest", "5"),
    Measure.contenders: ("--rounds", "1", "--conversations", "100"),
    Measure.queue: ("--cases", "4000", "--open", "400", "--rounds", "2", "--looks", "30"),
    Measure.grow: ("--people", "12000", "--cases", "4000", "--open", "400", "--rounds", "1", "--conversations", "50"),
}
USUAL = tuple(measure for measure in Measure if measure not in (Measure.queue, Measure.grow))
"""What is measured if nothing is named: what fills no large store."""


@app.command()
def bench(
    measures: Annotated[
        list[Measure] | None, typer.Argument(help="What to measure; all but queue and grow, if nothing is named.")
    ] = None,
    *,
    grow: Annotated[bool, typer.Option("--grow", help="Measure a grown store too: the same as naming grow.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A rough look in half a minute.")] = False,
) -> None:
    """Measure speed and memory. Nothing else should run meanwhile: the machine's load stands beside the figures."""
    if not BENCH.is_dir():
        raise OperatorError(f"{BENCH} is not there: the measures come with the tests; unpack the whole release.")
    _run("machine")
    named = [*(measures or ()), *((Measure.grow,) if grow else ())]
    for measure in dict.fromkeys(named or USUAL):
        typer.echo(f"\n== {ABOUT[measure]}")
        _run(measure, *(QUICK[measure] if quick else ()))
    typer.echo()
    _run("machine")


def _run(script: str, *arguments: str) -> None:
    """Run one script, each in a process of its own, so that none finds what another left in memory."""
    command = (sys.executable, "-m", f"tests.bench.{script}", *arguments)
    if subprocess.run(command, cwd=ROOT, check=False).returncode:  # noqa: S603 - no shell, and no word of anybody: each part stands in this file
        raise OperatorError(f"The measure {script} failed; what it said stands above.")
