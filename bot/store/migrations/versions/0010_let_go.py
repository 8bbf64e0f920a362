"""An index on closed cases whose person asked for them to go: they are looked for each hour."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    let_go = sa.text("state = 'closed' AND mark IN ('withdrawn', 'not_kept')")
    op.create_index("ix_cases_let_go", "cases", ["closed_at"], sqlite_where=let_go, postgresql_where=let_go)
