"""The record of who did what with which case: only added to, each entry bound to all before it. It holds no content.

The links are keyed with the server key: who can write to the database alone cannot make a record that holds together.
So is the mark of its end, which stands beside it: who cuts entries off cannot make one that fits. Whoever has kept an
older mark can put that back with the record of then. So the number and the first digits of the last link are told each
morning, and links are logged: what is kept elsewhere shows whether the record still is what it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.errors import OperatorError
from bot.service.consoling import ConsoleStore, Entry
from bot.service.messaging import Clock
from bot.service.vaulting import Cipher

PAGE = 1000
DIGITS = 16
"""Of a link, in what people keep of it: 64 bits, too many to be met by trying, also with the server key."""
_KEPT = re.compile(rf"([1-9][0-9]{{0,17}})-([0-9a-f]{{{DIGITS}}})")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verified:
    """A record that holds together: how many entries, and the link of the last (32 hex digits, "" for none)."""

    entries: int
    last: str

    @property
    def end(self) -> str:
        """Give what may be kept elsewhere of this end, such as 1234-3fa91b2c77d0e8a4; "" of an empty record."""
        return f"{self.entries}-{self.last[:DIGITS]}" if self.entries else ""


class Audit:
    """Add to the record, and verify it."""

    def __init__(self, *, store: ConsoleStore, cipher: Cipher, clock: Clock) -> None:
        """Use these ports."""
        self._store = store
        self._cipher = cipher
        self._clock = clock

    async def note(self, who: int, act: str, *, case: str = "", cases: Sequence[str] = ()) -> None:
        """Record an act; it is on disk when this returns. Raises MachineError: then the act must not happen."""
        await self._record([Entry(self._clock.now(), who, act, case, tuple(cases))])

    async def note_each(self, who: int, act: str, cases: Sequence[str]) -> None:
        """Record an act on each of these cases (ids), all or none. Raises MachineError."""
        now = self._clock.now()
        if cases:
            await self._record([Entry(now, who, act, case) for case in cases])

    async def _record(self, entries: Sequence[Entry]) -> None:
        last = (await self._store.record(entries, self._link, self._mark))[-1]
        log.info("audit", seq=last.seq, act=last.entry.act, link=last.link)

    async def end(self) -> str:
        """Give the end of the record as people keep it; "" if there is none yet."""
        newest = await self._store.newest(before=None, limit=1)
        return Verified(newest[0].seq, newest[0].link).end if newest else ""

    async def verify(self, kept: str = "") -> Verified:
        """Follow the record from its first entry; raises OperatorError where it does not fit, or ends too early.

        `kept` is an end of it that was told before; it must still lie on the way.
        """
        number, digits = _read(kept)
        mark = await self._store.marked()  # first, for the record may grow meanwhile
        seq, link, is_whole = 0, "", mark is None
        while page := await self._store.recorded(after=seq, limit=PAGE):
            for one in page:
                if one.seq != seq + 1 or one.link != self._link(link, one.entry):
                    raise _altered(f"entry {seq + 1} is not what was written")
                seq, link = one.seq, one.link
                if seq == number and not link.startswith(digits):
                    raise _altered(f"entry {seq} is not the one whose end was kept")
                is_whole = mark is not None and (is_whole or mark == self._mark(seq, link))
        if not is_whole:
            raise _altered(f"it ends with entry {seq}, and that is not its end, or its end was not marked")
        if seq < number:
            raise _altered(f"it ends with entry {seq}, and entry {number} was told before: an older one was put back")
        return Verified(seq, link)

    def _link(self, before: str, entry: Entry) -> str:
        moment = int(entry.at.timestamp() * 1000)
        plain = f"{before}|{moment}|{entry.who}|{entry.act}|{entry.case}"
        if entry.cases:  # of another kind, so that they cannot be moved into the field of the one case
            return self._cipher.index("audit_search", f"{plain}|{' '.join(entry.cases)}")
        return self._cipher.index("audit", plain)

    def _mark(self, seq: int, link: str) -> str:
        return self._cipher.index("audit_end", f"{seq}|{link}")


def _read(kept: str) -> tuple[int, str]:
    """Take a kept end apart: the number of its entry (0 if none was kept) and digits; raises OperatorError."""
    if not kept:
        return 0, ""
    found = _KEPT.fullmatch(kept)
    if found is None:
        raise OperatorError("This is no end of a record: give it as the summary does, such as 1234-3fa91b2c77d0e8a4.")
    return int(found.group(1)), found.group(2)


def _altered(how: str) -> OperatorError:
    return OperatorError(
        f"The record of acts was altered: {how}. Keep this database as it is, and compare it with the newest backup."
    )
