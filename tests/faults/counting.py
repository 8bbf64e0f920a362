"""A loop that tests wait for, however slow its threads are, and whose process they halt."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Given = TypeVarTuple("Given")


class CountingLoop(asyncio.SelectorEventLoop):
    """A loop that knows what is done in threads for it: however slow these are, one can wait for them.

    `ahead`: for how many seconds it was halted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.in_threads: set[asyncio.Future[Any]] = set()
        self.ahead = 0.0

    def time(self) -> float:
        """Give the seconds of the clock by which it wakes whoever waits."""
        return super().time() + self.ahead

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Given]], T], *args: *Given
    ) -> asyncio.Future[T]:
        """Run a function in a thread."""
        done = super().run_in_executor(executor, func, *args)
        self.in_threads.add(done)
        done.add_done_callback(self.in_threads.discard)
        return done


def play(what: Coroutine[Any, Any, None]) -> None:
    """Let something happen on a loop that it can wait for."""
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(what)
