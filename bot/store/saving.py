"""Writing all that a batch changed, table by table: one statement each for any number of rows.

The order matters where rows meet: a case before its records, and what is cancelled or destroyed before what is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BindParameter,
    Connection,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    insert,
    null,
    update,
)

from bot.core.errors import MachineError
from bot.core.sending import RowKind
from bot.service.rows import Changes, OutboxRow, RowState
from bot.store import arrivals, desk_keys, holders, leasing, ledgers, rows, shredding
from bot.store.conflicts import put
from bot.store.schema import (
    cases,
    conversations,
    facts,
    fetches,
    inbox,
    is_unsettled,
    is_waiting,
    one_of,
    operators,
    outbox,
    pages,
    records,
    timers,
    wraps,
)

SCREENS: tuple[RowKind, ...] = ("screen", "notice")
REPLY: RowKind = "reply"
"""The kinds of rows that hide silences; an operator's reply returns to its card."""
OVER: frozenset[RowState] = frozenset({"sent", "cancelled", "undeliverable"})
"""The states in which a body is not needed any more. An unknown one keeps it: an operator may have to decide."""

_lanes: BindParameter[str] = bindparam("lanes", expanding=True)
_ids: BindParameter[str] = bindparam("ids", expanding=True)
_blank = {"body": null(), "chat": null()}
# A reply that no operator has confirmed yet is not on its way.
_is_going = one_of(outbox.c.state, "ready", "held", "leased")
is_returned = and_(_is_going, outbox.c.kind == REPLY, outbox.c.case_id.is_not(None))

_insert_case, _insert_wrap, _insert_record = insert(cases), insert(wraps), insert(records)
_insert_fetch, _insert_timer = insert(fetches), insert(timers)
_insert_row = insert(outbox).returning(outbox.c.id, outbox.c.key)
_change_case = update(cases).where(cases.c.id == bindparam("case"))
_open_record = update(records).where(
    records.c.id == bindparam("record"), records.c.case_id == bindparam("case"), records.c.opened_at.is_(None)
)
_deliver = update(outbox).where(one_of(outbox.c.state, "asked", "held"), outbox.c.key == bindparam("row"))
_release = (
    update(outbox)
    .where(is_unsettled, one_of(outbox.c.state, "held"), outbox.c.lane.in_(_lanes))
    .values(state="ready", initiative=False, due=bindparam("at"))
)
_release_notices = _release.where(outbox.c.kind != REPLY)
# What is out keeps its lease, so that `settle` knows it again when it arrives.
_cancel = (
    update(outbox)
    .where(is_unsettled, _is_going, outbox.c.lane.in_(_lanes), outbox.c.kind.in_(SCREENS) | is_returned)
    .values(state=case((outbox.c.kind == REPLY, "undeliverable"), else_="cancelled"), **_blank)
)
_clear_timer = delete(timers).where(
    timers.c.lane == bindparam("lane"), timers.c.name == bindparam("name"), timers.c.case_id == bindparam("case")
)
_done = update(inbox).where(is_waiting, inbox.c.id.in_(_ids)).values(state="done", body=null())


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save gives: rows for the sender, and the files of shredded cases, to be deleted after the commit."""

    rows: Sequence[OutboxRow]
    orphans: Sequence[str]
    released: bool


def save(connection: Connection, changes: Changes, *, lease: timedelta) -> Saved:
    """Write everything in the open transaction; new rows given as leased are out for `lease` with who wrote them."""
    at = changes.at or datetime.now(UTC)
    _save_lanes(connection, changes, at)
    _save_cases(connection, changes, at)
    released = _move_rows(connection, changes, at)
    orphans = shredding.shred(connection, changes.shred)
    sendable = _add_rows(connection, changes, at, until=at + lease)
    _save_timers(connection, changes)
    ledgers.forget(connection, changes.forget)
    ledgers.keep(connection, changes.ledger)
    ledgers.hurry(connection, changes.clear, at)
    arrivals.count(connection, changes.counts, at=at)
    _many(connection, put(connection, operators), [rows.operator_columns(one) for one in changes.operators])
    holders.log_out(connection, changes.logouts)
    _many(connection, put(connection, facts), [{"key": key, "value": to} for key, to in changes.facts.items()])
    if changes.done:
        connection.execute(_done, {"ids": changes.done})
    return Saved(sendable, orphans, released)


def _many(connection: Connection, statement: Executable, columns: Sequence[rows.Columns]) -> None:
    if columns:
        connection.execute(statement, columns)


def _save_lanes(connection: Connection, changes: Changes, at: datetime) -> None:
    columns = [
        {"lane": lane, "body": body, "chat": chat, "updated_at": at} for lane, (body, chat) in changes.lanes.items()
    ]
    _many(connection, put(connection, conversations), columns)


def _save_cases(connection: Connection, changes: Changes, at: datetime) -> None:
    if changes.sealed_to and changes.sealed_to != tuple(desk_keys.active(connection, locked=True)):
        raise MachineError("Keys were changed while a case was sealed to the ones before: it is decided again.")
    _many(connection, _insert_case, [rows.new_case_columns(new) for new in changes.new_cases])
    wrapped = [columns for new in changes.new_cases for columns in rows.wrap_columns(new.case.id, new.wraps)]
    _many(connection, _insert_wrap, wrapped)
    changed = [{"case": key, **rows.clear_columns(case)} for key, case in changes.cases.items()]
    _many(connection, _change_case, changed)
    after = {**{new.case.id: new.case for new in changes.new_cases}, **changes.cases}
    holders.narrow(connection, [key for key, case in after.items() if case.state == "closed"])
    _many(connection, _insert_record, [rows.record_columns(record) for record in changes.records])
    _many(connection, _insert_fetch, [rows.fetch_columns(fetch) for fetch in changes.fetches])
    opened = [{"case": case, "record": record, "opened_at": at} for case, record in changes.opened]
    _many(connection, _open_record, opened)
    called = [rows.page_columns(case, at) for case in changes.pages]
    _many(connection, put(connection, pages), called)


def _move_rows(connection: Connection, changes: Changes, at: datetime) -> bool:
    """Confirm, release and cancel rows written earlier; says whether any was released."""
    released = False
    for key, state, initiative, due in changes.deliver:
        blank: rows.Columns = {"body": None, "chat": None} if state in OVER else {}
        moved = {"row": key, "state": state, "initiative": initiative, "due": due, **blank}
        connection.execute(_deliver, moved)
    if changes.release:
        released = connection.execute(_release, {"lanes": changes.release, "at": at}).rowcount > 0
    if changes.release_notices:
        released |= connection.execute(_release_notices, {"lanes": changes.release_notices, "at": at}).rowcount > 0
    if changes.cancel:
        connection.execute(_cancel, {"lanes": changes.cancel})
    return released


def _add_rows(connection: Connection, changes: Changes, at: datetime, *, until: datetime) -> Sequence[OutboxRow]:
    if not changes.outbox:
        return ()
    held_back = leasing.held_back(connection, changes.outbox)
    new = [replace(row, state="ready", lease=None) if row.key in held_back else row for row in changes.outbox]
    columns = [rows.outbox_columns(row, at=at, until=until) for row in new]
    ids = {key: row for row, key in connection.execute(_insert_row, columns)}
    added = [replace(row, id=ids[row.key], made=row.made or at) for row in new]
    return [row for row in added if row.state in ("ready", "leased")]


def _save_timers(connection: Connection, changes: Changes) -> None:
    """Clear timers, and set others anew with new ids, so that dropping one that fired cannot hit its successor."""
    kept = [timer for timer in changes.timers if timer.case not in changes.shred]
    set_now = {(timer.lane, timer.name, timer.case): timer for timer in kept}
    cleared = [{"lane": lane, "name": name, "case": case} for lane, name, case in {*changes.clear_timers, *set_now}]
    _many(connection, _clear_timer, cleared)
    _many(connection, _insert_timer, [rows.timer_columns(timer) for timer in set_now.values()])
