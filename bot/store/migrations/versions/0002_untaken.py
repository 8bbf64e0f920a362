"""An index on the cases that nobody has taken: how old the oldest is, is asked every minute."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the index."""
    where = sa.text("state = 'new'")
    op.create_index("ix_cases_untaken", "cases", ["urgency", "created_at"], sqlite_where=where, postgresql_where=where)
