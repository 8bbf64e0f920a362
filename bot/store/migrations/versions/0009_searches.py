"""The record of acts: the cases that a search opened."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column."""
    op.add_column("audit", sa.Column("cases", sa.Text))
