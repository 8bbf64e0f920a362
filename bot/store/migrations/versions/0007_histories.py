"""Indexes on the cases of a chat, closed ones too, and on those of a country by time: what may belong together."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_cases_history", "cases", ["lane", "seq"])
    op.create_index("ix_cases_near", "cases", ["country", "created_at"])
