"""The console: accounts, sessions, failed logins, the record of acts, and the queue by country and by assignee."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables and indexes."""
    op.create_table(
        "accounts",
        sa.Column("operator", sa.BigInteger, nullable=False),
        sa.Column("totp", sa.LargeBinary, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("operator", name="pk_accounts"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("operator", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_operator", "sessions", ["operator"])
    op.create_table(
        "tries",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tries"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_case", "audit", ["case_id", "who", "at"])
    _index_cases("ix_cases_country", "country", where="state IN ('new', 'taken')")
    _index_cases("ix_cases_assignee", "assignee", where="state = 'taken'")


def _index_cases(name: str, column: str, *, where: str) -> None:
    only = sa.text(where)
    columns = [column, "urgency", "created_at", "id"]
    op.create_index(name, "cases", columns, sqlite_where=only, postgresql_where=only)
