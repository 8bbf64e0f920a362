"""What it costs that every operator has a key: a case's first sealing to a team, a grant, and one password's guess."""

import argparse
import statistics
import time
from collections.abc import Callable

import typer
from nacl.utils import random

from bot.service.vaulting import ORGANISATION, RECOVERY, Recipient, operator_recipient
from bot.vault.formats import pair_of
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import DEFAULT_COST
from bot.vault.sealing import CaseSealer

OPERATORS = 6
BODY = {"kind": "words", "text": "ខ្ញុំនៅជិតផ្សារធំ ផ្ទះពណ៌ស ជាន់ទីពីរ " * 20}


def measure(*, rounds: int) -> dict[str, float]:
    """Give medians in milliseconds of CPU: `first` sealing to six operators, the organisation and recovery; `grant`."""
    pairs = [pair_of(random(32)) for _ in range(OPERATORS + 2)]
    names = [ORGANISATION, RECOVERY, *(operator_recipient(one) for one in range(OPERATORS))]
    recipients = [Recipient(name, pair.public_key) for name, pair in zip(names, pairs, strict=True)]
    sealer, keyring = CaseSealer(), PasswordKeyring(DEFAULT_COST)

    def first() -> None:
        made = sealer.new_case(recipients)
        sealer.record(made.public_key, BODY, case="c", record="r", kind="record")

    wrap = dict(sealer.new_case(recipients).wraps)[names[2]]

    def grant() -> None:
        keyring.open_case(wrap, pairs[2].secret_key).grant(recipients[3])

    return {"first": _median(first, rounds), "grant": _median(grant, rounds)}


def _median(work: Callable[[], None], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    costs = measure(rounds=parser.parse_args().rounds)
    began = time.process_time()
    PasswordKeyring(DEFAULT_COST).make(operator_recipient(1), "an operator who is measured")
    typer.echo(
        f"A case and its first words, sealed to {OPERATORS} operators, the organisation and recovery: "
        f"median {costs['first']:.2f} ms of CPU\n"
        f"One older case granted to a newcomer: median {costs['grant']:.2f} ms; "
        f"one password worked: {1000 * (time.process_time() - began):.0f} ms"
    )


if __name__ == "__main__":
    main()
