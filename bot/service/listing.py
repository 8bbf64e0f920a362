"""The whole queue of open cases, for what must not stop at a page."""

from collections.abc import AsyncIterator
from datetime import datetime

from bot.service.rows import QueueItem
from bot.service.storing import DeskStore

PAGE = 500


async def whole_queue(desk: DeskStore) -> AsyncIterator[QueueItem]:
    """Give all open visible cases, page by page: urgency, then oldest first."""
    last: tuple[str, datetime, str] | None = None
    while items := await desk.queue(limit=PAGE, after=last):
        for item in items:
            yield item
        last = (items[-1].case.urgency, items[-1].case.created, items[-1].case.id)
