"""How a screen comes into a chat: the newest message is the present one, whatever else lies there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.render import Message
from bot.service.closing import Closer
from bot.service.delivery import Delivered, Delivery
from bot.service.messaging import SendFailed
from bot.service.rows import Kept, OutboxRow
from bot.store.opening import Store, open_store
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import create_server_key
from tests.faults.schedule import Chats, SteppedClock
from tests.store.making import save

CHAT, OLDER, LIVE = 7, 40, 50


class Desk:
    """A delivery into one chat, whose live screen is LIVE."""

    def __init__(self, store: Store, closer: Closer) -> None:
        self.chats, self.clock = Chats(), SteppedClock()
        self.delivery = Delivery(
            closer=closer, messenger=self.chats, lanes=store.lanes, desk=store.desk, clock=self.clock, hide_label="Hide"
        )
        self.chats.messages[CHAT] = {OLDER: 0, LIVE: 0}

    def screen(self, *, pressed: int) -> OutboxRow:
        """Make the screen that follows a press."""
        clear = (CHAT, {"message": Message(text="next").model_dump(), "edit": pressed})
        return OutboxRow("1:0", "ann", b"", "screen", b"", self.clock.now(), clear=clear)

    async def carry(self, row: OutboxRow) -> Delivered:
        """Carry a row out; every call ends well."""
        carrying = asyncio.create_task(self.delivery.carry(row, CHAT))
        while not carrying.done():
            if self.chats.waiting:
                self.chats.waiting.pop(0)[1].set_result("ok")
            await asyncio.sleep(0)
        return await carrying


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Give a delivery on a store of its own."""
    store = await open_store(f"sqlite:///{tmp_path}/data/helpline.db", tmp_path / "data")
    closer = Closer(create_server_key(KeyFolder(tmp_path / "keys")))
    one = Desk(store, closer)
    await save(store, ledger=[Kept("ann", closer.message_id("ann", LIVE), one.clock.now(), live=True)])
    yield one
    await store.close()


async def test_a_press_edits_the_live_screen(desk: Desk) -> None:
    """The screen changes where the finger is; nothing new comes into the chat."""
    delivered = await desk.carry(desk.screen(pressed=LIVE))

    assert (delivered.message, set(desk.chats.messages[CHAT])) == (None, {OLDER, LIVE})


async def test_a_press_on_an_older_copy_is_answered_below_all_that_lies_there(desk: Desk) -> None:
    """What a dead process showed once more lies below it, and of that nobody knows: the next screen comes after it."""
    delivered = await desk.carry(desk.screen(pressed=OLDER))

    assert delivered.message is not None
    assert not {OLDER, LIVE} & set(desk.chats.messages[CHAT])


async def test_what_a_halted_process_was_about_to_send_it_sends_no_more(desk: Desk) -> None:
    """Another process has shown this screen and perhaps the next one; an edit that comes late cannot be taken back."""
    with pytest.raises(SendFailed):
        await desk.delivery.carry(desk.screen(pressed=LIVE), CHAT, until=desk.clock.now())

    assert desk.chats.waiting == []
