"""What a person is told while the store cannot be written to: nothing, if it can be a moment later."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content.loading import load
from bot.core.errors import MachineError
from bot.service.closing import Closer
from bot.service.receiving import Receiver
from bot.settings import ROOT
from bot.store.opening import open_store
from bot.tg.translate import translate
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import create_server_key
from bot.wiring import RealClock
from tests.bench.people import Act, raw
from tests.postgres import Postgres

# What a sequence gave is not taken back when its transaction ends.
CUT = """
CREATE SEQUENCE inserts;
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('inserts') <= {times} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cut BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION cut();
"""


@pytest.mark.parametrize(("times", "told"), [(1, []), (2, [7])])
async def test_a_connection_that_is_cut_is_no_emergency(
    postgres: Postgres, tmp_path: Path, times: int, told: list[int]
) -> None:
    """Cut while an update is written, it is written over another connection; people hear only of what lasts."""
    database, heard = postgres.create(), list[int]()
    store = await open_store(postgres.url(database), tmp_path / "data")

    async def on_sick(chats: Sequence[int]) -> None:
        heard.extend(chats)

    try:
        postgres.execute(CUT.format(times=times), database)
        content = load(ROOT, today=datetime.now(UTC).date())
        receiver = Receiver(
            content=lambda: content,
            closer=Closer(create_server_key(KeyFolder(tmp_path / "keys"))),
            inbox=store.inbox,
            desk=store.desk,
            translate=translate,
            clock=RealClock(),
        )
        receiver.on_sick = on_sick
        update = raw(Act("says", "/start"), chat=7, number=1, at=datetime.now(UTC))
        with suppress(MachineError):
            await receiver.updates([update])

        assert (heard, len(await store.inbox.waiting())) == (told, int(not told))
    finally:
        await store.close()
