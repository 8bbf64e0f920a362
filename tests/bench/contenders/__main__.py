"""What the helpline does and costs beside what people would otherwise use: the same intake, crowd and Bot API."""

import argparse
import asyncio
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import typer

from bot.content.loading import load
from bot.settings import ROOT
from tests.bench.contenders.apart import installed
from tests.bench.contenders.contest import CONTENDERS, HELPLINE, Crowd, Outcome, play
from tests.bench.contenders.intake import intake
from tests.bench.machine import described

HEAD = (
    f"{'':20} {'updates/s':>9} {'conv./s':>8} {'calls/upd.':>10} {'p50 ms':>7} {'p99 ms':>7} {'CPU ms/upd.':>11} "
    f"{'PSS MB':>7} {'RSS MB':>7} {'sandbox ms/upd.':>15}"
)


def contest(names: Sequence[str], crowd: Crowd, *, rounds: int, seed: int) -> dict[str, list[Outcome]]:
    """Play all contenders so many times, in another order each round."""
    now = datetime.now(UTC)
    turns = intake(load(ROOT, today=now.date()), now)
    python, dice, outcomes = installed(), Random(seed), defaultdict(list)
    for number in range(rounds):
        for name in dice.sample(names, len(names)):
            with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
                one = play(name, turns, crowd, python=python, folder=Path(folder), seed=seed + number)
                outcomes[name].append(asyncio.run(one))
            typer.echo(f"  round {number + 1}: {name}, {rate(outcomes[name][-1]):.0f} updates/s", err=True)
    return outcomes


def rate(outcome: Outcome) -> float:
    """Give updates a second."""
    return outcome.updates / outcome.seconds


def told(name: str, outcomes: Sequence[Outcome]) -> str:
    """Tell the medians of a contender's rounds."""

    def median(figures: list[float]) -> float:
        return statistics.median(figures)

    return (
        f"{name:20} {median([rate(one) for one in outcomes]):9.0f} "
        f"{median([one.conversations / one.seconds for one in outcomes]):8.1f} "
        f"{median([one.calls.total() / one.updates for one in outcomes]):10.2f} "
        f"{median([1000 * _below(one, 0.5) for one in outcomes]):7.0f} "
        f"{median([1000 * _below(one, 0.99) for one in outcomes]):7.0f} "
        f"{median([1000 * one.cpu / one.updates for one in outcomes]):11.2f} "
        f"{median([one.proportional for one in outcomes]):7.0f} "
        f"{median([one.resident for one in outcomes]):7.0f} "
        f"{median([1000 * one.ours / one.updates for one in outcomes]):15.2f}"
    )


def ratios(outcomes: dict[str, list[Outcome]]) -> str:
    """Tell how many times the updates a second of each other one the helpline does: medians of the rounds' ratios."""
    if HELPLINE not in outcomes:
        return ""
    told = []
    for name, others in outcomes.items():
        if name != HELPLINE:
            shares = [rate(one) / rate(other) for one, other in zip(outcomes[HELPLINE], others, strict=True)]
            told.append(f"{statistics.median(shares):.2f} x {name} ({min(shares):.2f}–{max(shares):.2f})")
    return "the helpline's updates/s: " + ", ".join(told)


def _below(outcome: Outcome, share: float) -> float:
    return outcome.waits[min(int(share * len(outcome.waits)), len(outcome.waits) - 1)]


def main() -> None:
    """Hold the contest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="how many talk at once")
    parser.add_argument("--conversations", type=int, default=400, help="how many in all, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay", help="milliseconds that every call of the Bot API takes, such as 50-100")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="may be given several times")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    least, _, most = (asked.delay or "").partition("-")
    crowd = Crowd(asked.people, asked.conversations, (int(least), int(most or least)) if asked.delay else None)
    typer.echo(described())
    outcomes = contest(asked.only or list(CONTENDERS), crowd, rounds=asked.rounds, seed=asked.seed)
    slow = f", every call taking {asked.delay} ms" if asked.delay else ""
    typer.echo(f"{crowd.people} people at once, {crowd.conversations} conversations{slow}; medians of {asked.rounds}")
    typer.echo(HEAD)
    for name in CONTENDERS:
        if name in outcomes:
            typer.echo(told(name, outcomes[name]))
    typer.echo(ratios(outcomes))
    typer.echo(described())


if __name__ == "__main__":
    main()
