"""Who is on duty when, who has seen an untaken urgent case, and calls over the channel outside Telegram."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the roster, the calls and the column."""
    op.add_column("cases", sa.Column("seen_by", sa.BigInteger))
    op.create_table(
        "roster",
        sa.Column("operator", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("operator", "day", name="pk_roster"),
        sa.ForeignKeyConstraint(
            ["operator"], ["operators.id"], ondelete="CASCADE", name="fk_roster_operator_operators"
        ),
    )
    op.create_table(
        "pages",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_pages"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE", name="fk_pages_case_id_cases"),
    )
    op.create_index("ix_pages_due", "pages", ["due"])
