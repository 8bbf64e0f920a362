"""The record of who did what with which case: only added to, each entry bound to all before it. It holds no content.

The links are keyed with the server key: who can write to the database alone cannot make a record that holds together.
So is the mark of its end, which stands beside it: who cuts entries off cannot make one that fits. Whoever has kept an
older mark can put that back with the record of then, so each link is logged as well: keep the logs elsewhere.
"""

from dataclasses import dataclass

import structlog

from bot.core.errors import OperatorError
from bot.service.consoling import ConsoleStore, Entry
from bot.service.messaging import Clock
from bot.service.vaulting import Cipher

PAGE = 1000
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verified:
    """A record that holds together: how many entries, and the link of the last (32 hex digits, "" for none)."""

    entries: int
    last: str


class Audit:
    """Add to the record, and verify it."""

    def __init__(self, *, store: ConsoleStore, cipher: Cipher, clock: Clock) -> None:
        """Use these ports."""
        self._store = store
        self._cipher = cipher
        self._clock = clock

    async def note(self, who: int, act: str, *, case: str = "") -> None:
        """Record an act; it is on disk when this returns. Raises MachineError: then the act must not happen."""
        entry = Entry(self._clock.now(), who, act, case)
        for one in await self._store.record([entry], self._link, self._mark):
            log.info("audit", seq=one.seq, act=act, link=one.link)

    async def verify(self) -> Verified:
        """Follow the record from its first entry; raises OperatorError where it does not fit, or ends too early."""
        mark = await self._store.marked()  # first, for the record may grow meanwhile
        seq, link, is_whole = 0, "", mark is None
        while page := await self._store.recorded(after=seq, limit=PAGE):
            for one in page:
                if one.seq != seq + 1 or one.link != self._link(link, one.entry):
                    raise _altered(f"entry {seq + 1} is not what was written")
                seq, link = one.seq, one.link
                is_whole = mark is not None and (is_whole or mark == self._mark(seq, link))
        if not is_whole:
            raise _altered(f"it ends with entry {seq}, and that is not its end, or its end was not marked")
        return Verified(seq, link)

    def _link(self, before: str, entry: Entry) -> str:
        moment = int(entry.at.timestamp() * 1000)
        return self._cipher.index("audit", f"{before}|{moment}|{entry.who}|{entry.act}|{entry.case}")

    def _mark(self, seq: int, link: str) -> str:
        return self._cipher.index("audit_end", f"{seq}|{link}")


def _altered(how: str) -> OperatorError:
    return OperatorError(
        f"The record of acts was altered: {how}. Keep this database as it is, and compare it with the newest backup."
    )
