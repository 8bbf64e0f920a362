"""What the console reads and writes beside cases: accounts, sessions, failed logins, the record of acts."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from bot.core.values import Language
from bot.service.consoling import Account, ConsoleStore, Entry, Link, Mark, Pin, Recorded, Session, Tries
from bot.store.conflicts import put
from bot.store.console_queue import ConsoleQueue
from bot.store.database import Database
from bot.store.locks import lock_for_transaction
from bot.store.rows import Columns
from bot.store.schema import accounts, audit, cases, facts, sessions, tries

REASON = "reason:"
"""An act of the record that says why a colleague's case was opened begins so."""
SESSION = tuple(one.name for one in fields(Session))
"""Columns are named as the fields, and go in their order."""
_RECORD = "audit"
RECORD_END = "record_end"
"""The fact in which the end of the record is marked."""

_account = select(accounts).where(accounts.c.operator == bindparam("number"))
_use = (
    update(accounts)
    .where(accounts.c.operator == bindparam("number"), accounts.c.used < bindparam("step"))
    .values(used=bindparam("step"))
    .returning(accounts.c.operator)
)
_put_pin = update(accounts).where(accounts.c.operator == bindparam("number"))
_speak = update(accounts).where(accounts.c.operator == bindparam("number")).values(language=bindparam("spoken"))
_session = select(sessions).where(sessions.c.id == bindparam("ident"))
_sessions = select(sessions).where(sessions.c.operator == bindparam("number")).order_by(sessions.c.began.desc())
_touch = update(sessions).where(sessions.c.id == bindparam("ident")).values(seen=bindparam("at"))
_end = delete(sessions).where(sessions.c.id == bindparam("ident"))
_end_all = delete(sessions).where(sessions.c.operator == bindparam("number"))
_idle = sessions.c.seen <= bindparam("at", type_=sessions.c.seen.type)
_pause = update(sessions).where(_idle, sessions.c.paused.is_not(None), sessions.c.kept != b"").values(kept=b"")
_end_idle = delete(sessions).where(_idle, sessions.c.paused.is_(None))
_old_sessions = delete(sessions).where(sessions.c.began < bindparam("at", type_=sessions.c.began.type))
_tries = select(tries).where(tries.c.name == bindparam("typed"))
_succeeded = delete(tries).where(tries.c.name == bindparam("typed"))
_old_tries = delete(tries).where(tries.c.last < bindparam("at", type_=tries.c.last.type))
_last = select(audit.c.seq, audit.c.link).order_by(audit.c.seq.desc()).limit(1)
_mark = select(facts.c.value).where(facts.c.key == RECORD_END)
_recorded = select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(bindparam("limit"))
_newest = select(audit).order_by(audit.c.seq.desc()).limit(bindparam("limit"))
_newest_before = _newest.where(audit.c.seq < bindparam("before"))
_entry = select(audit).where(audit.c.seq == bindparam("seq"))
_numbers = select(cases.c.id, cases.c.number).where(cases.c.id.in_(bindparam("ids", expanding=True)))
_reason = (
    select(audit.c.seq)
    .where(audit.c.case_id == bindparam("case"), audit.c.who == bindparam("number"))
    .where(audit.c.at >= bindparam("since", type_=audit.c.at.type), audit.c.act.startswith(REASON))
    .limit(1)
)


class SqlConsole(ConsoleQueue, ConsoleStore):
    """The console on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def account(self, operator: int) -> Account | None:
        """Give an operator's account; None before the first login."""
        row = await self._first(_account, {"number": operator})
        if row is None:
            return None
        pin = None if row.pin_kept is None else Pin(row.pin_recipe, row.pin_kept)
        return Account(row.operator, row.totp, row.used, cast(Language, row.language), pin)

    async def put_account(self, account: Account) -> None:
        """Add or change one."""
        columns = {"operator": account.operator, "totp": account.totp, "used": account.used}
        columns |= {"language": account.language, **_pin_columns(account.pin)}
        await self._write(lambda one: one.execute(put(one, accounts), columns))

    async def put_pin(self, operator: int, pin: Pin) -> None:
        """Keep an operator's PIN, in the place of the one before."""
        changed = _put_pin.values(_pin_columns(pin))
        await self._write(lambda one: one.execute(changed, {"number": operator}))

    async def use_code(self, operator: int, step: int) -> bool:
        """Note that the code of a step was used; False if that or a later one was used before."""
        asked = {"number": operator, "step": step}
        return await self._database.write(lambda one: one.execute(_use, asked).first() is not None)

    async def speak(self, operator: int, language: Language) -> None:
        """Keep the language an operator reads."""
        await self._write(lambda one: one.execute(_speak, {"number": operator, "spoken": language}))

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────

    async def begin(self, session: Session) -> None:
        """Put a session in the place of all others of its operator."""
        columns = {name: getattr(session, name) for name in SESSION}

        def begun(connection: Connection) -> None:
            connection.execute(_end_all, {"number": session.operator})
            connection.execute(insert(sessions), columns)

        await self._database.write(begun)

    async def session(self, ident: str) -> Session | None:
        """Give a session by its id."""
        row = await self._first(_session, {"ident": ident})
        return None if row is None else _session_of(row)

    async def sessions(self, operator: int) -> Sequence[Session]:
        """List an operator's sessions, the newest first."""
        return [_session_of(row) for row in await self._all(_sessions, {"number": operator})]

    async def touch(self, ident: str, seen: datetime) -> None:
        """Note that a session was used."""
        await self._write(lambda one: one.execute(_touch, {"ident": ident, "at": seen}))

    async def end(self, ident: str) -> None:
        """End a session."""
        await self._write(lambda one: one.execute(_end, {"ident": ident}))

    async def end_all(self, operator: int) -> None:
        """End all sessions of an operator."""
        await self._write(lambda one: one.execute(_end_all, {"number": operator}))

    async def pause(self, seen: datetime) -> None:
        """Let what was last used at an instant or before pause, or end where there is no PIN."""

        def paused(connection: Connection) -> None:
            connection.execute(_pause, {"at": seen})
            connection.execute(_end_idle, {"at": seen})

        await self._database.write(paused)

    async def prune(self, *, began: datetime, tried: datetime) -> None:
        """Forget sessions begun before an instant, and failures before another."""

        def pruned(connection: Connection) -> None:
            connection.execute(_old_sessions, {"at": began})
            connection.execute(_old_tries, {"at": tried})

        await self._database.write(pruned)

    # ── failed logins ────────────────────────────────────────────────────────────────────────────────────────

    async def tries(self, name: str) -> Tries:
        """Give the failed logins under a name."""
        row = await self._first(_tries, {"typed": name})
        return Tries() if row is None else Tries(row.failed, row.last)

    async def failed(self, name: str, at: datetime) -> None:
        """Count a failed login under a name."""
        columns = {"name": name, "failed": 1, "last": at}
        await self._write(lambda one: one.execute(put(one, tries, add_to="failed"), columns))

    async def succeeded(self, name: str) -> None:
        """Forget the failed logins under a name."""
        await self._write(lambda one: one.execute(_succeeded, {"typed": name}))

    # ── the record ───────────────────────────────────────────────────────────────────────────────────────────

    async def record(self, entries: Sequence[Entry], link: Link, mark: Mark) -> Sequence[Recorded]:
        """Add entries to the record, in their order, one after the other for all processes, and mark its new end."""
        return await self._database.write(_add, entries, link, mark)

    async def marked(self) -> str | None:
        """Give the mark of the record's end; None if there is none."""
        return await self._database.read(lambda one: one.scalars(_mark).first())

    async def recorded(self, *, after: int, limit: int) -> Sequence[Recorded]:
        """List the record from the oldest, from behind a place."""
        return [_recorded_of(row) for row in await self._all(_recorded, {"after": after, "limit": limit})]

    async def newest(self, *, before: int | None, limit: int) -> Sequence[Recorded]:
        """List the record from the newest, from before a place (None: from the end)."""
        statement = _newest if before is None else _newest_before
        asked = {"limit": limit} if before is None else {"limit": limit, "before": before}
        return [_recorded_of(row) for row in await self._all(statement, asked)]

    async def entry(self, seq: int) -> Recorded | None:
        """Give one entry of the record by its number."""
        row = await self._first(_entry, {"seq": seq})
        return None if row is None else _recorded_of(row)

    async def numbers(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Give the numbers of cases by their ids, of those that are still there."""
        return {row.id: row.number for row in await self._all(_numbers, {"ids": list(ids)})}

    async def has_reason(self, operator: int, case: str, since: datetime) -> bool:
        """Say whether an operator gave a reason for opening a colleague's case since an instant."""
        return await self._first(_reason, {"number": operator, "case": case, "since": since}) is not None

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _first(self, statement: Any, asked: Columns) -> Row[Any] | None:
        return await self._database.read(lambda one: one.execute(statement, asked).first())

    async def _all(self, statement: Any, asked: Columns) -> Sequence[Row[Any]]:
        return await self._database.read(lambda one: one.execute(statement, asked).all())

    async def _write(self, work: Any) -> None:
        await self._database.write(lambda one: work(one).close())


def _session_of(row: Row[Any]) -> Session:
    return Session(*(getattr(row, name) for name in SESSION))


def _pin_columns(pin: Pin | None) -> Columns:
    return {"pin_recipe": None if pin is None else pin.recipe, "pin_kept": None if pin is None else pin.kept}


def _recorded_of(row: Row[Any]) -> Recorded:
    entry = Entry(row.at, row.who, row.act, row.case_id, tuple((row.cases or "").split()))
    return Recorded(row.seq, entry, row.link)


def _add(connection: Connection, entries: Sequence[Entry], link: Link, mark: Mark) -> Sequence[Recorded]:
    """Add to the end. SQLite has one writer; on PostgreSQL others wait until this is committed."""
    if connection.dialect.name != "sqlite":
        lock_for_transaction(connection, _RECORD)
    last = connection.execute(_last).first()
    seq, before = (last.seq, last.link) if last is not None else (0, "")
    is_whole = connection.scalars(_mark).first() == (mark(seq, before) if seq else None)
    added = []
    for entry in entries:
        seq, before = seq + 1, link(before, entry)
        added.append(Recorded(seq, entry, before))
    columns = [
        {"seq": one.seq, "at": one.entry.at, "who": one.entry.who, "act": one.entry.act, "link": one.link}
        | {"case_id": one.entry.case, "cases": " ".join(one.entry.cases) or None}
        for one in added
    ]
    connection.execute(insert(audit), columns)
    if is_whole:
        connection.execute(put(connection, facts), {"key": RECORD_END, "value": mark(seq, before)})
    return added
