"""Between rows and values: what a table calls things, and what the house calls them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.core.clearing import A_DAY
from bot.core.roster import Duty, read_spans, spans_text
from bot.core.state import Case
from bot.service.rows import Fetch, InboxRow, Kept, NewCase, Operator, OutboxRow, Page, Record, Timer

Columns = dict[str, Any]


def clear_columns(case: Case) -> Columns:
    """Give the clear fields of a case, those that change, as columns."""
    return {
        "state": case.state,
        "mark": case.mark,
        "urgency": case.urgency,
        "country": case.country,
        "updated_at": case.updated,
        "assignee": case.assignee,
        "seen_by": case.seen_by,
        "contact": case.contact,
        "language": case.language,
        "unheard": case.unheard,
        "rev": case.rev,
        "closed_at": case.closed,
    }


def case_of(row: Row[Any]) -> Case:
    """Read a case from a row of `cases`."""
    return Case(
        id=row.id,
        number=row.number,
        state=row.state,
        mark=row.mark,
        urgency=row.urgency,
        country=row.country,
        created=row.created_at,
        updated=row.updated_at,
        assignee=row.assignee,
        seen_by=row.seen_by,
        contact=row.contact,
        language=row.language,
        unheard=row.unheard,
        rev=row.rev,
        closed=row.closed_at,
    )


def new_case_columns(new: NewCase) -> Columns:
    """Give a beginning case as columns."""
    fixed = {"id": new.case.id, "number": new.case.number, "created_at": new.case.created}
    return {**clear_columns(new.case), **fixed, "lane": new.lane, "public_key": new.public_key}


def wrap_columns(case: str, wraps: Sequence[tuple[str, bytes]]) -> list[Columns]:
    """Give a case's wraps as columns."""
    return [{"case_id": case, "recipient": recipient, "wrap": wrap} for recipient, wrap in wraps]


def record_columns(record: Record) -> Columns:
    """Give a sealed record as columns."""
    return {
        "id": record.id,
        "case_id": record.case,
        "sealed": record.sealed,
        "at": record.at,
        "media": record.media,
    }


def fetch_columns(fetch: Fetch) -> Columns:
    """Give a file to be downloaded as columns."""
    return {
        "record": fetch.record,
        "case_id": fetch.case,
        "source": fetch.source,
        "due": fetch.due,
        "tries": fetch.tries,
        "since": fetch.since or fetch.due,
    }


def fetch_of(row: Row[Any]) -> Fetch:
    """Read a file to be downloaded from a row of `fetches`."""
    return Fetch(record=row.record, case=row.case_id, source=row.source, due=row.due, tries=row.tries, since=row.since)


def timer_columns(timer: Timer) -> Columns:
    """Give a timer as columns; its id is the database's."""
    return {"lane": timer.lane, "name": timer.name, "case_id": timer.case, "due": timer.due, "rev": timer.rev}


def timer_of(row: Row[Any]) -> Timer:
    """Read a timer from a row of `timers`."""
    return Timer(lane=row.lane, name=row.name, case=row.case_id, due=row.due, rev=row.rev, id=row.id)


def inbox_row_of(row: Row[Any]) -> InboxRow:
    """Read a waiting row of `inbox`."""
    return InboxRow(id=row.id, lane=row.lane, source=row.source, body=row.body, at=row.received_at, tries=row.tries)


def outbox_columns(row: OutboxRow, *, at: datetime, until: datetime) -> Columns:
    """Give a new row of the outbox as columns; one given as leased is so `until`."""
    return {
        "key": row.key,
        "lane": row.lane,
        "chat": row.chat,
        "kind": row.kind,
        "body": row.body,
        "due": row.due,
        "priority": row.priority,
        "state": row.state,
        "initiative": row.initiative,
        "case_id": row.case,
        "tries": row.tries,
        "lease": row.lease if row.state == "leased" else None,
        "lease_until": until if row.state == "leased" else None,
        "made_at": row.made or at,
    }


def outbox_of(row: Row[Any], *, lease: str | None = None) -> OutboxRow:
    """Read a row of `outbox`, with a lease just taken; what was blanked is empty."""
    return OutboxRow(
        key=row.key,
        lane=row.lane,
        chat=row.chat or b"",
        kind=row.kind,
        body=row.body or b"",
        due=row.due,
        priority=row.priority,
        state=row.state,
        initiative=row.initiative,
        case=row.case_id,
        tries=row.tries,
        id=row.id,
        lease=lease or row.lease,
        made=row.made_at,
    )


def kept_columns(kept: Kept) -> Columns:
    """Give a message of a ledger as columns."""
    return {
        "lane": kept.lane,
        "message": kept.message,
        "at": kept.at,
        "live": kept.live,
        "mine": kept.mine,
        "due": kept.due or kept.at + A_DAY,
        "record": kept.record,
    }


def kept_of(row: Row[Any]) -> Kept:
    """Read a message from a row of `ledger`."""
    return Kept(
        lane=row.lane,
        message=row.message,
        at=row.at,
        live=row.live,
        mine=row.mine,
        due=row.due,
        record=row.record,
        id=row.id,
    )


def page_columns(case: str, due: datetime) -> Columns:
    """Give a call over the channel outside Telegram as columns."""
    return {"case_id": case, "due": due, "tries": 0}


def page_of(case: Row[Any], page: Row[Any]) -> Page:
    """Read such a call from a row of `cases` and its row of `pages`."""
    return Page(case=case_of(case), due=page.due, tries=page.tries)


def duty_columns(duty: Duty) -> Columns:
    """Give an entry of the roster as columns."""
    return {"operator": duty.operator, "day": duty.day, "hours": spans_text(duty.spans)}


def duty_of(row: Row[Any]) -> Duty:
    """Read an entry of the roster from a row of `roster`."""
    return Duty(operator=row.operator, day=row.day, spans=read_spans(row.hours))


def operator_columns(operator: Operator) -> Columns:
    """Give a listed operator as columns."""
    return {"id": operator.id, "name": operator.name, "role": operator.role, "started": operator.started}
