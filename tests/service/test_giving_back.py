"""Rows that go back to the store are not overtaken by those that are handed over meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.content.loading import load
from bot.core.render import Message
from bot.service.closing import Closer
from bot.service.pacing import Pace
from bot.service.rows import OutboxRow
from bot.settings import ROOT
from bot.store.opening import open_store
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import create_server_key
from tests.bench.steps import TOKEN, _built
from tests.store.making import lease, save


def screen(key: str, *, now: datetime) -> OutboxRow:
    """Make a screen that is handed over as it is decided."""
    clear = (7, {"message": Message(text=key).model_dump(), "edit": None})
    return OutboxRow(key, "ann", b"", "screen", b"", now, state="leased", lease=TOKEN, clear=clear)


async def test_what_is_decided_meanwhile_goes_after_what_is_given_back(tmp_path: Path) -> None:
    """The second screen has to wait for long; the third, decided before that is written down, waits behind it."""
    now = datetime.now(UTC)
    content = load(ROOT, today=now.date())
    store = await open_store(f"sqlite:///{tmp_path}/data/helpline.db", tmp_path / "data")
    try:
        bench = _built(store, content, Closer(create_server_key(KeyFolder(tmp_path / "keys"))))
        for keys, pace in ((("1:0", "1:1"), Pace(0.01)), (("2:0",), Pace(0))):
            bench.sender.pace = pace
            bench.sender.hand(await save(store, at=now, outbox=[screen(key, now=now) for key in keys]), ())
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        running = asyncio.create_task(bench.sender.run())
        while bench.sender.is_busy:  # noqa: ASYNC110  # until everything is written down; it has no event for it
            await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.wait((running,))

        assert bench.messenger.screens == 1
        assert await lease(store, at=now) == []
        later = await lease(store, at=now + timedelta(minutes=5))
        assert [row.key for row in later] == ["1:1"]
    finally:
        await store.close()
