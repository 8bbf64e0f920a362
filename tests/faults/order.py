"""Random schedules: what a chat is shown is in order and whole, and nothing from before a hide comes after it."""

import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Connection, text

from bot.core.content import Content
from tests.bench.people import Act, raw
from tests.faults.counting import CountingLoop
from tests.faults.schedule import MOMENT, End, Line

PEOPLE = (1, 2)
WORDS = ("/start", "help", "they hit me")
HIDE = "!hide"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Thousands of commits are quicker there; these crashes are no power cuts."""


def search(content: Content, *, schedules: int, steps: int, seeded: int) -> None:
    """Try so many random schedules, the same ones for the same seed. Raises what the first that fails raises."""

    class Here(Schedule):
        pass

    Here.content = content
    chosen = settings(
        max_examples=schedules,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # what fails is told as it is: shrinking it takes minutes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(seeded)(Here), settings=chosen)


class Schedule(RuleBasedStateMachine):
    """People who write and hide, a decider that takes its steps, calls that end in any order, and crashes."""

    content: Content

    def __init__(self) -> None:
        super().__init__()
        self.loop = CountingLoop()
        self.folder = tempfile.TemporaryDirectory(prefix="helpline-order-", dir=MEMORY if MEMORY.is_dir() else None)
        self.number = 0

    def run(self, what: Coroutine[Any, Any, object]) -> None:
        """Do something, to its end."""
        self.loop.run_until_complete(what)

    @initialize()
    def open(self) -> None:
        """Begin with an empty store."""
        self.line = Line(Path(self.folder.name), self.content)
        self.run(self.line.open())

    @rule(chat=st.sampled_from(PEOPLE), words=st.sampled_from(WORDS), decided=st.booleans())
    def writes(self, chat: int, words: str, *, decided: bool = False) -> None:
        """Somebody writes, and it may be decided at once."""
        self._comes(Act("says", words), chat)
        if decided:
            self.decides()

    @rule(chat=st.sampled_from(PEOPLE))
    def hides(self, chat: int) -> None:
        """Somebody presses hide."""
        self._comes(Act("presses", HIDE), chat)

    def _comes(self, act: Act, chat: int) -> None:
        self.number += 1
        self.line.clock.put_forward(MOMENT)
        update = raw(act, chat=chat, number=self.number, at=self.line.clock.now())
        self.run(self.line.receiver.updates([update]))

    @rule()
    def decides(self) -> None:
        """Decide what waits."""

        async def step() -> None:
            await self.line.decider.step()
            await self.line.rest()

        self.run(step())

    @rule(at=st.integers(0, 1), end=st.sampled_from(("ok", "busy", "busy", "failed", "lost")))
    def ends(self, at: int, end: End) -> None:
        """Let a call end, if one is under way.

        That is no precondition: it may take a moment longer another time, and Hypothesis wants the same choices.
        """
        if self.line.chats.waiting:
            self.run(self.line.end(at, end))

    @rule()
    def falls_sick(self) -> None:
        """Let no result be written from now on."""
        self.line.outbox.is_sick = True

    @rule(seconds=st.sampled_from((1, 61)))
    def passes(self, seconds: int) -> None:
        """Let time pass; the store is well again."""

        async def later() -> None:
            self.line.outbox.is_sick = False
            self.line.clock.put_forward(timedelta(seconds=seconds))
            self.line.sender.wake()
            await self.line.rest()

        self.run(later())

    @rule(sender_first=st.booleans())
    def crashes(self, *, sender_first: bool) -> None:
        """Kill the process, and start another."""

        async def again() -> None:
            await self.line.crash()
            await self.line.open(sender_first=sender_first)

        self.run(again())

    def teardown(self) -> None:
        """Let everything come to rest, and look at the chats."""
        try:
            if hasattr(self, "line"):
                self.run(self.line.calm())
                self.check()
        finally:
            if hasattr(self, "line"):
                self.run(self.line.crash())
            self.loop.close()
            self.folder.cleanup()

    def check(self) -> None:
        """Every screen that was not hidden was shown; each chat shows its newest, and nothing from before a hide."""
        ghosts = self.line.chats.ghosts
        for chat in PEOPLE:
            rows = self._rows(chat)
            screens = [row for row, kind, state in rows if kind == "screen" and state != "cancelled"]
            wipe = max((row for row, kind, _ in rows if kind == "wipe"), default=0)
            assert {*screens} <= self.line.chats.shown, "a screen is missing"
            there = list(self.line.chats.messages[chat].values())
            if screens:
                assert there[-1] == max(screens), "an older screen is the newest there"
            known = [row for message, row in self.line.chats.messages[chat].items() if message not in ghosts]
            assert all(row > wipe for row in known), "something from before a hide is there"

    def _rows(self, chat: int) -> list[tuple[int, str, str]]:
        query = text("SELECT id, kind, state FROM outbox WHERE lane = :lane ORDER BY id")

        def read(connection: Connection) -> list[tuple[int, str, str]]:
            found = connection.execute(query, {"lane": self.line.closer.lane(chat)})
            return [(int(row), str(kind), str(state)) for row, kind, state in found]

        return self.loop.run_until_complete(self.line.store.database.read(read))
