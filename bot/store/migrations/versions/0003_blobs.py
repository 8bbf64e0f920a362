"""An index on the names of sealed files: a start compares them with the folder, however many records there are."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the index."""
    where = sa.text("blob IS NOT NULL")
    op.create_index("ix_records_blob", "records", ["blob"], sqlite_where=where, postgresql_where=where)
