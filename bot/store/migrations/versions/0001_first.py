"""The first schema.

Types are plain ones here: what a column was made as must not change when `bot.store.columns` does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger
TEXT = sa.Text
BYTES = sa.LargeBinary


def upgrade() -> None:
    """Make every table."""
    _inbox()
    _cases()
    _of_cases()
    _timers()
    _outbox()
    _chats()
    _helpline()


def _partial(name: str, table: str, columns: list[str | sa.TextClause], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("first", sa.Boolean, nullable=False),
        sa.Column("body", BYTES),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("source", "key", name="uq_inbox_source_key"),
        sqlite_autoincrement=True,
    )
    _partial("ix_inbox_waiting", "inbox", [sa.text("first DESC"), "id"], "state = 'waiting'")
    _partial("ix_inbox_aside", "inbox", ["id"], "state = 'aside'")


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("seq", ID, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("urgency", TEXT, nullable=False),
        sa.Column("country", TEXT),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("assignee", sa.BigInteger),
        sa.Column("contact", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("unheard", sa.Integer, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("public_key", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_cases"),
        sa.UniqueConstraint("id", name="uq_cases_id"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
    )
    _partial("ix_cases_queue", "cases", ["urgency", "created_at", "id"], "state IN ('new', 'taken')")
    _partial("ix_cases_lane", "cases", ["lane"], "state IN ('draft', 'new', 'taken')")


def _of_cases() -> None:
    op.create_table(
        "wraps",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("wrap", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "recipient", name="pk_wraps"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_wraps_case_id_cases", ondelete="CASCADE"),
    )
    op.create_index("ix_wraps_recipient", "wraps", ["recipient"])
    op.create_table(
        "records",
        sa.Column("seq", ID, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("sealed", BYTES, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("media", sa.Boolean, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("blob", TEXT),
        sa.Column("described", BYTES),
        sa.PrimaryKeyConstraint("seq", name="pk_records"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_records_case_id_cases", ondelete="CASCADE"),
        sa.UniqueConstraint("id", name="uq_records_id"),
    )
    op.create_index("ix_records_case", "records", ["case_id", "seq"])
    op.create_table(
        "fetches",
        sa.Column("record", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("source", BYTES, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_fetches"),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name="fk_fetches_record_records", ondelete="CASCADE"),
    )
    op.create_index("ix_fetches_due", "fetches", ["due"])


def _timers() -> None:
    op.create_table(
        "timers",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint("lane", "name", "case_id", name="uq_timers_lane_name_case_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_timers_due", "timers", ["due"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("chat", BYTES),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("body", BYTES),
        sa.Column("due", TIME, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("initiative", sa.Boolean, nullable=False),
        sa.Column("case_id", TEXT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("lease", TEXT),
        sa.Column("lease_until", TIME),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    turn: list[str | sa.TextClause] = ["initiative", "priority", "due", "id"]
    _partial("ix_outbox_turn", "outbox", turn, "state IN ('ready', 'leased')")
    unsettled = "state IN ('ready', 'asked', 'held', 'leased')"
    _partial("ix_outbox_lane", "outbox", ["lane", "priority", "id"], unsettled)
    _partial("ix_outbox_due", "outbox", ["due"], "state = 'ready'")
    _partial("ix_outbox_leased", "outbox", ["lease_until"], "state = 'leased'")


def _chats() -> None:
    op.create_table(
        "conversations",
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("chat", BYTES, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("lane", name="pk_conversations"),
    )
    op.create_table(
        "ledger",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("message", BYTES, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("mine", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_lane", "ledger", ["lane", "id"])
    op.create_table(
        "cards",
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("message", sa.BigInteger, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("chat", "message", name="pk_cards"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_cards_case_id_cases", ondelete="CASCADE"),
    )
    op.create_index("ix_cards_token", "cards", ["token"])
    op.create_index("ix_cards_case", "cards", ["case_id"])


def _helpline() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("started", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
    )
    op.create_table(
        "recipients",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("public_key", BYTES, nullable=False),
        sa.Column("wrapped", BYTES),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipients"),
    )
    op.create_table(
        "counters",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("labels", TEXT, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", "day", name="pk_counters"),
    )
    op.create_table(
        "alarms",
        sa.Column("code", TEXT, nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_alarms"),
    )
    op.create_table(
        "facts",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_facts"),
    )
