"""What commands may ask of the helpline: over the socket while it runs, else directly under the lock.

A request and its answer are JSON objects. Sealed bytes go out as base64, never opened here: the passphrase never
reaches this process. Errors are told by whoever asked.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.core.duty import watch
from bot.core.errors import OperatorError
from bot.core.events import Desk, Opened
from bot.core.roles import RIGHTS, may
from bot.core.roster import Duty, read_days, read_spans, spans_text
from bot.service.auditing import Audit
from bot.service.cards import HOME
from bot.service.listing import whole_queue
from bot.service.locksmith import Locksmith
from bot.service.messaging import Clock
from bot.service.nights import MADE, TESTED
from bot.service.receiving import Receiver
from bot.service.requests import Reply, Request, pack, unpack
from bot.service.retention import days, set_days
from bot.service.rows import Operator, QueueItem, Record, SealedRecord
from bot.service.storing import DeskStore

RECENT = timedelta(days=1)
STANDING = frozenset({"provisional_key", "no_group"})
"""Alarms of a start, whose cause `check` looks for itself."""


class Office:
    """Answer the requests of commands."""

    def __init__(
        self,
        *,
        desk: DeskStore,
        receiver: Receiver,
        clock: Clock,
        changed: Callable[[], None],
        locksmith: Locksmith,
        audit: Audit,
    ) -> None:
        """Use these ports; `changed` makes the running helpline look at operators and recipients anew."""
        self._audit = audit
        self._desk = desk
        self._receiver = receiver
        self._clock = clock
        self._changed = changed
        self._acts: dict[str, Callable[[Request], Awaitable[Reply]]] = {
            "cases": self._cases,
            "case": self._case,
            "retention": self._retention,
            "hold": self._hold,
            "opened": self._opened,
            "operators": self._operators,
            "add_operator": self._add_operator,
            "remove_operator": self._remove_operator,
            "roster": self._roster,
            "set_duty": self._set_duty,
            "clear_duty": self._clear_duty,
            "verify_record": self._verify_record,
            "health": self._health,
            "backed_up": self._backed_up,
            **locksmith.acts,
        }

    async def answer(self, request: Request) -> Reply:
        """Answer one request; raises OperatorError for one that is not known or names nothing."""
        act = self._acts.get(str(request.get("do")))
        if act is None:
            raise OperatorError("The running helpline does not know this request; run the same version everywhere.")
        return await act(request)

    # ── cases ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _cases(self, request: Request) -> Reply:
        names = {operator.id: operator.name for operator in await self._desk.operators()}
        rows = []
        async for item in whole_queue(self._desk):
            case = item.case
            row = case.model_dump(
                mode="json", include={"number", "state", "urgency", "country", "contact", "language", "unheard", "mark"}
            )
            row |= {"created": case.created.isoformat(), "updated": case.updated.isoformat()}
            rows.append(row | {"assignee": names.get(case.assignee or 0)})
        return {"cases": rows}

    async def _case(self, request: Request) -> Reply:
        item = await self._item(request)
        wraps, records = await self._desk.dossier(item.case.id)
        held = await self._desk.held(item.case.id)
        keys = {}
        for recipient in wraps:
            found = await self._desk.wrapped(recipient)
            if found is not None:
                keys[recipient] = {"public": pack(found[0]), "wrapped": pack(found[1])}
        return {
            "case": item.case.model_dump(mode="json"),
            "wraps": {recipient: pack(wrap) for recipient, wrap in wraps.items()},
            "keys": keys,
            "records": [_record(record) for record in records],
            "public_key": pack((await self._desk.public_keys([item.case.id])).get(item.case.id)),
            "held": None if held is None else held.isoformat(),
        }

    async def _opened(self, request: Request) -> Reply:
        """Note that a human heard or saw a record; once."""
        item = await self._item(request)
        record = str(request.get("record"))
        _, records = await self._desk.dossier(item.case.id)
        if any(one.id == record and one.media and not one.opened for one in records):
            event = Opened(case=item.case.id, record=record)
            await self._receiver.event(item.lane, "opened", record, event)
        return {}

    async def _retention(self, request: Request) -> Reply:
        """Tell, and with `days` say, after how many days a closed case is destroyed."""
        if request.get("days") is not None:
            await set_days(self._desk, int(request["days"]))
        return {"days": await days(self._desk)}

    async def _hold(self, request: Request) -> Reply:
        """Keep a case from being destroyed, or no longer; the reason comes sealed to the case."""
        item = await self._item(request)
        now = self._clock.now()
        reason = Record(str(request["record"]), item.case.id, unpack(request["sealed"]), now)
        await self._desk.hold(item.case.id, since=now if request["held"] else None, reason=reason)
        return {}

    async def _item(self, request: Request) -> QueueItem:
        """Find a case by its number; raises OperatorError."""
        item = await self._desk.case(str(request.get("number", "")).upper())
        if item is None:
            raise OperatorError("There is no such number. `./helpline cases` lists those that are open.")
        return item

    # ── operators ────────────────────────────────────────────────────────────────────────────────────────────

    async def _operators(self, request: Request) -> Reply:
        people = await self._desk.operators()
        rows = [{"id": one.id, "name": one.name, "role": one.role, "started": one.started} for one in people]
        return {"operators": rows}

    async def _add_operator(self, request: Request) -> Reply:
        number, name = int(request["id"]), str(request["name"]).strip()
        if number <= 0 or not name:
            raise OperatorError("Give the numeric Telegram id of a person (positive) and a name.")
        role = str(request.get("role") or "operator")
        if role not in RIGHTS:
            raise OperatorError(f"There is no role '{role}': say one of {', '.join(RIGHTS)}.")
        before = next((one for one in await self._desk.operators() if one.id == number), None)
        # An admin gets no cards, and presses start anew if that changes.
        started = before is not None and before.started and may(role, "act")
        await self._desk.put_operator(Operator(number, name, role, started))
        self._changed()
        return {}

    async def _remove_operator(self, request: Request) -> Reply:
        number = int(request["id"])
        if not await self._desk.drop_operator(number):
            raise OperatorError("No operator has this id. `./helpline operators list` shows them.")
        self._changed()
        await self._give_back(number)
        return {}

    async def _give_back(self, operator: int) -> None:
        """Give back what an operator had taken, or only seen, who is gone: nobody would be woken for it otherwise."""
        async for item in whole_queue(self._desk):
            case = item.case
            act = "give_back" if case.assignee == operator else "unsee" if case.seen_by == operator else None
            if act is not None:
                event = Desk.model_validate({"act": act, "case": case.id, "operator": operator, "name": ""})
                await self._receiver.event(item.lane, "desk", f"removed:{case.id}:{case.rev}", event)

    # ── roster ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _roster(self, request: Request) -> Reply:
        """List the entries, and who is on duty now, whether they can be woken or not."""
        people, roster = {one.id: one for one in await self._desk.operators()}, await self._desk.roster()
        seen = watch(roster, HOME, self._clock.now())
        rows = [
            {"id": duty.operator, "name": people[duty.operator].name, "day": duty.day, "hours": spans_text(duty.spans)}
            for duty in roster.duties
            if duty.operator in people
        ]
        begins = seen.begins.isoformat() if seen.begins is not None else None
        return {"roster": rows, "on": list(seen.on), "begins": begins, "zone": HOME.key}

    async def _set_duty(self, request: Request) -> Reply:
        """List an operator on these days for these hours, in the place of what they had there."""
        operator = await self._one_operator(request)
        spans = read_spans(str(request["hours"]))
        days = read_days(str(request["days"]))
        await self._desk.put_duties([Duty(operator=operator.id, day=day, spans=spans) for day in days])
        self._changed()
        return {"started": operator.started}

    async def _clear_duty(self, request: Request) -> Reply:
        """Take an operator's entries of these days from the roster; without days, all of them."""
        operator = await self._one_operator(request)
        days = read_days(str(request["days"])) if request.get("days") else ()
        cleared = await self._desk.drop_duties(operator.id, days)
        self._changed()
        return {"cleared": cleared}

    async def _one_operator(self, request: Request) -> Operator:
        number = int(request["id"])
        found = next((one for one in await self._desk.operators() if one.id == number), None)
        if found is None:
            raise OperatorError("No operator has this id. `./helpline operators list` shows them.")
        return found

    # ── health ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _health(self, request: Request) -> Reply:
        return await health(self._desk, self._clock.now())

    async def _verify_record(self, request: Request) -> Reply:
        """Follow the record of acts at the console from its beginning, past an end of it that somebody kept."""
        verified = await self._audit.verify(str(request.get("kept") or ""))
        return {"entries": verified.entries, "end": verified.end}

    async def _backed_up(self, request: Request) -> Reply:
        """Note that a backup, which this process gave away sealed, lies safe where it was wanted."""
        await self._desk.put(MADE, self._clock.now().isoformat())
        return {}


async def health(desk: DeskStore, now: datetime) -> Reply:
    """Tell of the last backup, of the alarms of the last day, the newest first, and of whom a P1 would wake.

    `started` counts operators who pressed start, `listed` those of them whom the roster lists.
    """
    raised = [(code, at.isoformat()) for code, at in await alarms_lately(desk, now) if code not in STANDING]
    started = frozenset(operator.id for operator in await desk.operators() if operator.started)
    listed = (await desk.roster()).of(started).operators
    waking = {"started": len(started), "listed": len(listed)}
    return {"made": await desk.get(MADE), "tested": await desk.get(TESTED), "alarms": raised, **waking}


async def alarms_lately(desk: DeskStore, now: datetime) -> Sequence[tuple[str, datetime]]:
    """List the alarms of the last day by their codes, with when each was last raised, the newest first."""
    return await desk.raised(now - RECENT)


def _record(record: SealedRecord) -> Reply:
    return {
        "id": record.id,
        "sealed": pack(record.sealed),
        "at": record.at.isoformat(),
        "media": record.media,
        "opened": record.opened,
        "blob": record.blob,
        "described": pack(record.described),
    }
