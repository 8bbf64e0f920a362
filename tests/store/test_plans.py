"""Every query of the hot path and of the queue has an index and stays flat as tables grow."""

from typing import Any

import pytest
from sqlalchemy import ClauseElement, Connection, Executable, event
from sqlalchemy.dialects import postgresql, sqlite

from bot.service.consoling import Wanted
from bot.store import (
    batch,
    claiming,
    console,
    console_queue,
    desk_cases,
    desk_errands,
    desk_forgetting,
    desk_keys,
    gauges,
    inbox,
    lanes,
    leasing,
    ledgers,
    outbox,
    saving,
    shredding,
)
from bot.store.opening import Store
from tests.store.making import NOW

LIST = ["a", "b"]
STATEMENTS: dict[str, tuple[Any, dict[str, object]]] = {
    "waiting rows": (claiming._waiting, {"limit": 64}),
    "places of waiting rows": (claiming._places, {"limit": 512}),
    "rows of lanes": (claiming._of_lanes, {"ids": [1, 2], "limit": 64}),
    "one row": (claiming._alone, {"row": 1}),
    "hides that came after": (inbox._overtaking, {"row": 1}),
    "who came after": (inbox._came_after, {"row": 1}),
    "rows set aside": (inbox._aside, {}),
    "conversations": (lanes._conversations, {"lanes": LIST}),
    "open cases": (lanes._cases, {"lanes": LIST}),
    "public keys": (lanes._public_keys, {"ids": LIST}),
    "ledger": (ledgers._of_lanes, {"lanes": LIST}),
    "whose turn": (leasing._in_turn, {"now": NOW, "limit": 64, "full": LIST}),
    "lanes with a row out": (leasing._out_now, {"lanes": LIST, "now": NOW}),
    "what goes before new rows": (leasing._in_the_way, {"lanes": LIST, "token": "a"}),
    "first waiting row": (leasing._first_waiting, {"lane": "a", "now": NOW}),
    "still ours": (leasing._is_mine, {"row": 1, "token": "a", "now": NOW}),
    "next due": (leasing._next_ready, {}),
    "next lease that runs out": (leasing._next_run_out, {}),
    "rows out": (outbox._out, {"ids": [1, 2]}),
    "a row by key": (outbox._by_key, {"key": "1:0"}),
    "replies hide returns": (batch._replies, {"lanes": LIST}),
    "release": (saving._release, {"lanes": LIST, "at": NOW}),
    "release but for replies": (saving._release_notices, {"lanes": LIST, "at": NOW}),
    "cancel": (saving._cancel, {"lanes": LIST}),
    "done": (saving._done, {"ids": [1, 2]}),
    "shredded rows": (shredding._shred_rows, {"ids": LIST}),
    "closed cases that were let go": (desk_forgetting._let_go, {"limit": 50}),
    "files of a case": (desk_forgetting._files, {"case": "a"}),
    "shredded timers": (shredding._shred_timers, {"ids": LIST}),
    "orphans": (shredding._orphans, {"ids": LIST}),
    "marks of strays": (ledgers._marks, {}),
    "strays": (ledgers._by_ids, {"ids": [1, 2]}),
    "chats to be forgotten": (shredding._forget, {"lanes": LIST, "silent": NOW}),
    "expired cases": (desk_forgetting._expired, {"closed": NOW, "limit": 50}),
    "wraps to be granted": (desk_keys._ungranted, {"holder": "a", "to": "b", "after": "", "limit": 200}),
    "not live": (ledgers._not_live, {"lanes": LIST}),
    "queue": (desk_cases._queue, {"limit": 50}),
    "queue, next page": (desk_cases._queue_after, {"limit": 50, "urgency": "P2", "created": NOW, "case": "c"}),
    "oldest of an urgency": (desk_cases._oldest, {"urgency": "P3", "limit": 40}),
    "cases without a card": (desk_cases._uncarded, {"chat": -1, "also": LIST, "limit": 50}),
    "case by number": (desk_cases._by_number, {"number": "N"}),
    "card by token": (desk_cases._card_of_token, {"token": "t"}),
    "card by place": (desk_cases._card_lying_at, {"chat": 1, "message": 2}),
    "lane of a case": (desk_cases._lane, {"case": "c"}),
    "records": (desk_cases._records, {"case": "c"}),
    "cases of a chat": (desk_cases._of_lane, {"lane": "a", "limit": 50}),
    "cases begun before": (desk_cases._before, {"country": "TH", "at": NOW, "bound": NOW, "not_of": "a", "limit": 9}),
    "cases begun after": (desk_cases._after, {"country": "TH", "at": NOW, "bound": NOW, "not_of": "a", "limit": 9}),
    "due timers": (desk_errands._due_timers, {"now": NOW, "limit": 9}),
    "strayed timers": (desk_errands._strayed_timers, {"name": "untaken", "latest": NOW, "limit": 9}),
    "next timer": (desk_errands._next_timer, {}),
    "how much came": (gauges._came, {}),
    "how much was set aside": (gauges._parked, {}),
    "how much goes out": (gauges._going, {"soon": NOW}),
    "how much is untaken": (gauges._untaken, {"urgency": "P1"}),
    "queue of an operator": (console_queue.part_of(Wanted(assignee=1), after=False), {"limit": 50, "assignee": 1}),
    "queue of what nobody took": (console_queue.part_of(Wanted(untaken=True), after=False), {"limit": 50}),
    "queue of a country": (console_queue.part_of(Wanted(country="a"), after=False), {"limit": 50, "country": "a"}),
    "queue of an urgency": (console_queue.part_of(Wanted(urgency="P1"), after=False), {"limit": 50, "urgency": "P1"}),
    **{f"how many are {name}": (query, {"assignee": 1}) for name, query in console_queue._open.items()},
    "is an act waiting": (console_queue._waiting, {"source": "console", "key": "k"}),
    "unsent replies": (console_queue._unsent, {"lane": "l", "case": "c", "now": NOW}),
    "reasons given": (console._reason, {"number": 1, "case": "c", "since": NOW}),
    "an operator's sessions": (console._sessions, {"number": 1}),
    "due fetches": (desk_errands._due_fetches, {"now": NOW, "limit": 9}),
    "due pages": (desk_errands._due_pages, {"now": NOW, "limit": 9}),
    "cases of pages": (desk_errands._cases_of, {"ids": LIST}),
}


def plan_of(connection: Connection, statement: Executable, asked: dict[str, object]) -> list[str]:
    """Run a statement and ask SQLite how it did."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, sql: str, values: Any, *___: object) -> None:
        seen.append((sql, values))

    event.listen(connection, "before_cursor_execute", note)
    connection.execute(statement, asked).close()
    event.remove(connection, "before_cursor_execute", note)
    sql, values = seen[0]
    return [found.detail for found in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("statement", [statement for statement, _ in STATEMENTS.values()], ids=list(STATEMENTS))
def test_every_statement_can_be_written_for_postgresql(statement: ClauseElement) -> None:
    """Both engines are asked with the same statements."""
    assert str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy's own


def test_replicas_pass_over_what_another_has_taken() -> None:
    """On PostgreSQL rows are claimed with SKIP LOCKED; SQLite has one writer and needs no word for it."""
    claims = [desk_errands._claim_fetches, desk_errands._claim_pages, leasing._in_turn]
    lite = [str(claim.compile(dialect=sqlite.dialect())) for claim in claims]
    grown = [str(claim.compile(dialect=postgresql.dialect())) for claim in claims]  # type: ignore[no-untyped-call] # ditto

    assert all("SKIP LOCKED" in sql for sql in grown)
    assert not any("LOCKED" in sql for sql in lite)


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_table_is_read_through(lite: Store, name: str) -> None:
    """A statement goes by an index; it sorts at most the few rows that it looked up."""
    plan = await lite.database.write(plan_of, *STATEMENTS[name])

    assert [step for step in plan if step.startswith("SCAN") and "INDEX" not in step] == []
    assert not (plan[0].startswith("SCAN") and any("ORDER BY" in step for step in plan))


async def test_a_card_is_looked_up_by_its_case(lite: Store) -> None:
    """By its chat it would be one of all that ever lay in the operators' group, for each case anew."""
    plan = await lite.database.write(plan_of, *STATEMENTS["cases without a card"])

    assert any("ix_cards_case" in step for step in plan)
