"""After an unclean stop: what waited is decided with care, and whoever hides now does not wait for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from bot.core.content import Content
from tests.bench.people import Act, Kind, Raw, raw
from tests.faults.counting import play
from tests.faults.schedule import Line

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DECIDED = text("SELECT lane, kind FROM outbox WHERE kind IN ('screen', 'wipe') ORDER BY id")


def test_hide_overtakes_what_an_unclean_stop_left(content: Content, tmp_path: Path) -> None:
    """Hide goes before all that still waits; what else is new of a person comes after what they wrote before."""
    play(_hide_after_a_crash(Line(tmp_path, content)))


async def _hide_after_a_crash(line: Line) -> None:
    await line.open()
    await line.receiver.updates([_does("says", "/start", chat=chat, number=chat) for chat in (1, 2, 3)])
    await line.crash()
    line.coming = [_does("says", "help", chat=2, number=4), _does("presses", "!hide", chat=3, number=5)]
    await line.open()
    await line.calm()
    decided = await _decided(line, chats=3)
    await line.crash()

    assert decided == [(1, "screen"), (3, "wipe"), (3, "screen"), (2, "screen"), (2, "screen")]


def _does(kind: Kind, data: str, *, chat: int, number: int) -> Raw:
    return raw(Act(kind, data), chat=chat, number=number, at=AT)


async def _decided(line: Line, *, chats: int) -> Sequence[tuple[int, str]]:
    """Give the chats for which something was decided, in order, and what kind of thing."""
    chat_of = {line.closer.lane(chat): chat for chat in range(1, chats + 1)}

    def read(connection: Connection) -> Sequence[tuple[int, str]]:
        return [(chat_of[lane], kind) for lane, kind in connection.execute(DECIDED)]

    return await line.store.database.read(read)
