"""The tables, one definition for SQLite and PostgreSQL. What each column may tell a thief is in `classified`.

A change here needs a revision in `migrations`; a test compares the two. Conditions of partial indexes are written as
literals, and queries use the very same objects: planners recognise nothing else.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
    literal_column,
)

from bot.core.casework import TO_DECIDE
from bot.store.columns import ID, Instant, Minute, Word

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
)


def one_of(column: ColumnElement[str], *states: str) -> ColumnElement[bool]:
    """Compare a state column with literals, not parameters, so that partial indexes are used."""
    literals: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    return column.in_(literals) if len(literals) > 1 else column == literals[0]


def _partial(name: str, *columns: ColumnElement[object], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# ── updates on their way in ──────────────────────────────────────────────────────────────────────────────────

inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("lane", Word, nullable=False),
    Column("source", Word, nullable=False),
    Column("key", Word, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("body", LargeBinary),
    Column("state", Word, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("source", "key"),
    # Ids are never used twice: rows are pruned, and outbox keys are made of them.
    sqlite_autoincrement=True,
)
is_waiting = one_of(inbox.c.state, "waiting")
is_aside = one_of(inbox.c.state, "aside")
_partial("ix_inbox_waiting", inbox.c.first.desc(), inbox.c.id, where=is_waiting)
_partial("ix_inbox_aside", inbox.c.id, where=is_aside)

conversations = Table(
    "conversations",
    metadata,
    Column("lane", Word, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("chat", LargeBinary, nullable=False),
    Column("updated_at", Minute, nullable=False),
)

# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────

cases = Table(
    "cases",
    metadata,
    # Times are to the minute, so only this tells which of a person's cases is the newest.
    Column("seq", ID, primary_key=True),
    Column("id", Word, nullable=False),
    Column("number", Word, nullable=False),
    Column("lane", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("mark", Word, nullable=False),
    Column("urgency", Word, nullable=False),
    Column("country", Word),
    Column("created_at", Minute, nullable=False),
    Column("updated_at", Minute, nullable=False),
    Column("assignee", BigInteger),
    Column("contact", Word, nullable=False),
    Column("language", Word, nullable=False),
    Column("unheard", Integer, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("seen_by", BigInteger),
    Column("closed_at", Minute),
    Column("held_at", Minute),
    UniqueConstraint("id"),
    UniqueConstraint("number"),
)
is_queued = one_of(cases.c.state, "new", "taken")
is_untaken = one_of(cases.c.state, "new")
is_taken = one_of(cases.c.state, "taken")
is_open = one_of(cases.c.state, "draft", "new", "taken")
is_closed = one_of(cases.c.state, "closed")
_partial("ix_cases_queue", cases.c.urgency, cases.c.created_at, cases.c.id, where=is_queued)
_partial("ix_cases_untaken", cases.c.urgency, cases.c.created_at, where=is_untaken)
_partial("ix_cases_lane", cases.c.lane, where=is_open)
_partial("ix_cases_country", cases.c.country, cases.c.urgency, cases.c.created_at, cases.c.id, where=is_queued)
_partial("ix_cases_assignee", cases.c.assignee, cases.c.urgency, cases.c.created_at, cases.c.id, where=is_taken)
is_let_go = and_(is_closed, one_of(cases.c.mark, *TO_DECIDE))
_partial("ix_cases_closed", cases.c.closed_at, where=is_closed)
_partial("ix_cases_let_go", cases.c.closed_at, where=is_let_go)
Index("ix_cases_history", cases.c.lane, cases.c.seq)
Index("ix_cases_near", cases.c.country, cases.c.created_at)


def _case() -> Column[str]:
    """Make a column that goes with its case: destroying a case is one statement."""
    return Column("case_id", Word, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False)


wraps = Table(
    "wraps",
    metadata,
    _case(),
    Column("recipient", Word, nullable=False),
    Column("wrap", LargeBinary, nullable=False),
    PrimaryKeyConstraint("case_id", "recipient"),
    Index("ix_wraps_recipient", "recipient"),
)

records = Table(
    "records",
    metadata,
    Column("seq", ID, primary_key=True),
    Column("id", Word, nullable=False),
    _case(),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Minute, nullable=False),
    Column("media", Boolean, nullable=False),
    Column("opened_at", Minute),
    Column("blob", Word),
    Column("described", LargeBinary),
    UniqueConstraint("id"),
    Index("ix_records_case", "case_id", "seq"),
)

has_blob = records.c.blob.is_not(None)
_partial("ix_records_blob", records.c.blob, where=has_blob)

fetches = Table(
    "fetches",
    metadata,
    Column("record", Word, ForeignKey("records.id", ondelete="CASCADE"), primary_key=True),
    Column("case_id", Word, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("due", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Index("ix_fetches_due", "due"),
)

timers = Table(
    "timers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("lane", Word, nullable=False),
    Column("name", Word, nullable=False),
    Column("case_id", Word, nullable=False),
    Column("due", Instant, nullable=False),
    Column("rev", Integer, nullable=False),
    UniqueConstraint("lane", "name", "case_id"),
    Index("ix_timers_due", "due"),
    # A timer set anew has a new id, so that dropping the one that fired cannot hit it.
    sqlite_autoincrement=True,
)

# ── messages on their way out ────────────────────────────────────────────────────────────────────────────────

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", Word, nullable=False),
    Column("lane", Word, nullable=False),
    Column("chat", LargeBinary),
    Column("kind", Word, nullable=False),
    Column("body", LargeBinary),
    Column("due", Instant, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", Word, nullable=False),
    Column("initiative", Boolean, nullable=False),
    Column("case_id", Word),
    Column("tries", Integer, nullable=False),
    Column("lease", Word),
    Column("lease_until", Instant),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("key"),
    sqlite_autoincrement=True,
)
is_unsettled = one_of(outbox.c.state, "ready", "asked", "held", "leased")
is_in_turn = one_of(outbox.c.state, "ready", "leased")
is_ready = one_of(outbox.c.state, "ready")
is_leased = one_of(outbox.c.state, "leased")
_partial("ix_outbox_turn", outbox.c.initiative, outbox.c.priority, outbox.c.due, outbox.c.id, where=is_in_turn)
_partial("ix_outbox_lane", outbox.c.lane, outbox.c.priority, outbox.c.id, where=is_unsettled)
_partial("ix_outbox_due", outbox.c.due, where=is_ready)
_partial("ix_outbox_leased", outbox.c.lease_until, where=is_leased)

ledger = Table(
    "ledger",
    metadata,
    Column("id", ID, primary_key=True),
    Column("lane", Word, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("mine", Boolean, nullable=False),
    Column("due", Instant),
    Column("record", Word),
    Index("ix_ledger_lane", "lane", "id"),
    Index("ix_ledger_due", "due"),
    sqlite_autoincrement=True,
)

cards = Table(
    "cards",
    metadata,
    Column("chat", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),
    _case(),
    Column("token", Word, nullable=False),
    PrimaryKeyConstraint("chat", "message"),
    Index("ix_cards_token", "token"),
    Index("ix_cards_case", "case_id"),
)

# ── the helpline itself ──────────────────────────────────────────────────────────────────────────────────────

operators = Table(
    "operators",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Word, nullable=False),
    Column("role", Word, nullable=False),
    Column("started", Boolean, nullable=False),
)

roster = Table(
    "roster",
    metadata,
    Column("operator", BigInteger, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    Column("day", Word, nullable=False),
    Column("hours", Word, nullable=False),
    PrimaryKeyConstraint("operator", "day"),
)

pages = Table(
    "pages",
    metadata,
    Column("case_id", Word, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("due", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_pages_due", "due"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("id", Word, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary),
    Column("active", Boolean, nullable=False),
)

invites = Table(
    "invites",
    metadata,
    Column(
        "operator", BigInteger, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("token", Word, nullable=False),
    Column("expires_at", Instant, nullable=False),
    UniqueConstraint("token"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Word, nullable=False),
    Column("labels", Word, nullable=False),
    Column("day", Word, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", "labels", "day"),
)

alarms = Table(
    "alarms",
    metadata,
    Column("code", Word, primary_key=True),
    Column("raised_at", Instant, nullable=False),
    Column("n", BigInteger, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("key", Word, primary_key=True),
    Column("value", Word, nullable=False),
)

# ── the console ──────────────────────────────────────────────────────────────────────────────────────────────

accounts = Table(
    "accounts",
    metadata,
    Column("operator", BigInteger, primary_key=True, autoincrement=False),
    Column("totp", LargeBinary, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("language", Word, nullable=False),
    Column("pin_recipe", LargeBinary),
    Column("pin_kept", LargeBinary),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Word, primary_key=True),
    Column("operator", BigInteger, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Column("role", Word, nullable=False),
    Column("began", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("paused", LargeBinary),
    Index("ix_sessions_operator", "operator"),
)

tries = Table(
    "tries",
    metadata,
    Column("name", Word, primary_key=True),
    Column("failed", BigInteger, nullable=False),
    Column("last", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", ID, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", BigInteger, nullable=False),
    Column("act", Word, nullable=False),
    Column("case_id", Word, nullable=False),
    Column("link", Word, nullable=False),
    Column("cases", Word),
    Index("ix_audit_case", "case_id", "who", "at"),
)
