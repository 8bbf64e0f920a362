"""Invites to a first login; when a case was closed and since when it is held, by which it is destroyed in time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add table and columns. What is closed was closed when it was changed last."""
    op.create_table(
        "invites",
        sa.Column("operator", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("operator", name="pk_invites"),
        sa.ForeignKeyConstraint(
            ["operator"], ["operators.id"], name="fk_invites_operator_operators", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token", name="uq_invites_token"),
    )
    op.add_column("cases", sa.Column("closed_at", sa.BigInteger()))
    op.add_column("cases", sa.Column("held_at", sa.BigInteger()))
    op.execute("UPDATE cases SET closed_at = updated_at WHERE state = 'closed'")
    where = sa.text("state = 'closed'")
    op.create_index("ix_cases_closed", "cases", ["closed_at"], sqlite_where=where, postgresql_where=where)
