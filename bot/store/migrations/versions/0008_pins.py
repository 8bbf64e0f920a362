"""PINs: what is kept of an operator's, and a session's secret in a pause; whoever was logged in logs in again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns, and end all sessions: they were begun by other rules."""
    op.add_column("accounts", sa.Column("pin_recipe", sa.LargeBinary))
    op.add_column("accounts", sa.Column("pin_kept", sa.LargeBinary))
    op.add_column("sessions", sa.Column("paused", sa.LargeBinary))
    op.execute("DELETE FROM sessions")
