"""Fetch what people sent: streamed from the messenger straight into a sealed blob; nothing of it is ever clear on disk.

A file that cannot be fetched now is tried for 24 hours; after that the case says that an attachment is missing. It
never fails the case.
"""

import asyncio
import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.core.errors import MachineError
from bot.core.events import Attachment
from bot.service.closing import Closer
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.minting import new_id
from bot.service.rows import Fetch
from bot.service.storing import Blobs, DeskStore
from bot.service.vaulting import FileSealer, Sealer

AT_ONCE = 4
GIVE_UP = timedelta(hours=24)
FRAME = 64 * 1024
LOOK_AGAIN = 5.0
log = structlog.get_logger()


class Fetcher:
    """Download and seal the files of cases."""

    def __init__(
        self,
        *,
        closer: Closer,
        sealer: Sealer,
        desk: DeskStore,
        blobs: Blobs,
        messenger: Messenger,
        clock: Clock,
        alarm: Callable[[str], Awaitable[None]],
    ) -> None:
        """Use these ports."""
        self._closer = closer
        self._sealer = sealer
        self._desk = desk
        self._blobs = blobs
        self._messenger = messenger
        self._clock = clock
        self._alarm = alarm
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that there may be something to fetch."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch for ever."""
        while True:
            self._wake.clear()
            try:
                while await self.step():
                    pass
            except MachineError as error:
                log.error("fetch.machine_sick", error=str(error))
                await self._alarm("attachment")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):  # wait_for can swallow a cancellation
                    await self._wake.wait()

    async def step(self) -> int:
        """Fetch what is due, a few at once; gives how many were settled for good."""
        due = await self._desk.due_fetches(self._clock.now(), AT_ONCE)
        results = await asyncio.gather(*(self._one(fetch) for fetch in due), return_exceptions=True)
        sick = next((result for result in results if isinstance(result, BaseException)), None)
        if sick is not None:
            raise sick
        return sum(result for result in results if isinstance(result, int))

    async def _one(self, fetch: Fetch) -> int:
        keys = await self._desk.public_keys([fetch.case])
        if fetch.case not in keys:
            await self._desk.fetched(fetch, blob=None, sealed=None)
            return 1
        try:
            source = self._closer.open_body(f"fetches|{fetch.record}", fetch.source)
            await self._seal(fetch, Attachment.model_validate(source), keys[fetch.case])
        except SendFailed as failed:
            return await self._again(fetch, keys[fetch.case], failed)
        except MachineError:
            raise
        except Exception as error:  # noqa: BLE001 - one file that cannot be used must not stop the others
            log.error("fetch.failed", record=fetch.record, error=type(error).__name__)
            await self._alarm("attachment")
            return await self._again(fetch, keys[fetch.case], None)
        return 1

    async def _seal(self, fetch: Fetch, attachment: Attachment, public_key: bytes) -> None:
        """Stream the file into a blob; its digest is sealed beside it."""
        sealer = self._sealer.file(public_key, case=fetch.case, record=fetch.record)
        blob, counted = new_id(), _Counted(self._chunks(attachment))
        await self._blobs.write(blob, _sealed(sealer, counted))
        described = self._described(fetch, public_key, {"sha256": counted.digest.hexdigest(), "bytes": counted.size})
        await self._desk.fetched(fetch, blob=blob, sealed=described)

    def _chunks(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Give a file's bytes: the messenger's, or those that came with it."""
        return self._messenger.download(attachment.file) if attachment.content is None else _given(attachment.content)

    async def _again(self, fetch: Fetch, public_key: bytes, failed: SendFailed | None) -> int:
        """Try again later; a file that is gone for good, or past 24 hours, is marked missing."""
        now = self._clock.now()
        hopeless = failed is not None and failed.failure in ("malformed", "gone", "nothing") and fetch.tries >= 3
        if hopeless or now - (fetch.since or fetch.due) > GIVE_UP:
            await self._desk.fetched(fetch, blob=None, sealed=self._described(fetch, public_key, {"missing": True}))
            return 1
        await self._desk.postpone(fetch, now + timedelta(seconds=min(2 ** min(fetch.tries + 2, 12), 1800)))
        return 0

    def _described(self, fetch: Fetch, public_key: bytes, body: dict[str, object]) -> bytes:
        return self._sealer.record(public_key, body, case=fetch.case, record=fetch.record, kind="file")


async def _given(content: str) -> AsyncIterator[bytes]:
    yield b64decode(content)


class _Counted:
    """Pass chunks on, counting and hashing them."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.digest = hashlib.sha256()
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.digest.update(chunk)
            self.size += len(chunk)
            yield chunk


async def _sealed(sealer: FileSealer, chunks: _Counted) -> AsyncIterator[bytes]:
    """Cut into frames of 64 KiB and seal each; the last one is marked, so a cut file is noticed."""
    yield sealer.header()
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > FRAME:
            yield sealer.push(bytes(waiting[:FRAME]), last=False)
            del waiting[:FRAME]
    yield sealer.push(bytes(waiting), last=True)
