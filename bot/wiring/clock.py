"""The machine's clock; tests have one that they set."""

import asyncio
from datetime import UTC, datetime


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant."""
        return datetime.now(UTC)

    async def until(self, moment: datetime) -> None:
        """Wait until an instant has come."""
        await asyncio.sleep(max((moment - self.now()).total_seconds(), 0.0))
