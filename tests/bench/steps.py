"""What one durable step costs: an update in, committed; decided, committed; its replies handed to the sender.

Everything is real but HTTP: the shipped content, a SQLite file on disk, the server key, sealed cases. CPU is that of
the whole process, the store's threads included. Afterwards the replies are carried to a messenger that takes them at
once, which shows what sending costs beside HTTP.
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
import typer

from bot.cli.serving import settle_memory
from bot.content.loading import load
from bot.core.content import Content
from bot.core.events import Attachment
from bot.core.render import Button, Message, both
from bot.service.closing import Closer
from bot.service.delivery import Delivery
from bot.service.deskwork import Deskwork
from bot.service.folding import Folding
from bot.service.household import Household, Seats
from bot.service.inbox import BATCH, Decider
from bot.service.jobs import Answer
from bot.service.messaging import Standing
from bot.service.outbox import IN_FLIGHT, Sender
from bot.service.pacing import Pace
from bot.service.permission import Permission
from bot.service.receiving import Receiver
from bot.service.rows import OutboxRow
from bot.service.vaulting import Recipient
from bot.settings import ROOT
from bot.store.opening import Store, open_store
from bot.tg.translate import translate
from bot.vault.key_files import KeyFolder
from bot.vault.recovery import new_recovery
from bot.vault.sealing import CaseSealer
from bot.vault.server_key import create_server_key
from bot.wiring import RealClock
from tests.bench import calls
from tests.bench.people import Act, Raw, crowd, raw, share

TOKEN = "bench"
GROUP = -1001


class Nobody:
    """A messenger that takes everything at once and sends nothing; it counts the screens of people."""

    def __init__(self) -> None:
        self.sent = 0
        self.screens = 0

    async def send(self, chat: int, message: Message, *, reply_to: int | None = None) -> int:
        self.sent += 1
        self.screens += chat > 0
        return self.sent

    async def send_file(self, chat: int, attachment: Attachment, caption: str, rows: Sequence[Sequence[Button]]) -> int:
        return await self.send(chat, Message(text=caption))

    async def edit(self, chat: int, message_id: int, message: Message) -> None:
        self.screens += chat > 0

    async def edit_buttons(self, chat: int, message_id: int, rows: Sequence[Sequence[Button]]) -> None:
        return None

    async def delete(self, chat: int, message_ids: Sequence[int]) -> tuple[int, ...]:
        return ()

    async def answer(self, callback: str, text: str = "", *, alert: bool = False) -> None:
        return None

    async def download(self, file: str) -> AsyncGenerator[bytes, None]:
        yield b""

    async def standing(self, chat: int, person: int) -> Standing:
        """Tell nothing else than that the bot may do all."""
        return Standing(present=True, may_delete=True)

    async def leave(self, chat: int) -> None:
        return None

    async def name(self) -> tuple[int, str]:
        return 1, "helpline_bot"


@dataclass
class Bench:
    """The helpline's parts from the inbox to the sender, and what was handed over."""

    store: Store
    receiver: Receiver
    decider: Decider
    sender: Sender
    messenger: Nobody
    rows: list[OutboxRow] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    async def step(self, updates: Sequence[Raw]) -> tuple[float, float]:
        """Take updates in and decide them; gives the CPU seconds of receiving and of deciding."""
        began = time.process_time()
        await self.receiver.updates(updates)
        received = time.process_time()
        while await self.decider.step() == BATCH:
            pass
        return received - began, time.process_time() - received

    async def carry(self) -> tuple[int, float]:
        """Carry all that was handed over; gives the number of rows and the CPU seconds."""
        rows, answers = list(self.rows), list(self.answers)
        self.rows.clear()
        self.answers.clear()
        began = time.process_time()
        self.sender.hand(rows, answers)
        while self.sender.is_busy:  # noqa: ASYNC110 - only a bench waits for it to rest
            await asyncio.sleep(0.001)
        return len(rows), time.process_time() - began


@asynccontextmanager
async def opened(folder: Path, content: Content) -> AsyncIterator[Bench]:
    """Open a helpline with nobody in it, whose cases are sealed to two recipients."""
    store = await open_store(f"sqlite:///{folder}/data/helpline.db", folder / "data")
    try:
        for name in ("organisation", "recovery"):
            await store.desk.put_recipient(Recipient(name, new_recovery().public_key))
        bench = _built(store, content, Closer(create_server_key(KeyFolder(folder / "keys"))))
        sending = asyncio.create_task(bench.sender.run())
        yield bench
        sending.cancel()
        await asyncio.wait((sending,))
    finally:
        await store.close()


def _built(store: Store, content: Content, closer: Closer) -> Bench:
    clock, messenger = RealClock(), Nobody()
    rows: list[OutboxRow] = []
    answers: list[Answer] = []

    def hand(ready: Sequence[OutboxRow], presses: Sequence[Answer]) -> None:
        rows.extend(ready)
        answers.extend(presses)

    receiver = Receiver(
        content=lambda: content,
        closer=closer,
        inbox=store.inbox,
        desk=store.desk,
        translate=translate,
        clock=clock,
    )
    decider = Decider(
        content=lambda: content,
        closer=closer,
        sealer=CaseSealer(),
        inbox=store.inbox,
        deskwork=Deskwork(desk=store.desk, closer=closer, free=lambda: 0, recorded=_nothing),
        translate=translate,
        clock=clock,
        household=Household(desk=store.desk, clock=clock, seats=Seats(GROUP, None, trial=False)),
        hand=hand,
        alarm=_fail,
        token=TOKEN,
        unlimited=True,
    )
    sender = _sender(store, content, closer, messenger=messenger, receiver=receiver)
    return Bench(store, receiver, decider, sender, messenger, rows, answers)


async def _nothing() -> str:
    """Nobody is at the console here."""
    return ""


async def _fail(code: str) -> None:
    raise AssertionError(code)


def _sender(store: Store, content: Content, closer: Closer, *, messenger: Nobody, receiver: Receiver) -> Sender:
    clock, pace = RealClock(), Pace(0)
    delivery = Delivery(
        closer=closer,
        messenger=messenger,
        lanes=store.lanes,
        desk=store.desk,
        clock=clock,
        hide_label=both(content, content.phrases["button_hide"]),
    )
    return Sender(
        permission=Permission(content=lambda: content, closer=closer, lanes=store.lanes, clock=clock, token=TOKEN),
        outbox=store.outbox,
        folding=Folding(content=lambda: content, desk=store.desk, messenger=messenger, clock=clock, pace=pace),
        delivery=delivery,
        messenger=messenger,
        receiver=receiver,
        clock=clock,
        pace=pace,
        alarm=_fail,
        token=TOKEN,
    )


@dataclass
class Costs:
    """Milliseconds of CPU: receiving and deciding by step, and carrying by row handed over."""

    receive: list[float] = field(default_factory=list)
    decide: list[float] = field(default_factory=list)
    carry: list[float] = field(default_factory=list)
    steps: int = 0
    rows: int = 0
    seconds: float = 0.0


async def play(bench: Bench, people: Sequence[Sequence[Act]], *, batch: int) -> Costs:
    """Play all people side by side, act by act, so many updates a batch."""
    costs = Costs()
    for number in range(len(people[0])):
        for first in range(0, len(people), batch):
            chats = range(first, min(first + batch, len(people)))
            now = datetime.now(UTC)
            updates = [raw(people[chat][number], chat=chat + 1, number=number, at=now) for chat in chats]
            began = time.perf_counter()
            receive, decide = await bench.step(updates)
            costs.seconds += time.perf_counter() - began
            rows, carry = await bench.carry()
            costs.receive.append(1000 * receive / len(updates))
            costs.decide.append(1000 * decide / len(updates))
            costs.carry.append(1000 * carry / max(rows, 1))
            costs.steps += len(updates)
            costs.rows += rows
    return costs


async def measure(content: Content, *, people: int, acts: int, batch: int) -> Costs:
    """Measure one round on a store of its own."""
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        async with opened(Path(folder), content) as bench:
            return await play(bench, crowd(content, people, acts=acts), batch=batch)


def told(name: str, rounds: Sequence[Costs]) -> str:
    """Tell the costs of one size of batch, over all rounds."""
    means = [statistics.fmean(one.receive) + statistics.fmean(one.decide) for one in rounds]
    steps = sorted(r + d for one in rounds for r, d in zip(one.receive, one.decide, strict=True))
    receive, decide, carry = (
        statistics.median(cost for one in rounds for cost in getattr(one, part))
        for part in ("receive", "decide", "carry")
    )
    rate = sum(one.steps for one in rounds) / sum(one.seconds for one in rounds)
    return (
        f"{name}\n"
        f"  CPU a step, mean of a round: {_least(means)}\n"
        f"  CPU a step, each: median {statistics.median(steps):.3f} ms "
        f"(receive {receive:.3f}, decide {decide:.3f}), 95 of 100 below {steps[int(0.95 * len(steps))]:.3f} ms\n"
        f"  beside it: carrying and settling a reply {carry:.3f} ms without HTTP; {rate:.0f} steps/s by the clock"
    )


def _least(costs: Sequence[float]) -> str:
    return f"least {min(costs):.3f} ms, median of {len(costs)} {statistics.median(costs):.3f} ms"


def main() -> None:
    """Measure a step alone and in a full batch, in turns, so that a busy moment hits both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--acts", type=int, default=25)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    content = load(ROOT, today=datetime.now(UTC).date())
    settle_memory()  # as `run` does
    typer.echo(f"what people do: {share(crowd(content, BATCH, acts=asked.acts))}")
    alone, full, http = [], [], []
    for _ in range(asked.rounds):
        alone.append(asyncio.run(measure(content, people=8, acts=asked.acts, batch=1)))
        full.append(asyncio.run(measure(content, people=2 * BATCH, acts=asked.acts, batch=BATCH)))
        http.append(asyncio.run(calls.measure(content, calls=320)))
    typer.echo(told("A step alone (a batch of one)", alone))
    typer.echo(told(f"A step in a full batch ({BATCH})", full))
    typer.echo(
        "HTTP, apart: one sendMessage of the first screen\n"
        f"  CPU a call alone: {_least([one.alone for one in http])}; "
        f"{IN_FLIGHT} at once: {_least([one.together for one in http])}"
    )


if __name__ == "__main__":
    main()
