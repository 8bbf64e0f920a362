"""The command, in a process that kills itself: `python -m tests.faults.dying decide|translate run`.

`decide`: whenever POISON is decided. `translate`: whenever it is read to be decided, and so also when it is given up.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, Never

from bot.cli.app import main
from bot.core.events import Said
from bot.service import inbox
from bot.wiring import building

POISON = "poison"


def die() -> Never:
    """Die as of kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def die_of_deciding() -> None:
    """Die when POISON is decided."""
    decide: Callable[..., object] = vars(inbox)["decide"]

    def deadly(content: object, session: object, event: object, now: datetime) -> object:
        if isinstance(event, Said) and event.text == POISON:
            die()
        return decide(content, session, event, now)

    setattr(inbox, "decide", deadly)  # noqa: B010 - mypy holds a function to be fixed


def die_of_translating() -> None:
    """Die when POISON is read for deciding, and so also when it is given up."""
    decider: Callable[..., object] = vars(building)["Decider"]

    def built(*, translate: Callable[..., object], **ports: object) -> object:
        def deadly(update: dict[str, Any], now: datetime) -> object:
            if update.get("message", {}).get("text") == POISON:
                die()
            return translate(update, now)

        return decider(translate=deadly, **ports)

    setattr(building, "Decider", built)  # noqa: B010 - mypy holds a class to be fixed


DEATHS = {"decide": die_of_deciding, "translate": die_of_translating}

if __name__ == "__main__":
    DEATHS[sys.argv.pop(1)]()
    main()
